"""Map the folders of the checkout to one installed package, `gan_bench`; pyproject.toml has the rest."""

from setuptools import find_namespace_packages, setup

NAMESPACE = "bench/package/gan_bench"
FOLDERS = ("bench", "variants", "datasets", "reports")
found = find_namespace_packages(  # folders of data, such as bench/suites, are packages too
    include=[pattern for name in FOLDERS for pattern in (name, f"{name}.*")], exclude=["bench.package*"]
)

setup(
    packages=["gan_bench", *(f"gan_bench.{name}" for name in found)],
    package_dir={"gan_bench": NAMESPACE, **{f"gan_bench.{name}": name for name in FOLDERS}},
)
