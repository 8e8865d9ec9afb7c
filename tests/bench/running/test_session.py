from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import gan_bench.bench.planning.catalogue
from gan_bench.bench.common.devices import choose_device, default_jobs
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from tests.bench.conftest import TINY, FakeEngine, Start, scores

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")


def test_a_run_leaves_a_record_of_every_trial(session: Start, engine: FakeEngine, tmp_path: Path) -> None:
    status, shown = session()
    store = Store(tmp_path / "out")
    assert status == 0
    assert "6 of 6 trials to do" in shown
    assert len(list(store)) == 6
    assert sorted(job.seeds for job in engine.jobs) == [(0, 1, 2), (0, 1, 2)]
    record = store.read(next(iter(store)))
    assert record is not None
    assert record.status == "finished"
    assert record.provenance["pack"]["size"] == 3
    assert record.provenance["versions"]["torch"]
    folder = store.folder(record.trial.key)
    assert {p.name for p in folder.iterdir()} == {
        "record.json",
        "evaluations",
        "samples.npz",
        "checkpoint.safetensors",
    }


def test_a_second_run_finds_nothing_to_do_and_refreshes_the_report(
    session: Start, engine: FakeEngine, no_report: list[Any]
) -> None:
    session()
    engine.jobs.clear()
    status, shown = session()
    assert (status, engine.jobs, len(no_report)) == (0, [], 2)
    assert "Nothing left to do: all 6 trials are in" in shown


def test_a_dry_run_shows_the_plan_and_writes_nothing(
    session: Start, engine: FakeEngine, tmp_path: Path
) -> None:
    status, shown = session(dry_run=True)
    assert status == 0
    assert "6 trials in 2 packs (2 of 3 batched); 2 packs to train" in shown
    assert "Estimated time with 1 job" in shown
    assert engine.jobs == []
    assert not (tmp_path / "out").exists()


def test_one_of_each_is_said_in_the_singular(session: Start, engine: FakeEngine) -> None:
    one: dict[str, Any] = {"variants": ("nsgan",), "seeds": (0,)}
    shown = session(dry_run=True, **one)[1]
    assert "1 trial in 1 pack (1 alone); 1 pack to train, 0 trials to measure again." in shown
    assert "1 of 1 trial to do" in session(**one)[1]
    assert "Nothing left to do: the trial is in" in session(**one)[1]


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("place", ["file", "file/below", "link", "/proc/nothing", "long"])
def test_a_folder_that_cannot_be_written_is_refused_while_planning(
    session: Start, engine: FakeEngine, tmp_path: Path, place: str, dry_run: bool
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere" / "to" / "be")
    before = {*tmp_path.iterdir()}
    out = tmp_path / ("x" * 300 if place == "long" else place)
    with pytest.raises(UsageError, match="cannot write results to ") as refused:
        session(out=out, dry_run=dry_run)
    assert str(out) in str(refused.value)
    assert engine.jobs == []
    assert {*tmp_path.iterdir()} == before


def test_a_dry_run_states_the_images_of_whole_iterations(session: Start) -> None:
    _, shown = session(dry_run=True)
    assert "trained" not in shown  # 320 images are ten batches of 32
    _, shown = session(
        dry_run=True, changes=("nsgan.n_critic=3", "nsgan.updates=alternating", "lsgan.batch_size=33")
    )
    lines = {
        line.split()[0]: line.split() for line in shown.splitlines() if line.startswith(("nsgan", "lsgan"))
    }
    assert "0.384" in lines["nsgan"]  # 4 iterations of 3 batches of 32
    assert lines["nsgan"][-4:-2] == ["12", "4"]
    assert "0.33" in lines["lsgan"]  # 10 batches of 33


def test_a_dry_run_shows_the_settings_of_a_search_in_one_line_per_variant(
    session: Start, suite_file: Path
) -> None:
    search = """
[search]
method = "random"
settings = 7
[search.space]
lr = { law = "log-uniform", low = 1e-5, high = 1e-2 }
n_critic = { choices = [1, 2] }
"""
    # The paper profile updates both players at once, which n_critic = 2 contradicts.
    suite_file.write_text(TINY.replace('"paper"', '"default"') + search)
    _, shown = session(dry_run=True)
    lines = [line.split() for line in shown.splitlines() if line.startswith(("nsgan", "lsgan"))]
    assert [line[:4] for line in lines] == [[name, "search", "7", "21"] for name in ("nsgan", "lsgan")]
    updates = {line[6] for line in lines}  # of the generator, whose number n_critic changes
    assert updates == {"5–10"}


def test_a_resumed_run_gives_the_numbers_of_an_undisturbed_one(
    session: Start, engine: FakeEngine, tmp_path: Path
) -> None:
    session(out=tmp_path / "whole")
    session(out=tmp_path / "cut")
    whole, cut = Store(tmp_path / "whole"), Store(tmp_path / "cut")
    lost = next(
        key for key in cut if (r := cut.read(key)) and r.trial.variant == "lsgan" and r.trial.seed == 1
    )
    kept = cut.folder(lost).with_name("elsewhere")
    cut.folder(lost).rename(kept)
    engine.jobs.clear()
    # Other seeds and another pack size are asked for: the pack stays as it was planned.
    _, shown = session(out=tmp_path / "cut", seeds=(1,), pack=1)
    assert "1 of 2 trials to do, with 2 others of their packs" in shown
    assert [(job.variant, job.seeds) for job in engine.jobs] == [("lsgan", (0, 1, 2))]
    pd.testing.assert_frame_equal(scores(cut), scores(whole))


def test_what_was_finished_is_kept_when_its_pack_runs_again(
    session: Start, engine: FakeEngine, tmp_path: Path
) -> None:
    session()
    store = Store(tmp_path / "out")
    keys = list(store)
    before = {key: (store.folder(key) / "record.json").read_bytes() for key in keys[1:]}
    store.archive(keys[:1])
    session()
    assert list(store) == keys
    assert before == {key: (store.folder(key) / "record.json").read_bytes() for key in keys[1:]}


def test_more_seeds_are_packed_apart(session: Start, engine: FakeEngine) -> None:
    session(seeds=(0, 1), variants=("nsgan",))
    session(seeds=(0, 1, 2, 3), variants=("nsgan",))
    assert [job.seeds for job in engine.jobs] == [(0, 1), (2, 3)]


def test_divergence_is_a_result(session: Start, engine: FakeEngine, tmp_path: Path) -> None:
    engine.diverge = {2}
    status, shown = session()
    assert status == 0
    assert "diverged" in shown
    trials = frames.load(Store(tmp_path / "out")).trials
    lost = trials[trials["status"] == "diverged"]
    assert lost["seed"].tolist() == [2, 2]
    assert lost["diverged_at"].tolist() == [7, 7]
    engine.jobs.clear()
    session()
    assert engine.jobs == []


def test_another_protocol_measures_checkpoints_again(
    session: Start, engine: FakeEngine, suite_file: Path, tmp_path: Path
) -> None:
    session()
    store = Store(tmp_path / "out")
    old = {key: store.evaluations(key)[0] for key in store}
    engine.jobs.clear()
    suite_file.write_text(suite_file.read_text().replace("samples = 100", "samples = 120"))
    status, _ = session()
    assert (status, engine.jobs) == (0, [])
    for key in store:
        first, second = store.evaluations(key)
        assert first == old[key]
        assert second.protocol["metrics"]["modes"]["n_fake"] == 120
        assert {row["when"] for row in second.rows} == {"final"}
    session()
    assert all(len(store.evaluations(key)) == 2 for key in store)


def test_fresh_archives(session: Start, engine: FakeEngine, tmp_path: Path) -> None:
    session()
    keys = list(Store(tmp_path / "out"))
    engine.jobs.clear()
    _, shown = session(fresh=True, pack=1)
    assert len(engine.jobs) == 6  # the packs are planned anew too
    archive = next((tmp_path / "out" / "archive").iterdir())
    assert str(archive) in shown
    assert list(Store(archive)) == keys == list(Store(tmp_path / "out"))


def test_a_stand_in_is_said_at_start_and_end(
    session: Start, engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = gan_bench.bench.planning.catalogue.dataset

    def unreachable(name: str, **options: Any) -> Any:
        data = real("ring", **options)
        if options.get("stand_in", True):
            data.stand_in_for = "mnist"
        return data

    monkeypatch.setattr(gan_bench.bench.planning.catalogue, "dataset", unreachable)
    _, shown = session()
    notice = "mnist could not be reached: ring stands in for it."
    first, last = shown.index(notice), shown.rindex(notice)
    assert first < shown.index("trials to do") < last
    assert set(frames.load(Store(tmp_path / "out")).trials["stand_in_for"]) == {"mnist"}


def test_the_longest_pack_comes_first(session: Start, engine: FakeEngine) -> None:
    session(pack=1, changes=("nsgan.batch_size=8",), seeds=(0,))
    assert [job.variant for job in engine.jobs] == ["nsgan", "lsgan"]
    engine.jobs.clear()
    session(pack=1, changes=("lsgan.batch_size=8",), seeds=(1,))
    assert [job.variant for job in engine.jobs] == ["lsgan", "nsgan"]


def test_records_are_plain_json(session: Start, engine: FakeEngine, tmp_path: Path) -> None:
    session(variants=("nsgan",))
    written = list((tmp_path / "out").rglob("*.json"))
    assert len(written) > 3
    for path in written:
        json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(name))


def test_devices() -> None:
    assert choose_device("cpu") == "cpu"
    assert default_jobs("cuda") == 1 <= default_jobs("cpu")


def test_what_is_complete_needs_no_estimate(
    session: Start, engine: FakeEngine, no_report: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Estimates read records and evaluations of the whole folder, which a second run should not wait for."""
    assert session()[0] == 0
    monkeypatch.setattr(
        "gan_bench.bench.running.planned.past", lambda _: pytest.fail("read for an estimate of nothing")
    )
    assert session()[0] == 0


@pytest.mark.parametrize(("gpu", "loads"), [(True, 1), (False, 0)])
def test_the_libraries_of_the_report_are_loaded_while_gpus_train(
    session: Start,
    engine: FakeEngine,
    no_report: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    gpu: bool,
    loads: int,
) -> None:
    loaded = threading.Semaphore(0)
    monkeypatch.setattr("gan_bench.bench.running.session.is_gpu", lambda _: gpu)
    monkeypatch.setattr("gan_bench.bench.running.session._load_report", loaded.release)
    assert session()[0] == 0
    assert all(loaded.acquire(timeout=20) for _ in range(loads))
    assert not loaded.acquire(blocking=False)
