"""Origins of the values of hyperparameters."""

from __future__ import annotations

import pytest

from gan_bench.bench.show.formulas import formula, penalty_text, statement, total
from gan_bench.bench.show.settings import Layer, origins
from gan_bench.variants import info, names, profiles
from gan_bench.variants.hyperparameters import resolve
from gan_bench.variants.penalties import GradientPenalty


def test_later_layers_override_and_a_rate_overrides_those_that_inherit_it():
    entry = info("wgan+gp(weight=3)")
    layers = [
        Layer("profile paper", {"lr": 1e-4, "critic_lr": 1e-3, "n_critic": 5}),
        Layer("suite mine", {"lr": 2e-4, "batch_size": 32}),
        Layer("--set", {"batch_size": 16}),
    ]
    found = origins(entry.game.hyperparameters, entry.uses, layers)
    expected = {
        "lr": "suite mine", "critic_lr": "as lr", "generator_lr": "as lr", "n_critic": "profile paper",
        "batch_size": "--set", "penalty_weight": "part gp(weight=3)", "beta1": "default",
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("name", names())
def test_every_value_is_that_of_its_origin(name):
    """For every profile of every variant, against the values that trials have."""
    entry = info(name)
    declared = entry.game.hyperparameters
    for profile in ("default", *entry.game.profiles):
        layers = [
            Layer("profile", profiles.load(name, profile, "planar")),
            Layer("--set", {"lr": 0.5, "batch_size": 64}),
        ]
        settings = {layer.origin: layer.settings for layer in layers}
        values = resolve(declared, *settings.values())
        for hyperparameter, origin in origins(declared, entry.uses, layers).items():
            if origin in settings:
                expected = declared[hyperparameter].check("", settings[origin][hyperparameter])
            elif origin.startswith("as "):
                expected = values[origin.removeprefix("as ")]
            else:
                assert origin == "default" or origin.removeprefix("part ") in [u.text for u in entry.uses]
                expected = declared[hyperparameter].check("", declared[hyperparameter].default)
            assert values[hyperparameter] == expected, hyperparameter


@pytest.mark.parametrize(
    ("variant", "profile", "kind", "owner"),
    [
        ("nsgan", "default", "planar", "nsgan"),
        ("r1gan", "paper", "planar", "r1gan"),  # its own
        ("nsgan+ema", "paper", "planar", "nsgan"),
        ("r1gan", "tuned", "planar", "r1gan"),
        ("nsgan+ema", "tuned", "planar", "nsgan"),
    ],
)
def test_the_owner_of_a_profile_is_the_variant_that_states_it(variant, profile, kind, owner):
    assert profiles.owner(info(variant).name, profile, kind) == owner


def test_formulas_are_joined_with_their_signs_and_without_explanations():
    assert formula("E f(a, b), a term; and more") == "E f(a, b)"
    assert total("-E D(x), the real", "-E D(G(z)), the fake") == "-E D(x) - E D(G(z))"
    assert total("a", "b") == "a + b"


def test_a_statement_is_the_docstring_without_its_verb():
    def stated():
        """Return ``x`` times
        two.

        More.
        """

    def silent():
        pass

    assert statement(stated) == "x times two"
    assert statement(silent).endswith("which has no docstring")


@pytest.mark.parametrize(
    ("penalty", "text"),
    [
        (GradientPenalty(), "penalty_weight E (||grad D|| - 1)^2 between real and generated samples"),
        (
            GradientPenalty(points="real", target=0.0, scale=0.5, weight="r1_gamma"),
            "0.5 r1_gamma E ||grad D||^2 at real samples",
        ),
    ],
)
def test_penalties_in_words(penalty, text):
    assert penalty_text(penalty) == text
