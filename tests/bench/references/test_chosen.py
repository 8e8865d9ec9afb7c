"""Reference rows that a suite has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.references import wanted_rows
from tests.bench.conftest import TINY
from tests.bench.conftest import Start as Session
from tests.bench.references.planned import planned

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")


def wanted(text: str, folder: Path) -> list[str]:
    suite, trials = planned(text, folder)
    return [row.reference.name for row in wanted_rows(suite, trials, catalogue.dataset)]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ("ring", ["noise", "untrained", "real"]),
        ("digits", ["noise", "untrained", "real"]),
        ("dirac", []),  # a point mass is judged by the path to it
    ],
)
def test_every_kind_of_data_has_rows_by_default(data: str, rows: list[str], tmp_path: Path) -> None:
    assert wanted(TINY.replace('"ring"', f'"{data}"'), tmp_path) == rows


def test_translation_has_maps_by_default(tmp_path: Path) -> None:
    text = TINY.replace('"ring"', '"turned"').replace('"nsgan", "lsgan"', '"cyclegan"')
    text = text.replace('profile = "paper"', 'profile = "default"')
    assert wanted(text, tmp_path) == ["untrained", "identity", "known-map"]


def test_a_suite_names_its_rows(tmp_path: Path) -> None:
    assert wanted('references = ["real"]\n' + TINY, tmp_path) == ["real"]
    assert wanted("references = []\n" + TINY, tmp_path) == []


@pytest.mark.parametrize(("seeds", "draws"), [(1, 1), (2, 2), (5, 3)])
def test_a_row_has_as_many_draws_as_its_board_has_seeds_and_no_more_than_it_is_made_of(
    seeds: int, draws: int, tmp_path: Path
) -> None:
    suite, trials = planned(TINY.replace("seeds = 3", f"seeds = {seeds}"), tmp_path)
    rows = wanted_rows(suite, trials, catalogue.dataset)
    assert {trial.seed for trial in trials} == set(range(seeds))
    assert {row.reference.name: row.draws for row in rows}["untrained"] == draws
    whole, mine = ({row.key({}) for row in rows} for rows in (rows, [replace(r, seeds=None) for r in rows]))
    assert (whole == mine) == (seeds >= 3)


@pytest.mark.parametrize(
    ("named", "message"),
    [
        (
            "untraind",
            r"suite mine, `references`: unknown reference row 'untraind'; did you mean 'untrained'\?",
        ),
        ("identity", r"suite mine, `references`: 'identity' is meant for none of the datasets ring"),
    ],
)
def test_a_name_that_nothing_takes_is_told_while_planning(named: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        wanted(f'references = ["{named}"]\n{TINY}', tmp_path)


def test_a_dry_run_tells_it_too(session: Session, suite_file: Path, tmp_path: Path) -> None:
    suite_file.write_text('references = ["nois"]\n' + TINY)
    with pytest.raises(UsageError, match="did you mean 'noise'"):
        session(dry_run=True)
    assert not (tmp_path / "out").exists()


def test_an_including_suite_leaves_them_to_the_included(suite_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "both.toml"
    path.write_text(f'title = "t"\ninclude = ["{suite_file}"]\nreferences = ["noise"]\n')
    with pytest.raises(UsageError, match="its own `references` has no effect"):
        load_suite(str(path))


def test_networks_have_rows_of_their_own(tmp_path: Path) -> None:
    text = TINY + '\n[architectures.wide]\nfamily = "mlp"\nhidden = [16]\n'
    assert wanted(text, tmp_path) == ["noise", "untrained", "untrained", "real"]
