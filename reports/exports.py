"""A report's tables as files: numbers for programs, text for papers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from gan_bench.reports.frames import BOARD, ENTRY, Frames
from gan_bench.reports.latex import latex
from gan_bench.reports.markdown import markdown
from gan_bench.reports.paper_table import paper_tables
from gan_bench.reports.spreadsheets import without_formulas
from gan_bench.reports.tables import boards, metrics


def write(
    frames: Frames, rows: pd.DataFrame, per_metric: pd.DataFrame, folder: Path,
    apart: pd.DataFrame | None = None,
) -> list[Path]:  # fmt: skip
    """Write the tables as CSV and Parquet (numbers), Markdown and LaTeX (text); returns the files.

    `leaderboard.*` holds one row per entry (as LaTeX the table of `reports.paper_table`), `metrics.*` one per
    entry and metric, `trials.*` one per trial, `references.*` one per reference row and metric (there are no
    such files where there is none).
    """
    folder.mkdir(parents=True, exist_ok=True)
    trials = frames.trials.drop(columns=["samples", "label", "parts", "source", "inherits", "varied"])
    files = []
    written = {"leaderboard": rows, "metrics": per_metric, "trials": trials, "scores": _scores(frames)}
    if apart is not None and len(apart):
        written["references"] = apart
    for name, frame in written.items():
        without_formulas(frame).to_csv(folder / f"{name}.csv", index=False)
        frame.to_parquet(folder / f"{name}.parquet", index=False)
        files += [folder / f"{name}.csv", folder / f"{name}.parquet"]
    all_metrics = metrics(per_metric, rows, apart=apart)
    texts = {
        "leaderboard.md": markdown(boards(rows, apart)),
        "leaderboard.tex": latex(paper_tables(frames, references=apart, rows=rows)),
        "metrics.md": markdown(all_metrics),
        "metrics.tex": latex(all_metrics),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        files.append(folder / name)
    return files


def _scores(frames: Frames) -> pd.DataFrame:
    keys = ["trial", *BOARD, *ENTRY, "seed", "status"]
    rest = [name for name in frames.scores.columns if name not in (*keys, "label")]
    return frames.scores[[*keys, *rest]]
