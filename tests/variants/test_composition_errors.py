"""Compositions that cannot be read or made, and the sentences that say so."""

import re

import pytest

from gan_bench import variants
from gan_bench.variants.hyperparameters import HyperparameterError, resolve
from gan_bench.variants.parts import CompositionError, parts, register_part


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nsgan+r3", r"unknown part 'r3'; choose from: gp, .*clip"),
        ("nsgan+r1(beta=1)", r"r1 has no argument 'beta' here; it takes gamma"),
        ("nsgan+r1(1, gamma=2)", r"no argument 'gamma' here"),
        ("nsgan+sn(3)", r"sn has no argument '' here; it takes none"),
        ("nsgan+r1+r1", r"r1 is given twice"),
        ("nsgan+r1(gamma=0.3", r"expected BASE\+PART"),
        ("nsgan+", r"expected BASE\+PART"),
        ("+r1", r"expected BASE\+PART"),
        ("nsgan+r1(gamma=-1)", r"r1_gamma = -1\.0: outside \[0, inf\]"),
        ("nsgan+pac(0)", r"pac = 0: outside \[1, inf\]"),
        ("wgan+gp(target=-1)", r"gp\(target=-1\): a number of at least 0"),
        ("wgan+gp(target=soft)", r"gp\(target=soft\): a number of at least 0"),
        ("wgan+smooth", r"smooth.*label_smoothing"),
        ("cyclegan(objective=hinge)+smooth", r"smooth.*label_smoothing|no label_smoothing to set"),
        ("cyclegan(objective=hinge)+r3", r"unknown part 'r3'"),
        ("cyclegan(loss=hinge)", r"one argument, its adversarial objective: cyclegan\(objective=VARIANT\)"),
        ("cyclegan(objective=)", r"one argument, its adversarial objective"),
        ("cyclegan(objective=3)", r"one argument, its adversarial objective"),
        ("cyclegan(objective=hinge, lr=1)", r"objective"),
        ("cyclegan(objective=hinge", r"expected NAME or NAME\(objective=VARIANT\)"),
        (
            "cyclegan(objective=bigan)",
            r"bigan has no objective on scores .*objectives are gan, nsgan, .*rahinge",
        ),
        ("cyclegan(objective=bgan-discrete)", r"bgan-discrete has no objective on scores"),
    ],
)
def test_what_cannot_be_composed_is_refused(text, message):
    with pytest.raises(CompositionError, match=message):
        variants.info(text)


def test_an_unknown_base_names_the_nearest():
    with pytest.raises(variants.UnknownVariant, match="unknown variant 'nsgann'; did you mean 'nsgan'"):
        variants.info("nsgann+r1")


@pytest.mark.parametrize(
    ("text", "nearest"), [("cyclegan(objective=hing)", "hinge"), ("cyclegann(objective=hinge)", "cyclegan")]
)
def test_an_unknown_objective_or_game_names_the_nearest(text, nearest):
    with pytest.raises(variants.UnknownVariant, match=rf"{re.escape(text)}: .*did you mean '{nearest}'"):
        variants.info(text)


def test_a_game_without_critics_has_no_objective_to_choose(toy):
    name = toy(type("Plain", (variants.Game,), {"__doc__": "A toy."}))
    with pytest.raises(CompositionError, match=rf"{name} has no objective on scores"):
        variants.info(f"{name}(objective=hinge)")


def test_a_game_that_reads_scores_as_log_ratios_refuses_other_objectives():
    def check(text):
        game = variants.get(text)
        game.check(resolve(game.hyperparameters))

    check("bgan-discrete(objective=nsgan)")
    with pytest.raises(HyperparameterError, match=r"choose the objective nsgan, gan or bgan"):
        check("bgan-discrete(objective=hinge)")


def test_parts_say_what_they_are_for(toy):
    name = toy(type("Plain", (variants.Game,), {"__doc__": "A toy."}))
    with pytest.raises(CompositionError, match=r"r1 is for games of Adversarial, and Plain is none"):
        variants.info(f"{name}+r1")
    assert all(part.title and issubclass(part.requires, variants.Game) for part in parts().values())
    with pytest.raises(ValueError, match="part 'r1' is registered already"):
        register_part("r1", "again")
