from __future__ import annotations

import itertools

import pytest

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import load_suite, shipped
from gan_bench.bench.results.colours import place
from gan_bench.reports.style import PALETTE, looks

COMPARED = [name for name in shipped() if isinstance(load_suite(name).variants, list)]


@pytest.mark.parametrize("suite", COMPARED)
def test_what_a_suite_compares_has_different_colours(suite: str) -> None:
    named = [name for name in load_suite(suite).variants if place(name) is not None]
    drawn = looks({name: place(name) for name in named})
    alike = [
        (one, other)
        for one, other in itertools.combinations(named, 2)
        if drawn[one].colour == drawn[other].colour
    ]
    assert not alike or len(named) > len(PALETTE)


def test_every_variant_has_a_place_of_its_own() -> None:
    places = [place(name) for name in catalogue.variant_names()]
    assert None not in places
    assert len(set(places)) == len(places)
    assert place("no such variant") is None
