"""A report makes its frames and ranks its boards once, for its pages and for the terminal."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from gan_bench.bench.results.report import write_report
from gan_bench.bench.results.store import Store
from gan_bench.reports import frames, site, summary
from tests.bench.conftest import FakeEngine, Start


def test_frames_are_tidied_and_boards_ranked_once(
    session: Start, engine: FakeEngine, no_report: list, tmp_path: Path, draw_only: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert session()[0] == 0
    draw_only()
    calls: Counter[str] = Counter()

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            calls[function.__name__] += 1
            return function(*arguments, **options)

        return call

    ranked = counted(summary.board_rows)
    monkeypatch.setattr(frames, "tidy", counted(frames.tidy))
    for module in (site, summary):
        monkeypatch.setattr(module, "board_rows", ranked)
    console = Console(file=io.StringIO(), width=200)
    store = Store(tmp_path / "out")
    page = write_report(store, console, "report")
    assert page.is_file()
    assert calls == {"tidy": 1, "board_rows": 1}
