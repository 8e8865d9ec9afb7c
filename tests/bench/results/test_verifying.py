"""Lines of `verify` for stores of several versions and layouts."""

from gan_bench.bench.results.verifying import Verified


def lines(**changed):
    whole = {
        "counts": {"trials": 3, "plans": 1}, "statuses": {"finished": 3}, "unsealed": 0,
        "versions": {"engine 2": 3}, "packages": {"2.11": 3}, "problems": {},
    }  # fmt: skip
    return Verified(**{**whole, **changed}).lines()


def test_a_store_of_one_kind_has_its_counts_alone():
    assert lines() == ["trials: 3, plans: 1.", "Of the trials 3 finished."]


def test_several_versions_and_trials_without_checksums_are_counted():
    found = lines(versions={"engine 2": 1, "engine 1": 2}, packages={"2.9": 1, "2.11": 2}, unsealed=1)
    assert found[2:] == [
        "Numerics versions of several kinds: engine 1 (2 trials), engine 2 (1 trial).",
        "torch of several kinds: 2.11 (2 trials), 2.9 (1 trial).",
        "Written without checksums, by an earlier version: 1 trial.",
    ]
