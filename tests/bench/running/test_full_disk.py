"""A run whose results cannot be written says so, keeps what it can, and trains nothing a second time."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.results import plans
from gan_bench.bench.results import store as stores
from gan_bench.bench.results.records import Record
from gan_bench.bench.results.store import Store
from gan_bench.bench.results.unfinished import FOLDER, Unfinished
from tests.bench.conftest import FakeEngine, Start

pytestmark = pytest.mark.usefixtures("no_report")
FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def no_room(monkeypatch: pytest.MonkeyPatch) -> Callable[[set[int], bool], None]:
    """Lets records of trials with these seeds find no room; `failed` ones have it, or have none either."""
    add = Store.add

    def make(seeds: set[int], failed: bool) -> None:
        def limited(store: Store, record: Record, *files: Any) -> bool:
            if record.trial.seed in seeds and (record.status != "failed" or not failed):
                raise FULL
            return add(store, record, *files)

        monkeypatch.setattr(Store, "add", limited)

    return make


@pytest.mark.parametrize("failed", [True, False], ids=["room-for-an-error", "no-room"])
def test_a_pack_whose_records_find_no_room_is_not_trained_again(
    session: Start, engine: FakeEngine, no_room: Callable[[set[int], bool], None], failed: bool
) -> None:
    no_room({0, 1, 2}, failed)
    status, shown = session(variants=("nsgan",))
    assert status == 1
    assert [job.seeds for job in engine.jobs] == [(0, 1, 2)]
    assert "3 trials failed: its record cannot be written: [Errno 28] No space left on device" in shown
    assert "tried again alone" not in shown


def test_the_others_of_its_pack_are_kept(
    session: Start, engine: FakeEngine, no_room: Callable[[set[int], bool], None], tmp_path: Path
) -> None:
    no_room({0}, True)
    status, shown = session(variants=("nsgan",))
    assert status == 1
    assert "1 trial failed: its record cannot be written" in shown
    store = Store(tmp_path / "out")
    found = sorted((r.trial.seed, r.status) for key in store if (r := store.read(key)))
    assert found == [(0, "failed"), (1, "finished"), (2, "finished")]


def test_its_snapshot_stays_for_the_next_run(
    session: Start,
    engine: FakeEngine,
    no_room: Callable[[set[int], bool], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places: list[Unfinished] = []

    def train(*given: Any, snapshots: Any, **more: Any) -> Any:
        snapshots.place.write({}, {})
        places.append(snapshots.place)
        return engine.train(*given, snapshots=snapshots, **more)

    monkeypatch.setattr("gan_bench.bench.engine.train", train)
    no_room({1}, True)
    session(variants=("nsgan",))
    (place,) = places
    assert place.read() is not None
    no_room(set(), True)
    assert session(variants=("nsgan",))[0] == 0
    assert not any((tmp_path / "out" / FOLDER).iterdir())


@pytest.mark.parametrize("what", ["plan", "damaged", "fresh"])
def test_a_plan_that_finds_no_room_is_one_sentence(
    session: Start, engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def full(*_: Any) -> None:
        raise FULL

    if what != "plan":
        session(variants=("nsgan",))
        engine.jobs.clear()
    if what == "damaged":
        next((tmp_path / "out" / "trials").glob("*/record.json")).write_bytes(b"")
    monkeypatch.setattr(plans, "write", full)
    monkeypatch.setattr(stores.leftovers, "move", full)
    with pytest.raises(UsageError, match=r"^cannot write results to .*out: No space left on device$"):
        session(fresh=what == "fresh")
    assert engine.jobs == []
