"""Data, networks and settings that people bring along, once swallowed or ended in a traceback."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.results.report import write_report
from gan_bench.bench.results.store import Store
from gan_bench.bench.sampling.restore import find_trial, restore_trial
from tests.cases.conftest import FILES, Play


@pytest.mark.parametrize(
    ("dataset", "variants", "message"),
    [
        ("float01", None, r"own_images.py, line \d+\): .*float32 and go from 0 to 1.*values=\(0, 1\)"),
        ("float11", None, r"own_images.py, line \d+\): .*float32 and go from -1 to 1.*values=\(-1, 1\)"),
        ("rgb_hwc", None, r"own_images.py, line \d+\): .*channels last: give layout='nhwc'"),
        ("labelsgap", ("nsgan", "acgan"), r"classes = 10, but the train split has no labels"),
        ("labelshort", ("nsgan", "acgan"), r"own_images.py, line \d+\): 999 labels for 1,000 images"),
    ],
)
def test_images_that_no_rule_converts_are_one_sentence(
    play: Play, tmp_path: Path, dataset: str, variants: tuple[str, ...] | None, message: str
) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        play("own_images.toml", "own_images.py", {'"float01"': f'"{dataset}"'}, variants=variants)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_images_of_a_stated_range_train_and_their_limits_are_said(play: Play, tmp_path: Path) -> None:
    exchange = {'"float01"': '"stated"', "kimg = 3.2": "kimg = 0.128"}
    status, shown = play("own_images.toml", "stated.py", exchange)
    assert status == 0
    assert "stated: fid, fid_train, is, kid, precision, recall, density, coverage will be undefined" in shown
    assert "give --inception" in shown
    assert "subsets of half of 3 samples" not in shown, "without features nothing more is said of them"


def test_three_rows_are_enough_and_an_extractor_can_be_ones_own(
    play: Play, draw_only: Callable[..., None], tmp_path: Path
) -> None:
    draw_only("strips", "curves")  # of scores, some of which are undefined
    exchange = {'"float01"': '"three"', "kimg = 3.2": "kimg = 0.128"}
    status, shown = play(
        "own_images.toml", "stated.py", exchange, variants=("nsgan", "acgan", "bigan"), report=True
    )
    assert status == 0
    assert (
        "three: kid will be undefined on the test split: subsets of half of 3 samples are too small" in shown
    )
    store = Store(tmp_path / "out")
    assert len(list(store)) == 3
    for key in store:
        (evaluation,) = store.evaluations(key)
        assert evaluation.protocol["extractors"] == {"shrunk": "a" * 64}
        assert evaluation.protocol["n_real"]["test"] == {"curve": 3, "final": 3}
        values = {row["metric"]: row["value"] for row in evaluation.rows if row["when"] == "final"}
        assert values["fid_shrunk"] > 0
        assert values["kid_shrunk"] is None


def test_splits_smaller_than_a_batch_and_any_count_are_trained_on_and_their_rows_recorded(
    play: Play, tmp_path: Path
) -> None:
    """Six training rows for batches of 64, and references of 3 and 4 rows for metrics that ask for 50."""
    status, shown = play("few_points.toml", "few_points.py")
    assert status == 0
    assert "4 of 4" in shown
    assert "failed" not in shown
    store = Store(tmp_path / "out")
    assert [record.status for key in store if (record := store.read(key))] == ["finished"] * 4
    for key in store:
        (evaluation,) = store.evaluations(key)
        counts = evaluation.protocol["n_real"]
        assert {split: counts[split]["final"] for split in counts} == {"validation": 3, "test": 4}


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ("nowhere", "dataset nowhere: unknown extractor 'shrunken'; did you mean 'shrunk'"),
        ("mismatched", "extractor shrunk on dataset mismatched: it tells 10 classes apart, the data have 11"),
    ],
)
def test_an_extractor_that_does_not_fit_is_refused(play: Play, dataset: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        play("own_images.toml", "stated.py", {'"float01"': f'"{dataset}"'})


def test_networks_of_ones_own_train_and_their_records_name_the_plug_in(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, shown = play(
        "own_network.toml", "own_network.py", {"kimg = 3.2": "kimg = 0.128", "seeds = 2": "seeds = 1"}
    )
    assert status == 0, shown
    store = Store(tmp_path / "out")
    assert [record.status for key in store if (record := store.read(key))] == ["finished"] * 3
    key = next(iter(store))
    assert restore_trial(*find_trial(str(store.folder(key)), None), ())
    from gan_bench.variants.networks import registry

    with registry.FAMILIES.restored("mycnn"):
        with pytest.raises(
            UsageError, match=f"{key}: network family 'mycnn' is not registered .*--plugin own_network.py"
        ):
            restore_trial(*find_trial(str(store.folder(key)), None), ())
        with pytest.raises(UsageError, match=r"unknown architecture family 'mycnn'.*needs --plugin FILE\.py"):
            play("own_network.toml")


def test_a_report_says_which_plug_in_its_variants_need(
    play: Play, tmp_path: Path, draw_only: Callable[..., None]
) -> None:
    draw_only()
    exchange = {
        '"float01"': '"ring"',
        '"nsgan"': '"mine"',
        'norm = "batch"': "",
        "kimg = 3.2": "kimg = 0.128",
    }
    assert play("own_images.toml", "own_variant.py", exchange)[0] == 0
    from gan_bench.variants import registry

    shown = io.StringIO()
    with registry.VARIANTS.restored("mine"):
        write_report(Store(tmp_path / "out"), Console(file=shown, width=300), "again")
    assert (
        "variant 'mine' is not registered here: give --plugin own_variant.py, as its run did"
        in shown.getvalue()
    )


def test_a_batch_of_one_is_refused_where_normalisation_cannot_take_it(play: Play, tmp_path: Path) -> None:
    status, shown = play("batch_of_one.toml", exchange={"kimg = 0.2": "kimg = 0.01"})
    assert status == 0
    for variant in ("nsgan", "dcgan", "sngan"):
        assert f"{variant} with mlp is left out on digits: batch_size = 1: BatchNorm sees one value" in shown
    store = Store(tmp_path / "out")
    records = [record for key in store if (record := store.read(key))]
    assert [(r.trial.architecture, r.status) for r in records] == [("conv", "finished")] * 3
    with pytest.raises(
        UsageError, match="nsgan cannot be trained on digits with mlp: batch_size = 1: BatchNorm"
    ):
        play(
            "batch_of_one.toml",
            exchange={"kimg = 0.2": 'architectures = ["mlp"]\nkimg = 0.01'},
            variants=("nsgan",),
        )


def test_the_files_are_those_of_a_user() -> None:
    assert {path.name for path in FILES.glob("own_*")} >= {
        "own_images.py",
        "own_network.py",
        "own_variant.py",
    }
