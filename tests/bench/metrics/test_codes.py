"""Metrics of codes and reconstructions, by hand and against other libraries, and the rows that reach them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator, MetricError, register
from gan_bench.bench.metrics.base import Undefined
from gan_bench.bench.metrics.codes import code_distance
from gan_bench.bench.metrics.outputs import Query, answer
from gan_bench.bench.metrics.pairing import training_rows
from gan_bench.bench.metrics.probes import linear_code, nearest_code
from gan_bench.bench.metrics.reconstruction import reconstruction_label, reconstruction_mse
from gan_bench.bench.metrics.registry import METRICS
from gan_bench.bench.metrics.samples import Samples
from gan_bench.datasets.finite import Restored
from gan_bench.variants.declarations import Ability
from tests.bench.metrics.transport import by_assignment

DIGITS, RING = datasets.load("digits"), datasets.load("ring")
LABELS = DIGITS.reference_labels("test")
ABILITIES = {
    "encode": Ability(("real",), makes=""),
    "features": Ability(("real",), makes=""),
    "prior": Ability(makes="", noise=("latent",)),
    "reconstruct": Ability(("real",)),
}


class Game:
    """A game whose codes are a few pixels, in units of the prior, and which reconstructs its input."""

    size = 3

    def __init__(self, shift=0.0, scale=1.0):
        self.shift, self.scale, self.asked = shift, scale, []

    def __call__(self, query: Query) -> Restored:
        self.asked.append(query)
        if query.name == "prior":
            draws = np.random.default_rng(0).normal(size=(query.count, self.size))
            return Restored(torch.from_numpy(self.scale * draws), 0)
        if query.name == "reconstruct":
            return Restored(query.given["real"], 0)
        draws = np.random.default_rng(0).normal(size=(query.count, self.size))
        return Restored(torch.from_numpy(self.scale * (draws + self.shift)), 0)


def measured(game, name, evaluator, *, final=True, abilities=ABILITIES, split="test"):
    """Measurements of one ability on one split, by metric."""
    query = next(q for q in evaluator.queries(abilities) if q.name == name and q.split == split)
    return {m.metric: m for m in evaluator.measure(answer(query, game), final=final)}


# Codes and prior


@pytest.mark.parametrize("scale", [1.0, 5.0])
def test_codes_that_are_the_priors_draws_moved_are_as_far_as_they_moved(scale):
    """W2 between draws and the same draws moved by v is |v . u| along u: on average |v| / sqrt(d)."""
    evaluator = Evaluator(RING, samples=400)
    far = measured(Game(2.0, scale), "encode", evaluator)["code_distance"].value
    spread = np.random.default_rng(0).normal(size=(400, 3)).std(0)
    directions = np.random.RandomState(0).randn(3, 50)
    directions /= np.linalg.norm(directions, axis=0)
    assert far == pytest.approx(np.sqrt((((2.0 / spread) @ directions) ** 2).mean()))
    assert measured(Game(0.0, scale), "encode", evaluator)["code_distance"].value == pytest.approx(0)


def test_the_distance_is_that_of_optimal_assignment():
    rng = np.random.default_rng(1)
    codes, prior = rng.normal(size=(60, 4)), rng.uniform(-1, 1, size=(60, 4))
    made = Samples(torch.from_numpy(codes), RING, field="")
    made.beside = {"prior": Samples(torch.from_numpy(prior), RING, field="")}
    directions = np.random.RandomState(0).randn(4, 50)
    directions /= np.linalg.norm(directions, axis=0)
    width = prior.std(0)
    other = by_assignment(codes / width, prior / width, directions)
    assert code_distance(made, None, RING.truth) == pytest.approx(other)


def test_a_constant_coordinate_of_the_prior_has_no_width():
    made = Samples(torch.randn(5, 2), RING, field="")
    made.beside = {"prior": Samples(torch.ones(5, 2), RING, field="")}
    with pytest.raises(Undefined, match="constant"):
        code_distance(made, None, RING.truth)


def test_a_game_without_a_prior_has_no_such_row():
    abilities = {name: a for name, a in ABILITIES.items() if name != "prior"}
    assert "code_distance" not in measured(Game(), "encode", Evaluator(RING, samples=20), abilities=abilities)


# Probes


class Labelled(Game):
    """A game whose codes are the labels, moved by -1 for the digits after 4 where they are held out."""

    size = 10

    def __init__(self, wrong=False):
        super().__init__()
        self.wrong = wrong

    def __call__(self, query):
        if query.name not in ("encode", "features"):
            return super().__call__(query)
        self.asked.append(query)
        label = query.paired("label")
        held_out = query.split is not None
        moved = label - ((label > 4) & held_out & self.wrong).long()
        return Restored(torch.nn.functional.one_hot(moved, 10).double(), 0)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_probes_are_fitted_on_training_codes_and_tested_on_held_out_ones(split):
    evaluator = Evaluator(DIGITS, samples=300, final_samples=300)
    right = measured(Labelled(), "encode", evaluator, split=split)
    wrong = measured(Labelled(wrong=True), "encode", evaluator, split=split)
    share = (DIGITS.reference_labels(split)[:300] <= 4).double().mean().item()
    for name in ("nearest_code", "linear_code"):
        assert right[name].value == 1.0
        assert wrong[name].value == pytest.approx(share)
        assert wrong[name].samples == 300


def test_training_rows_are_made_once_for_probes_and_k_means_at_the_end_and_never_on_the_curve():
    evaluator, game = Evaluator(DIGITS, samples=50, final_samples=60), Labelled()
    found = measured(game, "encode", evaluator, final=False)
    assert not {"nearest_code", "linear_code"} & found.keys()
    assert [query.name for query in game.asked] == ["encode", "prior"]
    measured(game, "encode", evaluator)
    training = [query for query in game.asked if query.split is None and query.name == "encode"]
    assert [query.count for query in training] == [1085]
    assert evaluator.protocol["metrics"]["nearest_code"]["n_training"] == 60_000


def test_probes_against_scikit_learn_on_pixels():
    from sklearn.neighbors import KNeighborsClassifier

    train = training_rows(DIGITS, ("real", "label"), 200)
    pixels = DIGITS.reference("test")
    made = Samples(pixels.float(), DIGITS, field="").made_from({"label": LABELS})
    made.training = Samples(train["real"].float(), DIGITS, field="").made_from({"label": train["label"]})
    other = KNeighborsClassifier(1).fit(train["real"].flatten(1).double(), train["label"])
    expected = other.score(pixels.flatten(1).double(), LABELS)
    assert nearest_code(made, None, DIGITS.truth) == pytest.approx(expected)
    assert linear_code(made, None, DIGITS.truth) > 0.8


def test_training_rows_of_several_fields_belong_together_and_are_spread():
    source = DIGITS.stream("labelled", "train")
    rows = training_rows(DIGITS, ("label", "real"), 5)
    expected = source.gather(torch.tensor([0, 217, 434, 651, 868]))
    assert all(torch.equal(rows[field], expected[field]) for field in ("label", "real"))
    assert len(training_rows(DIGITS, ("real",), 10**6)["real"]) == len(source)
    with pytest.raises(Undefined, match="no stream of real and other"):
        training_rows(DIGITS, ("real", "other"), 5)


def test_probes_are_not_of_infinite_data():
    assert (
        not {"nearest_code", "linear_code"} & measured(Game(), "encode", Evaluator(RING, samples=20)).keys()
    )


def test_rows_of_other_outputs_that_are_not_finite_leave_a_reason():
    class Broken(Game):
        def __call__(self, query):
            made = super().__call__(query)
            return made if query.name == "encode" else Restored(made.rows[1:], 1)

    found = measured(Broken(), "encode", Evaluator(RING, samples=20))["code_distance"]
    assert found.reason == "1 of 20 rows of prior are not finite"


def test_a_path_has_no_training_rows():
    with METRICS.restored(), pytest.raises(MetricError, match="path has no training rows"):
        register("m", title="M", direction="min", when="path", training=5)(lambda *_: 0.0)


# Reconstructions


def test_the_mse_is_on_the_scale_of_intensities_from_0_to_1():
    real = DIGITS.reference("test", 20)
    made = real.clone()
    made[:, :, 0, 0] += 51  # a fifth of white, at one of 784 pixels
    found = reconstruction_mse(Samples(made, DIGITS), Samples(real, DIGITS), DIGITS.truth)
    assert found == pytest.approx(0.2**2 / 784)
    exact = measured(Game(), "reconstruct", Evaluator(DIGITS, samples=50))
    assert exact["reconstruction_mse"].value == 0
    assert exact["reconstruction_label_lenet28_digits"].value > 0.95


def test_the_label_that_is_kept_is_the_inputs():
    made = Samples(RING.truth.modes[[0, 1, 2, 3]] + 0.05, RING)
    made.made_from({"label": torch.tensor([0, 1, 5, 7])})
    assert reconstruction_label(made, None, RING.truth) == 0.5
