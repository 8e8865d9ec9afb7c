from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.compare import compare, load
from gan_bench.bench.compare.layout import uniform
from gan_bench.bench.compare.speed import BARE, FLOOR, MILLISECONDS, compare_speed, speed_rows, tolerance


def timings(
    stream: int, *, workloads: int = 4, rounds: int = 11, noise: float = 0.03, slower: float = 1.0,
    runs: int = 1, drift: float = 0.0, host: str = "h", ratio: bool = True,
) -> pd.DataFrame:  # fmt: skip
    """Rounds of `bench speed`; the first workload takes `slower` times as long."""
    rng = np.random.default_rng(stream)
    rows = []
    for run in range(runs):
        for index in range(workloads):
            offset = np.exp(drift * rng.normal()) * (slower if index == 0 else 1.0)
            for number in range(rounds):
                reference = 10 * np.exp(0.2 * rng.normal())  # what else the machine does in this round
                part = (2 + index) * offset * np.exp(noise * rng.normal())
                row = {
                    "variant": f"v{index}",
                    "workload": "ring",
                    "replicas": 16,
                    "device": "cpu",
                    "host": host,
                }
                row |= {"date": f"r{run}", "round": number, "milliseconds_per_iteration": reference * part}
                rows.append(row | ({"bare_milliseconds_per_iteration": reference} if ratio else {}))
    return pd.DataFrame(rows)


def test_a_slowdown_is_found_and_the_same_is_not() -> None:
    found = compare_speed(load_rows(timings(0)), load_rows(timings(1, slower=1.2)))
    assert found["verdict"].tolist() == ["regression", "fine", "fine", "fine"]
    assert found["change"][0] == pytest.approx(0.2, abs=0.05)
    assert set(compare_speed(load_rows(timings(0)), load_rows(timings(1)))["verdict"]) == {"fine"}
    assert set(compare_speed(load_rows(timings(0)), load_rows(timings(1, slower=0.5)))["verdict"]) == {"fine"}


def test_without_a_reference_the_times_decide_and_the_tolerance_grows() -> None:
    quiet, loud = load_rows(timings(0)), load_rows(timings(0, ratio=False))
    assert tolerance(loud, "milliseconds") > 2 * tolerance(quiet, "ratio")
    found = compare_speed(loud, load_rows(timings(1, slower=2.0, ratio=False)))
    assert found["verdict"].tolist() == ["regression", "fine", "fine", "fine"]


def test_tolerance_comes_from_runs_of_the_same_code() -> None:
    still = load_rows(timings(2, noise=0.001))
    assert np.expm1(tolerance(still, "ratio")) == pytest.approx(FLOOR)
    drifting = load_rows(timings(2, noise=0.001, runs=4, drift=0.1))
    assert np.expm1(tolerance(drifting, "ratio")) > 0.1


def test_false_alarms_are_rare_and_a_fifth_slower_is_found() -> None:
    runs, alarms, hits = 10, 0, 0
    for stream in range(runs):
        baseline = load_rows(timings(1_000 + stream, workloads=5))
        alarms += (
            compare_speed(baseline, load_rows(timings(2_000 + stream, workloads=5)))["verdict"] != "fine"
        ).any()
        slower = load_rows(timings(3_000 + stream, workloads=5, slower=1.2))
        hits += compare_speed(baseline, slower)["verdict"][0] == "regression"
    assert alarms <= 1
    assert hits / runs > 0.9


def test_only_the_same_host_is_compared() -> None:
    found = compare(load_rows(timings(0)), load_rows(timings(1, slower=9.0, host="other")))
    assert {(f.tier, f.verdict) for f in found.findings} == {("speed", "incomparable")}
    assert found.exit_code() == 3
    missing = compare(load_rows(timings(0)), load_rows(timings(1, workloads=3)))
    assert [f.verdict for f in missing.findings].count("missing") == 1
    assert missing.timings == 3


def load_rows(frame: pd.DataFrame) -> pd.DataFrame:
    return uniform(speed_rows(frame, Path("speed.csv")))


def test_a_speed_file_can_be_compared_by_itself(tmp_path: Path) -> None:
    timings(0).to_csv(tmp_path / "speed.csv", index=False)
    timings(1, slower=1.5).to_parquet(tmp_path / "speed.parquet")
    found = compare(load(tmp_path / "speed.csv"), load(tmp_path / "speed.parquet"))
    assert (found.cells, found.timings, found.exit_code()) == (0, 4, 1)
    folder = load(tmp_path)
    assert (folder["what"] == "speed").all()
    assert len(folder) == 2 * len(timings(0))


def test_a_table_of_something_else_is_refused(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1]}).to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(UsageError, match=r"a\.csv: not a table of timings: missing columns variant"):
        load(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("replicas", "four", "replicas four in row 3; expected a number of at least 1$"),
        ("replicas", None, "replicas nan in row 3"),
        (MILLISECONDS, 0.0, "milliseconds_per_iteration 0.0 in row 3; expected a number of at least 1e-06$"),
        (MILLISECONDS, -1.0, "milliseconds_per_iteration -1.0 in row 3"),
        (MILLISECONDS, np.inf, "milliseconds_per_iteration inf in row 3"),
        (BARE, 0.0, "bare_milliseconds_per_iteration 0.0 in row 3"),
        ("round", "first", "round first in row 3; expected a number of at least 0$"),
    ],
)
def test_numbers_that_no_time_has_are_refused(tmp_path: Path, column: str, value: Any, message: str) -> None:
    frame = timings(0).assign(**{column: timings(0)[column].astype(object)})
    frame.loc[2, column] = value
    frame.to_csv(tmp_path / "speed.csv", index=False)
    with pytest.raises(UsageError, match=r"speed\.csv: not a table of timings: " + message):
        load(tmp_path / "speed.csv")
