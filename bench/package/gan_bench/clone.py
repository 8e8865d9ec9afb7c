"""Old import names in a source checkout: `variants.base` is the module `gan_bench.variants.base`."""

from __future__ import annotations

import importlib.util
import sys
from importlib.abc import InspectLoader, Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
"""The checkout: the folder that holds `bench/`, `variants/`, `datasets/` and `reports/`."""

FOLDERS = ("bench", "variants", "datasets", "reports")


class OldNames(MetaPathFinder, Loader):
    """Find modules of the four folders under their old names; each is loaded once, under its new name.

    Args:
        folders: the top-level names that are served.
    """

    def __init__(self, folders: tuple[str, ...]) -> None:
        self.folders = folders
        self._specs: dict[str, tuple[Any, Any]] = {}

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        """Return a spec that leads to the new name, or None where there is no such module.

        `python -m bench` finds `bench.__main__` without it, as a file of the folder.
        """
        first, _dot, rest = fullname.partition(".")
        if first not in self.folders or rest == "__main__":
            return None
        new = importlib.util.find_spec(f"gan_bench.{fullname}")
        return ModuleSpec(fullname, self, origin=new.origin) if new else None

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code of a module, for `python -m`."""
        new = importlib.util.find_spec(f"gan_bench.{fullname}")
        return new.loader.get_code(new.name) if new and isinstance(new.loader, InspectLoader) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module of the new name, importing it if it is not loaded yet."""
        module = importlib.import_module(f"gan_bench.{spec.name}")
        self._specs[spec.name] = module.__spec__, module.__loader__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Restore the module's own spec, which the import system has replaced by that of the old name."""
        assert module.__spec__ is not None
        module.__spec__, module.__loader__ = self._specs.pop(module.__spec__.name)


def keep_old_names() -> None:
    """Serve the old names, except those that a package of another distribution has taken already."""
    ours: list[str] = []
    for name in FOLDERS:
        loaded = sys.modules.get(name)
        if loaded is None:
            ours.append(name)
        elif Path(getattr(loaded, "__file__", None) or "/").resolve().parent == ROOT / name:
            ours.append(name)
            sys.modules[name] = importlib.import_module(f"gan_bench.{name}")
    sys.meta_path.insert(0, OldNames(tuple(ours)))
