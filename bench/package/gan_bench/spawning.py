"""New processes that do not import the program that started them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType


@contextlib.contextmanager
def without_main() -> Iterator[None]:
    """Within, processes that `multiprocessing` spawns do not import the main module of this one.

    By default each imports it again. A user's script without `if __name__ == "__main__"` would then start
    itself in every process.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
