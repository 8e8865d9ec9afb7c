"""Are `datasets`, `variants` and `reports` ours? Other distributions use these names too."""

from __future__ import annotations

import importlib.util
from importlib import metadata
from pathlib import Path

from bench.errors import UsageError

PACKAGES = ("datasets", "variants", "reports")


def check_packages() -> None:
    """Raise UsageError where another distribution's package would be imported in place of one of ours.

    Nothing is imported: the other one may be slow, or fail.
    """
    home = Path(__file__).resolve().parent.parent
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        where = Path(spec.origin).resolve().parent if spec and spec.origin else None
        if where == home / name:
            continue
        if where is None:
            raise UsageError(f"package {name!r} of gan-bench is missing from {home}; install gan-bench again")
        owners = metadata.packages_distributions().get(name, [])
        others = [owner for owner in dict.fromkeys(owners) if owner != "gan-bench"]
        whose = f"of the distribution {' or '.join(others)!r} " if others else ""
        if name == "datasets" and "datasets" in others:
            whose = "of Hugging Face's distribution 'datasets' "
        raise UsageError(
            f"Python finds a package {name!r} {whose}at {where}, which hides the one of gan-bench at "
            f"{home / name}; use an environment without it, or run from the folder of gan-bench"
        )
