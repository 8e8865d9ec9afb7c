"""Tables as LaTeX: escaped, in parts that fit a page, and compiled where a compiler is at hand."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_bench.reports import exports, latex, tables
from gan_bench.reports.frames import tidy
from gan_bench.reports.parts import GAP, parts
from gan_bench.reports.summary import board_rows, leaderboard, metric_rows
from gan_bench.reports.table import Column, Table


@given(st.text(max_size=40))
def test_latex_escape_leaves_plain_ascii_without_specials(text):
    escaped = latex.escape(text)
    assert escaped.isascii()
    assert escaped.isprintable()
    bare = re.sub(
        r"\\text[a-z]+\{\}|\\ldots\{\}|\$(\\(pm|times|downarrow|uparrow|to)|-)\$|\\[&%$#_{}]|\{[-'`]\}|\{''\}",
        "",
        escaped,
    )
    assert not set(bare) & set("\\&%$#_{}~^")


def test_latex_environments_are_closed(hostile):
    text = latex.latex(tables.boards(leaderboard(hostile.trials, hostile.scores)))
    assert text.count("\\begin{") == text.count("\\end{")
    parts = text.split("\\begin{tabular}")[1:]
    assert parts
    for part in parts:
        body = part[part.index("\\midrule\n") : part.index("\\bottomrule\n\\end")]
        rows = body.splitlines()[1:]
        assert len(rows) == hostile.trials["variant"].nunique()
        assert len({len(re.findall(r"(?<!\\)&", row)) for row in rows}) == 1


def test_latex_has_the_best_in_bold_and_reference_rows_below_a_rule():
    columns = [
        Column("Variant", right=False),
        Column("FID"),
        Column("FID"),
        Column("Why", right=False, long=True),
    ]
    cells = [["a_b", "1", "2", "[x] & y"], ["c", "3", "4", ""]]
    apart = [["noise", "9", "", ""]]
    table = Table(
        "T_1", columns, cells, remarks=["N: 5 %."], apart=apart, bold=frozenset({(0, 1), (1, 2)}), name="t"
    )
    text = latex.latex([table, table])
    first = text.split("\\begin{table}")[1]
    assert [line.strip() for line in first.splitlines()] == [
        "[htbp]",
        "\\centering",
        "\\caption[T\\_1]{T\\_1. N: 5 \\%.}",
        "\\footnotesize",
        "\\label{tab:t}",
        latex.FITTED,
        "\\begin{tabular}{lrrp{0.3\\linewidth}}",
        "\\toprule",
        "Variant & FID & FID & Why \\\\",
        "\\midrule",
        "{}a\\_b & \\textbf{1} & 2 & [x] \\& y \\\\",
        "{}c & 3 & \\textbf{4} &  \\\\",
        "\\midrule {}noise & 9 &  &  \\\\",
        "\\bottomrule",
        "\\end{tabular}}",
        "\\end{table}",
        "",
    ]
    assert "\\label{tab:t-2}" in text
    assert latex.tabular(table).removeprefix(latex.HEAD).strip() in first


def test_a_heading_is_broken_into_lines_no_longer_than_its_cells_and_keeps_its_arrow():
    table = Table(
        "T", [Column("Variant", right=False), Column("A_b of the c-d to come ↓")], [["x", "1" * 12]]
    )
    head = latex.tabular(table).split("\\toprule\n")[1].splitlines()[0]
    assert head == "Variant & \\shortstack[r]{A\\_b of the \\\\ c{-}d to \\\\ come $\\downarrow$} \\\\"


@given(st.lists(st.integers(1, 150), min_size=1, max_size=30))
def test_parts_of_a_table_hold_every_column_once_and_fit(lengths):
    columns = [Column("Variant"), *(Column("Same heading") for _ in lengths)]
    cells = [["gan", *("9" * length for length in lengths)]]
    table = Table(
        "T",
        columns,
        cells,
        remarks=["N."],
        caption="C",
        apart=[["noise", "1", *[""] * (len(lengths) - 1)]],
        bold=frozenset({(0, 1)}),
    )
    made = parts(table, latex.WIDEST)
    assert [cell for part in made for cell in part.cells[0][1:]] == cells[0][1:]
    assert all(part.cells[0][0] == "gan" for part in made)
    assert [part.bold for part in made] == [{(0, 1)}, *[frozenset()] * (len(made) - 1)]
    assert [len(part.apart) for part in made] == [1, *[0] * (len(made) - 1)]
    assert all(part.notes == ["N."] for part in made)  # each part may be read alone
    assert len({part.caption for part in made}) == len(made)
    for part in made:
        widths = [max(len("heading"), len(cell)) for cell in part.cells[0]]  # headings are broken at spaces
        assert len(widths) == 2 or sum(widths) + GAP * (len(widths) - 1) <= latex.WIDEST


PACKAGES = ("", "\\usepackage{booktabs}", "\\usepackage{graphicx}", "\\usepackage{booktabs,graphicx}")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("packages", PACKAGES)
def test_latex_compiles_and_fits_the_page_with_graphicx(hostile, results, tmp_path, packages):
    for made in (hostile, results):
        frames = tidy(made.trials, made.scores)
        exports.write(frames, board_rows(frames), metric_rows(frames), tmp_path)
        columns = [Column("metric", right=False), Column("value"), Column("value")]
        alone = Table("", columns, [["a_b & 100 % #1 {x} ~^\\ <|>", "1 ± 2", "[3]"]])
        (tmp_path / "alone.tex").write_text(latex.tabular(alone))
        inputs = "".join(f"\\input{{{name}.tex}}" for name in ("leaderboard", "metrics", "alone"))
        (tmp_path / "all.tex").write_text(
            f"\\documentclass{{article}}{packages}\\begin{{document}}{inputs}\\end{{document}}"
        )
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
        assert "graphicx" not in packages or "Overfull \\hbox" not in done.stdout
