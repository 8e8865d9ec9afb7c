"""Accuracy of games that classify, and the error of images whose holes are filled; their reference rows."""

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio
from sklearn.metrics import accuracy_score

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator
from gan_bench.bench.metrics.outputs import Output, Query, answer, queries
from gan_bench.bench.references import Ask, Start, info
from gan_bench.datasets.finite import Restored
from gan_bench.variants import Ability
from tests.bench.references.planned import trial_of

DIGITS = datasets.load("digits")
CLASSIFY = {"classify": Ability(("real",), makes="")}
FILL = {"inpaint": Ability(("real",), noise=("hole",)), "hole": Ability(noise=("hole",), makes="")}


def measured(output):
    evaluator = Evaluator(DIGITS, samples=400)
    return {(m.metric, m.split): m for m in evaluator.measure(output, final=True)}


def test_accuracy_is_that_of_the_most_probable_class():
    labels = DIGITS.reference("test", field="label")
    logits = torch.randn(len(labels), 10, generator=torch.Generator().manual_seed(0))
    (_, query) = queries("classify", CLASSIFY, DIGITS, 400)
    found = measured(Output(query, logits))["accuracy", "test"]
    assert found.value == pytest.approx(accuracy_score(labels, logits.argmax(1)))
    right = torch.nn.functional.one_hot(labels, 10).float()
    assert measured(Output(query, right))["accuracy", "test"].value == 1.0
    assert found.samples == 355


def holes(count):
    mask = torch.zeros(count, 1, 28, 28)
    for row in range(count):
        mask[row, 0, 5 + row % 9 : 14 + row % 9, 8:17] = 1.0
    return mask


def filling(change):
    """Return what is made of inputs by changing the pixels of their holes."""

    def make(query: Query):
        mask = holes(query.count)
        if query.name == "hole":
            return Restored(mask, 0)
        x = query.given["real"].float()
        return Restored(torch.where(mask.bool(), change(x), x).round().to(torch.uint8), 0)

    (_, query) = queries("inpaint", FILL, DIGITS, 400)
    return answer(query, make)


def test_the_error_is_of_the_pixels_of_holes_alone():
    output = filling(lambda x: 0.5 * x + 20)
    found = measured(output)["hole_psnr", "test"]
    within = holes(355).bool().numpy()
    truth = DIGITS.reference("test").numpy()
    expected = peak_signal_noise_ratio(truth[within], output.rows.numpy()[within], data_range=255)
    assert found.value == pytest.approx(expected)
    assert measured(filling(lambda x: x))["hole_psnr", "test"].value == 100.0


def test_the_label_kept_is_the_classifiers_of_the_filled_image():
    whole, empty = (measured(filling(change)) for change in (lambda x: x, lambda x: 255 - x))
    name = ("hole_label_lenet28_digits", "test")
    assert whole[name].value > 0.95
    assert empty[name].value < whole[name].value - 0.2


# Reference rows


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    return trial_of("ccgan", tmp_path_factory.mktemp("suite"), labels=50)


def filled(name, trial):
    maker = info(name).start(Start(DIGITS, trial, 0, "cpu"))
    (_, query) = queries("inpaint", maker.abilities, DIGITS, 355)

    def make(query):
        return maker(Ask(DIGITS, query.name, query.count, query.given, torch.Generator(), None))

    return answer(query, make), make(Query("hole", "", 355)).rows[:, 0].bool().numpy()


@pytest.mark.parametrize("name", ["mean-fill", "nearest-context"])
def test_a_fill_leaves_the_context_as_it_is(name, trial):
    output, within = filled(name, trial)
    truth, made = DIGITS.reference("test").numpy()[:, 0], output.rows.numpy()[:, 0]
    assert (made[~within] == truth[~within]).all()
    assert 9.0 < measured(output)["hole_psnr", "test"].value < 14.0


def test_the_mean_image_fills_holes(trial):
    output, within = filled("mean-fill", trial)
    pixels = DIGITS.stream("real").gather(torch.arange(1085)).double().numpy()[:, 0].mean(0)
    expected = np.broadcast_to(pixels, within.shape)[within]
    assert np.abs(output.rows.numpy()[:, 0][within] - expected).max() <= 1.0


def test_the_nearest_pixels_fill_holes(trial):
    """By looking at every pixel of the context, in the first images."""
    output, within = filled("nearest-context", trial)
    for image, truth, hole in zip(
        output.rows[:3, 0].numpy(), DIGITS.reference("test")[:, 0].numpy(), within, strict=False
    ):
        outside = np.argwhere(~hole)
        for pixel in np.argwhere(hole)[::7]:
            squares = ((outside - pixel) ** 2).sum(1)
            nearest = outside[squares == squares.min()]
            assert image[tuple(pixel)] in {truth[tuple(place)] for place in nearest}


def test_all_trials_fill_the_same_holes(trial):
    """The evaluator asks the game for them, after training as at the start."""
    from gan_bench.bench.references.makers import untrained_model

    one, other = (untrained_model(Start(DIGITS, trial, draw, "cpu")) for draw in (0, 1))
    assert torch.equal(one.make("hole", 355).rows, other.make("hole", 355).rows)
    given = DIGITS.given(["real"], "test", 355)
    made = one.make("inpaint", 355, given).rows
    outside = one.make("hole", 355).rows == 0
    assert torch.equal(made[outside], given["real"][outside])
