"""Mistakes in the registration of a reference row: each is named where it is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.references import Ask, Start, info, names, register
from gan_bench.bench.references.registry import REFERENCES
from gan_bench.datasets.finite import Restored
from gan_bench.variants.declarations import Ability

WORDS: dict[str, Any] = {"title": "A row", "meaning": "what it is"}
START = Start(datasets.load("ring"), None, 0, "cpu")  # type: ignore[arg-type]
ASK = Ask(START.dataset, "sample", 3, {}, torch.Generator())


def origin(ask: Ask) -> torch.Tensor:
    return torch.zeros(ask.count, *ask.dataset.shape)


class Origin:
    """A maker as it should be."""

    abilities: Any = {"sample": Ability()}

    def __init__(self, start: Start) -> None:
        self.start = start

    def __call__(self, ask: Ask) -> Any:
        return Restored(origin(ask), 0)


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    with REFERENCES.restored():
        yield


@pytest.mark.parametrize(
    ("name", "fields", "message"),
    [
        ("", {}, "reference row name '' must be letters, digits, hyphens and underscores"),
        ("a row", {}, "reference row name 'a row' must be"),
        (3, {}, "reference row name 3 must be"),
        ("row", {"titel": "A"}, "reference row 'row': there is no field 'titel'; did you mean 'title'?"),
        ("row", {"start": Origin}, "there is no field 'start'"),
        ("row", {"title": ""}, "title is '', expected a text that is not empty"),
        ("row", {"meaning": None}, "meaning is None, expected a text that is not empty"),
        ("row", {"kinds": "images"}, "kinds is 'images', expected a tuple of names"),
        ("row", {"kinds": ("image",)}, "kinds is ('image',), expected some of scalar, planar, vectors"),
        ("row", {"kinds": ()}, "kinds is (), expected some of scalar"),
        ("row", {"truth": "classes"}, "truth is 'classes', expected a tuple of names"),
        ("row", {"without": ["modes"]}, "without is ['modes'], expected a tuple of names"),
        ("row", {"per": "latent_dim"}, "per is 'latent_dim', expected a tuple of names"),
        ("row", {"beside": None}, "beside is None, expected the name of an ability, or an empty text"),
        ("row", {"draws": 0}, "draws is 0, expected a whole number from 1 on"),
        ("row", {"draws": True}, "draws is True, expected a whole number from 1 on"),
        ("row", {"version": "2"}, "version is '2', expected a whole number from 1 on"),
        ("row", {"default": 1}, "default is 1, expected True or False"),
        ("row", {"of_networks": None}, "of_networks is None, expected True or False"),
        ("row", {"fits": True}, "fits is True, expected a function of a dataset"),
        ("row", {"fits": lambda: True}, "expected a function of a dataset"),
        ("row", {"title": "{latent_dim}"}, "title holds {latent_dim}, expected none, because it states no"),
        ("row", {"title": "{dim}", "per": ("width",)}, "title holds {dim}, expected one of per (width)"),
        ("row", {"title": "a { brace"}, "title 'a { brace' cannot be filled in"),
        ("row", {"ability": ""}, "ability is '', expected a name"),
        ("row", {"makes": None}, "makes is None, expected a name"),
        ("row", {"inputs": "real"}, "inputs is 'real', expected a tuple of names of fields"),
        ("noise", {}, "reference row 'noise' is registered already, by"),
    ],
)
def test_a_field_that_is_not_valid_is_named(name: Any, fields: dict[str, Any], message: str) -> None:
    before = names()
    with pytest.raises(UsageError) as caught:
        register(name, **{**WORDS, **fields})(origin)
    assert message in str(caught.value)
    assert names() == before


def test_a_title_and_a_meaning_are_needed() -> None:
    with pytest.raises(UsageError, match="'row': it lacks title and meaning"):
        register("row")(origin)


class WithoutCall:
    abilities: Any = {"sample": Ability()}

    def __init__(self, start: Start) -> None:
        pass


class WithoutAsk(WithoutCall):
    def __call__(self) -> Restored:
        return Restored(torch.zeros(1, 2), 0)


class WithoutStart(Origin):
    def __init__(self) -> None:
        pass


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: None, "must be a function of one argument, an Ask, or a class"),
        (lambda ask, more: None, "must be a function of one argument, an Ask, or a class"),
        ("origin", "'origin' must be a function of one argument"),
        (WithoutCall, "WithoutCall lacks a method __call__(self, ask)"),
        (WithoutAsk, "WithoutAsk lacks a method __call__(self, ask)"),
        (WithoutStart, "WithoutStart must be made from one argument, a Start"),
    ],
)
def test_what_cannot_be_called_as_rows_are_is_refused(make: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        register("row", **WORDS)(make)
    assert message in str(caught.value)
    assert "row" not in names()


def test_a_class_states_its_abilities_itself() -> None:
    with pytest.raises(UsageError, match="'row': ability, inputs of a class have no effect"):
        register("row", ability="translate", inputs=("a",), **WORDS)(Origin)


@pytest.mark.parametrize("abilities", [None, {}, ("sample",), {"sample": ("real",)}])
def test_abilities_of_another_form_are_named_when_the_row_is_made(abilities: Any) -> None:
    made = register("row", **WORDS)(type("Made", (Origin,), {"abilities": abilities}))
    with pytest.raises(UsageError, match=r"'row': its abilities are .* expected a mapping of names to Abil"):
        info("row").start(START)
    assert made.abilities == abilities


def test_rows_of_another_form_are_named_with_the_ability() -> None:
    register("row", **WORDS)(lambda ask: [0.0] * ask.count)
    with pytest.raises(UsageError, match="'row': sample gave list, expected Tensor"):
        info("row").start(START)(ASK)


@pytest.mark.parametrize("make", [origin, Origin, lambda ask, scale=1: scale * origin(ask)])
def test_functions_and_classes_of_the_right_form_are_registered(make: Any) -> None:
    fields: dict[str, Any] = {"per": ("latent_dim",), "kinds": ("planar",), "fits": bool, "draws": 2}
    assert register("row", title="{latent_dim:g} dimensions", meaning="all at 0", **fields)(make) is make
    made = info("row").start(START)(ASK)
    assert torch.equal(made.rows, torch.zeros(3, 2))
