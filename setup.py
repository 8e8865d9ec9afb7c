"""Map the folders of the checkout to one installed package, `gan_bench`; pyproject.toml has the rest."""

import gzip
import os
import tarfile
from pathlib import Path

from setuptools import find_namespace_packages, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.sdist import sdist

NAMESPACE = "bench/package/gan_bench"
FOLDERS = ("bench", "variants", "datasets", "reports")
found = find_namespace_packages(  # folders of data, such as bench/suites, are packages too
    include=[pattern for name in FOLDERS for pattern in (name, f"{name}.*")], exclude=["bench.package*"]
)


class RepeatableSdist(sdist):
    """A source distribution of the same bytes for the same files, whose time is SOURCE_DATE_EPOCH."""

    def make_archive(self, base_name, format, root_dir=None, base_dir=None, owner=None, group=None):
        """Write the archive; without SOURCE_DATE_EPOCH as setuptools does."""
        epoch = os.environ.get("SOURCE_DATE_EPOCH")
        if epoch is None or format != "gztar":
            return super().make_archive(base_name, format, root_dir, base_dir, owner, group)
        name = f"{base_name}.tar.gz"
        with (
            open(name, "wb") as file,
            gzip.GzipFile("", "wb", fileobj=file, mtime=int(epoch)) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            for path in sorted(Path(base_dir).rglob("*")):
                archive.add(path, recursive=False, filter=lambda entry: _plain(entry, int(epoch)))
        return name


def _plain(entry, epoch):
    """Return an entry of an archive without owner, time and umask."""
    entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = epoch, 0, 0, "", ""
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


class RepeatableWheel(bdist_wheel):
    """A wheel of the same bytes for the same files: setuptools sets the time, this the modes."""

    def write_wheelfile(self, *arguments, **options):
        """Write the last file of the wheel, then set the modes of all."""
        super().write_wheelfile(*arguments, **options)
        for path in Path(self.bdist_dir).rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)


setup(
    packages=["gan_bench", *(f"gan_bench.{name}" for name in found)],
    package_dir={"gan_bench": NAMESPACE, **{f"gan_bench.{name}": name for name in FOLDERS}},
    cmdclass={"sdist": RepeatableSdist, "bdist_wheel": RepeatableWheel},
)
