"""The tables of published numbers: on the page, and as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from gan_bench.reports.frames import BOARD, board_title
from gan_bench.reports.labels import clean, number, spread
from gan_bench.reports.latex import latex
from gan_bench.reports.markdown import markdown
from gan_bench.reports.paper_numbers import INCOMPARABLE, MISSING
from gan_bench.reports.spreadsheets import without_formulas
from gan_bench.reports.table import Column, Table, compact

COMPARED = ["Variant", "Metric", "Published", "Measured", "Deviation", "Verdict", "Source", "Why"]
LONG = ("Why", "Published order", "Measured order")
TEXT = ("Variant", "Metric", "Verdict", "Source", *LONG)
WORDS = ("why", "source", "protocol")
RULE = (
    "A number agrees if the deviation is within the tolerance that the suite states; without one, within two "
    "standard errors of the seeds' mean or two of the paper's standard deviations."
)


def compared(numbers: pd.DataFrame) -> list[Table]:
    """Return a table per board of `reports.paper_numbers.compare`."""
    tables = []
    for key, rows in numbers.groupby(BOARD, sort=False) if len(numbers) else []:
        cells, keys = [], []
        papers: dict[str, str] = {}
        for row in rows.to_dict("records"):
            missing = row["verdict"] == MISSING
            measured = "–" if missing else spread(row["mean"], row["std"], int(row["count"]))
            metric = row["metric_title"] + (f" (paper: {row['name']})" if row["name"] else "")
            published = _as_stated(row["published"], row["spread"])
            row |= {name: text if isinstance(text := row[name], str) else "" for name in WORDS}
            facts = [row[name] for name in WORDS[1:] if row[name]]
            if row["verdict"] == INCOMPARABLE and not row["stand_in_for"]:  # as the suite says of the paper
                facts, row["why"] = [*facts, f"Not comparable: {row['why']}"], ""
            paper = " ".join(f"{fact.rstrip('.')}." for fact in facts)
            papers.setdefault(paper, f"[{len(papers) + 1}]")
            texts = [row["verdict"], papers[paper], row["why"]]
            cells.append(
                [
                    clean(c)
                    for c in [row["label"], metric, published, measured, number(row["deviation"]), *texts]
                ]
            )
            keys.append([row["label"], metric, row["published"], row["mean"], row["deviation"], *texts])
        notes = [RULE, *(f"{mark} {clean(paper)}" for paper, mark in papers.items())]
        whole = Table(_title(key, "published and measured"), _columns(COMPARED), cells, keys, notes,
                      caption="published and measured")  # fmt: skip
        tables.append(compact(whole))
    return tables


def ordered(order: pd.DataFrame) -> list[Table]:
    """Return a table per board of `reports.paper_numbers.ordering`."""
    titles = ["Metric", "Pairs in order", "Kendall's tau", "Published order", "Measured order"]
    tables = []
    for key, rows in order.groupby(BOARD, sort=False) if len(order) else []:
        cells, keys = [], []
        for row in rows.to_dict("records"):
            pairs = f"{row['concordant']} of {row['pairs']}"
            texts = [row["published_order"], row["measured_order"]]
            cells.append([clean(c) for c in [row["metric_title"], pairs, number(row["tau"], 2), *texts]])
            keys.append([row["metric"], row["concordant"] / max(1, row["pairs"]), row["tau"], *texts])
        tables.append(Table(_title(key, "order of the variants"), _columns(titles), cells, keys,
                            caption="order of the variants"))  # fmt: skip
    return tables


def write(numbers: pd.DataFrame, order: pd.DataFrame, folder: Path) -> list[Path]:
    """Write both as CSV and Parquet (numbers), Markdown and LaTeX (text); returns the files, if any."""
    files: list[Path] = []
    both = {"published": (numbers, compared(numbers)), "order": (order, ordered(order))}
    for name, (frame, shown) in both.items():
        if frame.empty:
            continue
        files += [folder / f"{name}.{suffix}" for suffix in ("csv", "parquet", "md", "tex")]
        without_formulas(frame).to_csv(files[-4], index=False)
        frame.to_parquet(files[-3], index=False)
        files[-2].write_text(markdown(shown), encoding="utf-8")
        files[-1].write_text(latex(shown), encoding="utf-8")
    return files


def _as_stated(value: float, std: float) -> str:
    """Return a paper's number in the digits that the paper gave it; with its spread, as ours."""
    return spread(value, std, 2) if np.isfinite(std) else f"{value:.6g}"


def _columns(titles: list[str]) -> list[Column]:
    return [Column(title, right=title not in TEXT, long=title in LONG) for title in titles]


def _title(key: tuple, what: str) -> str:
    return f"{board_title(dict(zip(BOARD, key, strict=True)))} · {what}"
