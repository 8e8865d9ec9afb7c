"""Titles, units and meanings have one home: the registration of a metric."""

from __future__ import annotations

import ast
import io
import re
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from gan_bench.bench.commands.listing import listing
from gan_bench.bench.metrics import describe, info, names, register
from gan_bench.bench.metrics.order import ORDER
from gan_bench.bench.metrics.registry import METRICS

ROOT = Path(__file__).parents[3]
SHIPPED = [name for name in names() if info(name).compute.__module__.startswith("gan_bench.bench.")]
RIDDLES = re.compile(r"(What|Whether|How|Where|Who|From)\b")


@pytest.fixture
def plugged():
    def mean_absolute_error(fake, real, truth):
        """Mean distance of each sample
        from the nearest real one.

        Nobody 2026.
        """
        return 0.0

    fields = {"title": "Mean |error|", "unit": "pixels", "direction": "min", "kinds": ("scalar",)}
    with METRICS.restored():
        register("mean_absolute_error", **fields)(mean_absolute_error)
        yield


def test_a_plug_ins_metric_is_described_by_its_own_registration(plugged):
    (found,) = describe(["mean_absolute_error"])
    assert found.title == "Mean |error|"  # not "Sample mean", though its name begins with `mean_`
    assert found.unit == "pixels"
    assert found.meaning == "Mean distance of each sample from the nearest real one."


def test_a_stated_meaning_stands_before_the_docstrings():
    with METRICS.restored():
        register("zero", title="Zero", direction=None, meaning="Nothing.")(lambda *_: 0.0)
        assert describe(["zero"])[0].meaning == "Nothing."


def test_names_of_metrics_that_are_not_registered_are_their_own_titles_and_come_last():
    found = describe(["mean_absolute_error", "fid_gone", "fid_", "mean_lenet28", "w1"])
    assert [row.metric for row in found] == ["w1", "mean_absolute_error", "fid_gone", "fid_", "mean_lenet28"]
    assert all(row.title == row.metric and not row.unit + row.meaning for row in found[1:])


def test_titles_name_the_extractor_of_a_family():
    titles = {row.metric: row.title for row in describe(["fid_mine", "fid", "fid_lenet28_digits"], ["mine"])}
    assert titles == {"fid": "FID", "fid_lenet28_digits": "FID (lenet28_digits)", "fid_mine": "FID (mine)"}


def test_the_order_is_stated_and_whole():
    assert Counter(ORDER) == Counter(SHIPPED)
    assert names()[: len(ORDER)] == ORDER
    assert [row.metric for row in describe(reversed(ORDER))] == list(ORDER)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_metric_has_a_title_of_its_own_and_one_sentence(name):
    metric = info(name)
    assert [other for other in SHIPPED if info(other).title == metric.title] == [name]
    assert re.fullmatch(r"[^.]*(\d\.\d[^.]*)*\.", metric.meaning), metric.meaning
    assert not RIDDLES.match(metric.meaning)
    assert "`" not in metric.meaning  # pages show it as it is


def test_no_title_meaning_or_unit_stands_in_a_second_place():
    texts = {getattr(info(name), field) for name in SHIPPED for field in ("title", "meaning")}
    units = {info(name).unit for name in SHIPPED} - {"", "count"}  # a statistic of tables is called so, too
    files = [*(ROOT / "reports").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    again = [
        (path.name, node.value)
        for path in files
        if "metrics" not in path.relative_to(ROOT).parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in texts | units
    ]
    assert again == []


def test_list_metrics_shows_the_registration(plugged):
    console = Console(file=io.StringIO(), width=500)
    console.print(listing("metrics", long=True))
    lines = console.file.getvalue().splitlines()
    (own,) = (line for line in lines if line.startswith("mean_absolute_error"))
    for text in ("Mean |error|", "pixels", "Mean distance of each sample from the nearest real one."):
        assert text in own
    listed = [line.split()[0] for line in lines[1:] if line.strip()]
    assert listed == [*ORDER, "mean_absolute_error"]
    (fid,) = (line for line in lines if line.startswith("fid "))
    assert " images " in fid
