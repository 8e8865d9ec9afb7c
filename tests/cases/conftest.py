"""Small suites and plug-ins of one's own, run as a user runs them but in this process."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from gan_bench.bench.metrics.extractors.registry import EXTRACTORS, extractor
from gan_bench.bench.metrics.registry import METRICS
from gan_bench.bench.running import session
from gan_bench.bench.running.request import Request
from gan_bench.datasets.registry import DATASETS
from gan_bench.variants.networks.registry import FAMILIES
from gan_bench.variants.registry import VARIANTS

FILES = Path(__file__).parent / "files"
Play = Callable[..., tuple[int, str]]


@pytest.fixture
def unregistered() -> Iterator[None]:
    """Undo the registrations of plug-ins after the test."""
    registries = (DATASETS, FAMILIES, VARIANTS, EXTRACTORS, METRICS)
    with contextlib.ExitStack() as stack:
        for registry in registries:
            stack.enter_context(registry.restored())
        yield
    extractor.cache_clear()
    for name in [name for name in sys.modules if name.startswith("plugin_")]:
        del sys.modules[name]


@pytest.fixture
def play(unregistered: None, tmp_path: Path) -> Play:
    """Run a suite of `files` with text exchanged in it; returns the exit status and what was shown.

    The report, which takes seconds, is written where `report` asks for it.
    """

    def play(
        suite: str,
        plugin: str = "",
        exchange: dict[str, str] | None = None,
        report: bool = False,
        **options: Any,
    ) -> tuple[int, str]:
        text = (FILES / suite).read_text()
        for old, new in (exchange or {}).items():
            assert old in text
            text = text.replace(old, new)
        (tmp_path / suite).write_text(text)
        shown = Console(file=io.StringIO(), width=200)
        plugins = (FILES / plugin,) if plugin else ()
        request = Request(
            str(tmp_path / suite), "python -m bench run", budget="smoke", out=tmp_path / "out",
            executor="inline", plugins=plugins, device="cpu", **options,
        )  # fmt: skip
        with pytest.MonkeyPatch.context() as patch:
            if not report:
                patch.setattr(session, "write_report", lambda store, *_, **__: store.root)
            return session.run(request, shown), shown.file.getvalue()

    return play
