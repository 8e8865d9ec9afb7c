"""Settings are resolved in layers, and impossible ones are refused with the nearest valid choice."""

import json
import math

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_bench import variants
from gan_bench.variants.hyperparameters import (
    INFINITE,
    LARGEST,
    SMALLEST,
    ZERO,
    Hyperparameter,
    HyperparameterError,
    completed,
    continuous,
    optimiser_hyperparameters,
    resolve,
    stated,
)

WGAN = variants.get("wgan").hyperparameters


def test_later_layers_win_and_defaults_fill_the_rest():
    resolved = resolve(WGAN, {"lr": 1e-3, "clip": 0.1}, {"lr": 5e-3}, {})
    assert resolved.keys() == WGAN.keys()
    assert (resolved["lr"], resolved["clip"], resolved["n_critic"]) == (5e-3, 0.1, 1)


def test_a_players_rate_is_inherited_unless_given():
    resolved = resolve(WGAN, {"lr": 1e-3, "critic_lr": 4e-3, "optimiser": "sgd"})
    assert (resolved["critic_lr"], resolved["generator_lr"]) == (4e-3, 1e-3)
    assert resolved["generator_optimiser"] == "sgd"
    schedule = {"schedule": "cosine", "start": 1e-3, "end": 1e-5}
    assert resolve(WGAN, {"lr": schedule})["critic_lr"]["schedule"] == "cosine"


def test_results_are_plain_json_of_the_declared_types():
    resolved = resolve(WGAN, {"lr": 1, "batch_size": 32.0})
    assert type(resolved["lr"]) is float
    assert type(resolved["batch_size"]) is int
    assert json.loads(json.dumps(resolved)) == resolved


@pytest.mark.parametrize("variant", variants.names())
def test_defaults_and_profiles_of_every_variant_resolve_and_are_stable(variant):
    game = variants.get(variant)
    for profile in ({}, *game.profiles.values()):
        resolved = resolve(game.hyperparameters, profile)
        assert resolve(game.hyperparameters, resolved) == resolved


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_critics": 5}, r"owner has no hyperparameter 'n_critics'; did you mean 'n_critic'"),
        ({"zzz": 5}, r"no hyperparameter 'zzz'; choose from: batch_size, ema"),
        ({"lr": 0}, r"owner\.lr = 0\.0: outside \(0, inf\] \(nearest bound: 0\)"),
        ({"lr": -1e-3}, r"outside \(0, inf\]"),
        ({"lr": "fast"}, r"owner\.lr = 'fast': a number expected"),
        ({"lr": True}, r"a number expected"),
        ({"clip": None}, r"owner\.clip = None: a number expected"),
        ({"lr": float("nan")}, r"lr = nan"),
        ({"lr": float("inf")}, r"lr = inf"),
        ({"beta1": 1.0}, r"beta1 = 1\.0: outside \[0, 1\) \(nearest bound: 1\)"),
        ({"batch_size": 0}, r"batch_size = 0: outside \[1, inf\] \(nearest bound: 1\)"),
        ({"batch_size": 12.6}, r"batch_size = 12\.6: a whole number expected \(nearest: 13\)"),
        ({"batch_size": float("inf")}, r"batch_size = inf"),
        ({"batch_size": float("nan")}, r"batch_size = nan"),
        (
            {"optimiser": "adamw"},
            r"optimiser = 'adamw': unknown choice; did you mean 'adam'",
        ),
        ({"latent_law": 3}, r"latent_law = 3: unknown choice; choose from: normal, uniform, sphere"),
        ({"latent_law": ["normal"]}, r"latent_law = \['normal'\]: unknown choice"),
        ({"n_critic": {"schedule": "linear", "start": 1, "end": 5}}, r"n_critic is structural"),
        ({"lr": {"schedule": "lineer", "start": 1, "end": 5}}, r"owner\.lr: .*did you mean 'linear'"),
        ({"lr": {"schedule": "linear", "start": 1}}, r"owner\.lr: .*missing: \['end'\]"),
        ({"lr": {"schedule": "linear", "start": 1, "end": -1}}, r"owner\.lr = -1\.0: outside"),
        ({"lr": {"schedule": "linear", "start": 1, "end": "x"}}, r"owner\.lr: "),
        ({"lr": {"schedule": "linear", "start": 1, "end": float("nan")}}, r"owner\.lr = nan"),
        ({"lr": {"schedule": "linear", "start": 1, "end": 2, "begin": 0.8, "until": 0.2}}, r"begin < until"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(HyperparameterError, match=message):
        resolve(WGAN, settings, owner="owner")


@pytest.mark.parametrize("value", [1e39, -1e39, 1e-60, float("1e-46")])
def test_numbers_that_32_bit_floats_do_not_hold_are_refused(value):
    free = Hyperparameter(1.0)
    schedule = {"schedule": "linear", "start": 1.0, "end": value}
    for one in (value, str(value), schedule):
        with pytest.raises(HyperparameterError, match=r"x = .*32-bit floats.*expected 0 or a size from"):
            free.check("x", one)
    with pytest.raises(HyperparameterError, match=r"32-bit floats"):
        Hyperparameter(1.0, "structural").check("x", value)


def test_the_ends_of_32_bit_floats_are_held():
    for value in (LARGEST, -LARGEST, SMALLEST, 0.0):
        assert float(numpy.float32(value)) == value
        assert Hyperparameter(1.0).check("x", value) == value
        assert Hyperparameter(1.0).check("x", f"{value:.12g}") == float(f"{value:.12g}"), "as names state it"


def test_what_32_bit_floats_round_to_nothing_or_to_infinity_is_refused():
    with numpy.errstate(over="ignore"):
        for value, rounded in ((ZERO, 0.0), (INFINITE, math.inf)):
            assert numpy.float32(value) == rounded
            with pytest.raises(HyperparameterError, match=r"32-bit floats"):
                Hyperparameter(1.0).check("x", value)
    for value in (math.nextafter(ZERO, 1.0), math.nextafter(INFINITE, 0.0)):
        assert 0.0 < numpy.float32(value) < math.inf
        assert Hyperparameter(1.0).check("x", value) == value


def test_whole_numbers_beyond_those_of_tensors_are_refused():
    whole = Hyperparameter(1, "structural")
    assert whole.check("n", 2**53) == 2**53
    for value in (2**63, 1e300, -(10**400)):
        with pytest.raises(HyperparameterError, match="n = "):
            whole.check("n", value)


def test_open_and_closed_ends():
    half_open = Hyperparameter(0.5, low=0.0, high=1.0, open_high=True)
    assert half_open.check("x", 0) == 0.0
    with pytest.raises(HyperparameterError, match=r"\[0, 1\)"):
        half_open.check("x", 1)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_what_passes_the_check_is_finite_and_in_range(value):
    declared = Hyperparameter(0.5, low=-2.0, high=3.0, open_low=True)
    valid = -2.0 < value <= 3.0 and (value == 0 or abs(value) > ZERO)
    try:
        assert declared.check("x", value) == value
        assert valid
    except HyperparameterError:
        assert not valid


def test_what_may_differ_inside_a_pack():
    names = continuous(WGAN)
    assert {"lr", "critic_lr", "beta1", "clip", "ema", "momentum"} <= names
    assert not names & {"batch_size", "n_critic", "optimiser", "latent_dim", "latent_law", "critic_norm"}


def test_every_player_gets_an_optimiser_and_a_rate():
    table = optimiser_hyperparameters("critic", "encoder")
    assert table["encoder_lr"].inherits == "lr"
    assert table["encoder_optimiser"].choices == ("adam", "rmsprop", "sgd")


def test_a_later_layer_replaces_what_inherits_from_it():
    """A user's rate is not lost under the players' rates of a profile; within one layer both hold."""
    profile = {"lr": 0.1, "critic_lr": 0.05, "critic_optimiser": "sgd"}
    user = resolve(WGAN, profile, {"lr": 1e-3})
    assert (user["lr"], user["critic_lr"], user["generator_lr"]) == (1e-3, 1e-3, 1e-3)
    assert user["critic_optimiser"] == "sgd"
    assert resolve(WGAN, profile, {"optimiser": "rmsprop"})["critic_optimiser"] == "rmsprop"
    both = resolve(WGAN, profile, {"lr": 1e-3, "critic_lr": 2e-3})
    assert (both["critic_lr"], both["generator_lr"]) == (2e-3, 1e-3)


def test_implied_hyperparameters_are_left_out_at_their_default_and_filled_in_again():
    plain, scaled = resolve(WGAN), resolve(WGAN, {"latent_scale": 2})
    implied = {name for name, declared in WGAN.items() if declared.implied}
    assert {"latent_scale", "weight_decay"} <= implied < plain.keys()
    assert stated(WGAN, plain) == {n: v for n, v in plain.items() if n not in implied}
    assert stated(WGAN, scaled)["latent_scale"] == 2.0
    for settings in (plain, scaled):
        assert completed(WGAN, stated(WGAN, settings)) == settings
    assert completed(WGAN, {"lr": 1e-3})["critic_lr"] == 1e-3


def test_a_structural_hyperparameter_may_be_a_real_number():
    assert resolve(WGAN, {"latent_scale": 3**0.5})["latent_scale"] == 3**0.5
    with pytest.raises(HyperparameterError, match="structural and cannot follow a schedule"):
        resolve(WGAN, {"latent_scale": {"schedule": "linear", "start": 1, "end": 2}})
    with pytest.raises(HyperparameterError, match=r"outside \(0, inf\]"):
        resolve(WGAN, {"latent_scale": 0})
