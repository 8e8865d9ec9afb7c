from __future__ import annotations

import itertools

import pytest

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import load_suite, shipped
from gan_bench.bench.results.colours import numbers
from gan_bench.reports.colours import PALETTE, assign, looks

COMPARED = [name for name in shipped() if isinstance(load_suite(name).variants, list)]


@pytest.mark.parametrize("suite", COMPARED)
def test_what_a_suite_compares_has_different_colours(suite: str) -> None:
    named = [name for name in load_suite(suite).variants if name in numbers()]
    drawn = looks({name: numbers()[name] for name in named})
    alike = [
        (one, other)
        for one, other in itertools.combinations(named, 2)
        if drawn[one].colour == drawn[other].colour
    ]
    assert not alike or len(named) > len(PALETTE)


def test_every_variant_has_a_number_of_its_own() -> None:
    assert set(numbers()) == set(catalogue.variant_names())
    assert len(set(numbers().values())) == len(numbers())


def test_members_of_a_group_choose_before_all_others() -> None:
    """By hand: c and z take 0 and 1, a and b the next; a group larger than the palette changes nothing."""
    assert assign(["a", "b", "c", "z"], [["c", "z"]]) == {"c": 0, "z": 1, "a": 2, "b": 3}
    names = [f"v{i:02}" for i in range(10)]
    assert assign(names, [names]) == {name: number for number, name in enumerate(names)}
    numbers = assign(names, [[names[0], names[8]], [names[0], *names[1:8]]])
    assert numbers[names[8]] % 8 != numbers[names[0]] % 8
