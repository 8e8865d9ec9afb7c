"""Real training with another number of workers, and with other things measured or trained before."""

from __future__ import annotations

from pathlib import Path

import pytest

from gan_bench.bench.planning import pack_table
from gan_bench.bench.planning.pack_table import Timing
from gan_bench.bench.results.store import Store
from gan_bench.bench.running.planned import PlannedRun
from tests.bench.conftest import Start


@pytest.fixture(autouse=True)
def in_packs(monkeypatch: pytest.MonkeyPatch, suite_file: Path) -> None:
    """A table by which six trials are trained in two packs of three, in place of the suite's wish."""
    timing = Timing(
        device="cpu", torch="2", date="2026-11-27", source="a test", workload="ring", variant="nsgan",
        family="mlp", work=1e4, milliseconds={"batched": {1: 2.0, 3: 3.0}},
    )  # fmt: skip
    monkeypatch.setattr(pack_table, "table", lambda: [timing])
    suite_file.write_text(suite_file.read_text().replace("pack = 16", ""))


def checkpoints(root: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in root.glob("trials/*/checkpoint.safetensors")}


@pytest.mark.slow
@pytest.mark.sample
def test_checkpoints_have_the_same_bytes_with_any_number_of_jobs(
    session: Start, tmp_path: Path, no_report: list
) -> None:
    for jobs in (1, 2):
        status, _ = session(
            jobs=jobs,
            executor="workers",
            seeds=tuple(range(6)),
            variants=("nsgan",),
            out=tmp_path / str(jobs),
        )
        assert status == 0
    one, two = checkpoints(tmp_path / "1"), checkpoints(tmp_path / "2")
    assert len(one) == 6
    assert one == two
    sizes = {record.provenance["pack"]["size"] for record in map(Store(tmp_path / "2").read, one)}
    assert sizes == {3}


def test_packs_do_not_depend_on_how_long_others_took(
    session: Start, tmp_path: Path, no_report: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[list[int]] = []
    packs = PlannedRun.packs

    def noted(self: PlannedRun) -> tuple:
        found.append([len(pack.trials) for pack in packs(self)[1]])
        return packs(self)

    monkeypatch.setattr(PlannedRun, "packs", noted)
    for seeds in ((0,), tuple(range(1, 7))):
        session(seeds=seeds, variants=("nsgan",))
    assert found == [[1], [3, 3]]
