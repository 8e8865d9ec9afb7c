"""Promises of every network family: the purposes that it has, shapes, effects, and equal numbers in packs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gan_bench.bench.checking.checks import expect, promises
from gan_bench.bench.checking.networks import inputs_have_effects, packs_are_replicas, shapes_are_right
from gan_bench.variants.networks import check
from gan_bench.variants.networks.registry import FAMILIES


def _each(name: str, run: Callable[[dict[str, Any], str], None]) -> None:
    for purpose in FAMILIES.get(name).purposes:
        run({"family": name}, purpose)


@promises("network family", "it builds networks for the purposes that it defines, with the shapes asked for")
def builds(name: str) -> None:
    """Raise for a purpose without networks, and outputs of other shapes than expected."""
    expect(bool(FAMILIES.get(name).purposes), "it defines no purpose: write generator(...) or critic(...)")
    _each(name, shapes_are_right)


@promises("network family", "its options are declared with a meaning")
def declares(name: str) -> None:
    """Raise for options without documentation, or continuous ones."""
    settings = {**FAMILIES.get(name).defaults, **check({"family": name})}
    for option, declared in FAMILIES.get(name).options.items():
        expect(bool(declared.doc), f"its option {option} has no meaning: give Hyperparameter(..., doc)")
        expect(declared.kind == "structural", f"its option {option} is {declared.kind}, expected structural")
        declared.check(option, settings[option])


@promises("network family", "every input of a network has an effect")
def uses_its_inputs(name: str) -> None:
    """Raise for an input that changes no output."""
    _each(name, inputs_have_effects)


@promises("network family", "networks in a pack are those of each seed alone")
def packs(name: str) -> None:
    """Raise for losses or gradients that differ in a pack."""
    _each(name, packs_are_replicas)
