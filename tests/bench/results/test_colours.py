from __future__ import annotations

import hashlib
import itertools
from collections import Counter

import pytest

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.suite import load_suite, shipped
from gan_bench.bench.results.colours import number, numbers
from gan_bench.reports.colours import OWN, PALETTE, apart, assign, looks, number_of
from gan_bench.variants.order import VARIANTS

COMPARED = [name for name in shipped() if isinstance(load_suite(name).variants, list)]


@pytest.mark.parametrize("suite", COMPARED)
def test_what_a_suite_compares_has_different_colours(suite: str) -> None:
    named = [catalogue.variant_name(name, suite) for name in load_suite(suite).variants]
    drawn = looks({name: numbers()[name] for name in named})
    alike = [
        (one, other)
        for one, other in itertools.combinations(named, 2)
        if drawn[one].colour == drawn[other].colour
    ]
    assert not alike or len(named) > len(PALETTE)


def test_colours_of_more_variants_than_there_are_colours_are_shared_out() -> None:
    named = [catalogue.variant_name(name, "dirac") for name in load_suite("dirac").variants]
    colours = Counter(look.colour for look in looks({name: numbers()[name] for name in named}).values())
    assert len(named) > len(PALETTE)
    assert len(colours) == len(PALETTE)
    assert max(colours.values()) == -(-len(named) // len(PALETTE))


def test_every_variant_has_a_number_of_its_own() -> None:
    assert set(numbers()) >= set(VARIANTS)  # plug-ins have theirs by name
    assert len(set(numbers().values())) == len(numbers())
    assert max(numbers().values()) < OWN


@pytest.mark.parametrize(
    "name", ["nsgan+sn", "wgan+r1(gamma=3)", "srgan(objective=wgan)", "nsgan+gp+ema", "mine+r1"]
)
def test_a_composition_has_another_colour_than_the_variant_that_it_changes(name: str) -> None:
    base = name.partition("+")[0].partition("(")[0]
    assert number(name) >= OWN
    assert number(name) % len(PALETTE) != number(base) % len(PALETTE)


def test_names_that_nothing_shipped_has_keep_their_colour_in_every_company() -> None:
    own = {name: number_of(name) for name in (f"mine{place}" for place in range(60))}
    assert len({value % len(PALETTE) for value in own.values()}) == len(PALETTE)
    together = looks(apart({"nsgan": 0} | own))
    for name, value in own.items():
        alone, pair = looks(apart({name: value})), looks(apart({"nsgan": 0, name: value}))
        assert {alone[name].colour, pair[name].colour} == {together[name].colour}
        assert pair[name].marker != pair["nsgan"].marker or pair[name].colour != pair["nsgan"].colour
        assert pair[name].line != pair["nsgan"].line or pair[name].colour != pair["nsgan"].colour
    assert together["nsgan"] == looks({"nsgan": 0})["nsgan"]
    assert len({(look.colour, look.marker, str(look.line)) for look in together.values()}) == 61


def test_a_name_alone_decides_its_number() -> None:
    assert number_of("mine") == OWN + int(hashlib.sha256(b"mine").hexdigest()[:16], 16) % OWN


def test_members_of_a_group_choose_before_all_others() -> None:
    """By hand: c and z take 0 and 1, a and b the next; a group larger than the palette changes nothing."""
    assert assign(["a", "b", "c", "z"], [["c", "z"]]) == {"c": 0, "z": 1, "a": 2, "b": 3}
    names = [f"v{i:02}" for i in range(10)]
    assert assign(names, [names]) == {name: number for number, name in enumerate(names)}
    numbers = assign(names, [[names[0], names[8]], [names[0], *names[1:8]]])
    assert numbers[names[8]] % 8 != numbers[names[0]] % 8
