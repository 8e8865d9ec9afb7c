"""Pictures of abilities: arrays in the right places, compared with a toy's closed forms."""

import numpy as np
import pytest
import torch

from gan_bench.bench.abilities.beside import side_by_side
from gan_bench.bench.abilities.bounded import BYTES, bytes_of, small
from gan_bench.bench.abilities.classes import rows_of_classes
from gan_bench.bench.abilities.codes import clusters, codes, confusion
from gan_bench.bench.abilities.kinds import KINDS, pictures
from gan_bench.bench.abilities.subject import Subject, evaluation_draws
from gan_bench.bench.abilities.traversals import traversal, traversals, values_of
from gan_bench.bench.engine.streams import stream
from gan_bench.bench.metrics.outputs import Output, Query
from gan_bench.datasets.finite import Restored
from gan_bench.reports.plots.abilities import KINDS as DRAWN
from gan_bench.spaces import Space
from gan_bench.variants import Noise
from gan_bench.variants.declarations import Ability
from tests.bench.abilities.able import CLASSES, POINTS, ROWS, SCALE, SHIFT, Able, Plain, model


@pytest.fixture
def subject(toy):
    return Subject(model(toy), POINTS, "raw", evaluation_draws(POINTS.name))


def drawn(name, count):
    """Draws of evaluation by the name of their stream."""
    return Able.noise(None)[name].draw(1, count, stream(POINTS.name, "evaluation", name))[0].double()


def restored(latent, label, number):
    return SCALE * (2 * latent + 10 * label + 100 * number) + SHIFT


def test_samples_of_a_row_have_its_class_and_those_of_a_column_its_draws(subject):
    made = rows_of_classes(subject, columns=5)
    assert made["class"].tolist() == [0, 1, 2]
    latent, number = drawn("latent", 5), drawn("number", 5)
    for label in range(CLASSES):
        torch.testing.assert_close(
            made["rows"][label].double(), restored(latent, label, number), atol=1e-3, rtol=1e-5
        )
    some = rows_of_classes(subject, columns=5, classes=(2, 0))
    torch.testing.assert_close(some["rows"], made["rows"][[2, 0]])


@pytest.mark.parametrize("held", [1, 3])
def test_one_component_of_a_code_varies_along_a_row_and_all_else_is_held(subject, held):
    made = traversal(subject, "number", steps=4, held=held)
    assert made["rows"].shape == (2, held, 4, 2)
    torch.testing.assert_close(made["values"].double(), torch.linspace(-1, 1, 4).double())
    latent, label, number = (drawn(name, held) for name in ("latent", "label", "number"))
    for component in range(2):
        for step, value in enumerate(np.linspace(-1, 1, 4)):
            varied = number.clone()
            varied[:, component] = value
            expected = restored(latent, label[:, None], varied)
            torch.testing.assert_close(
                made["rows"][component, :, step].double(), expected, atol=1e-3, rtol=1e-5
            )


def test_a_category_takes_all_its_values(subject):
    made = traversal(subject, "label", held=2)
    assert made["values"].tolist() == [0, 1, 2]
    latent, number = (drawn(name, 2)[:, None] for name in ("latent", "number"))
    expected = restored(latent, torch.arange(3.0)[None, :, None], number)
    torch.testing.assert_close(made["rows"][0].double(), expected.double(), atol=1e-3, rtol=1e-5)


def test_labels_that_are_inputs_are_no_traversal(subject):
    assert set(traversals(subject)) == {"number.rows", "number.values"}


@pytest.mark.parametrize(
    ("space", "noise", "ends"),
    [
        (Space((2,), bounds=(0.0, 1.0)), Noise((2,), "uniform", low=-1), (0, 1)),
        (Space((1,)), Noise((1,), "uniform", low=-1, high=1, scale=0.5), (-0.5, 0.5)),
        (Space((1,)), Noise((1,), scale=0.1), (-0.2, 0.2)),
    ],
)
def test_the_range_of_a_code_is_its_spaces_or_its_laws(space, noise, ends):
    values = values_of(space, noise, 5)
    assert (values[0].item(), values[-1].item()) == pytest.approx(ends)
    assert values.diff().numpy() == pytest.approx(np.diff(ends)[0] / 4)


def test_codes_stand_beside_the_labels_of_their_rows(subject):
    made = codes(subject)
    seen = (POINTS.reference("test").double() - SHIFT) / SCALE
    torch.testing.assert_close(made["codes"].double(), 3 * seen, atol=1e-4, rtol=1e-4)
    assert torch.equal(made["label"], POINTS.reference("test", field="label"))
    torch.testing.assert_close(made["prior"].double(), drawn("latent", ROWS["test"]), atol=1e-6, rtol=1e-6)


def test_points_of_clusters_are_the_inputs(subject):
    made = clusters(subject)
    points = POINTS.reference("test")
    assert torch.equal(made["points"], points)
    assert torch.equal(made["cluster"], (points[:, 0] < SHIFT).long())


def test_a_confusion_matrix_counts_true_classes_by_rows(subject):
    from sklearn.metrics import confusion_matrix

    label = POINTS.reference("test", field="label").numpy()
    given = (POINTS.reference("test")[:, 0] > SHIFT).long().numpy()
    expected = confusion_matrix(label, given, labels=range(CLASSES))
    np.testing.assert_array_equal(confusion(subject)["counts"].numpy(), expected)


def test_a_record_keeps_every_kind_of_picture_by_the_name_that_reports_draw(toy):
    kept = pictures(model(toy), POINTS, "raw", "final")
    assert {name.split(".")[0] for name in kept} == set(KINDS)
    assert all(name.split(".")[1] == "final" for name in kept)
    assert set(KINDS) < set(DRAWN)
    assert max(array.nbytes for array in kept.values()) <= BYTES


def test_a_game_without_abilities_has_no_pictures(toy):
    assert pictures(model(toy, Plain), POINTS, "raw", "final") == {}


class Broken(Able):
    """Outputs that are not finite."""

    def made(self, play, label):
        return super().made(play, label) / 0.0


def test_outputs_that_are_not_finite_have_no_picture(toy):
    kept = pictures(model(toy, Broken), POINTS, "raw", "final")
    assert {name.split(".")[0] for name in kept} == {"codes", "clusters", "confusion"}


def test_whole_numbers_are_kept_in_few_bytes_and_floats_within_their_range():
    assert small(torch.tensor([0, 255])).dtype == np.uint8
    assert small(torch.tensor([0, 256])).dtype == np.uint16
    assert small(torch.tensor([1e9, -1e9, 0.5])).tolist() == [6e4, -6e4, 0.5]


def kept_beside(ability, makes, given):
    query = Query(ability, makes, 3, given=given, split="test")
    return side_by_side(Output(query, torch.zeros(3, 2)), "final")


def test_only_fields_stand_beside_the_inputs_that_they_are_made_of():
    points, labels = {"real": torch.zeros(3, 2)}, {"label": torch.arange(3)}
    assert set(kept_beside("up", "real", points)) == {"up.given.real", "up.final"}
    assert set(kept_beside("up", "real", points | labels)) == {"up.given.real", "up.given.label", "up.final"}
    assert kept_beside("encode", "", points) == {}
    assert kept_beside("sample_labelled", "real", labels) == {}


def test_the_hole_that_an_output_fills_is_kept_beside_it():
    able = {"fill": Ability(("real",), noise=("gap",)), "hole": Ability(makes="", noise=("gap",))}
    given = {"real": torch.zeros(3, 1, 2, 2)}
    query = Query("fill", "real", 3, given=given, split="test", abilities=able)
    holes = torch.arange(12.0).reshape(3, 1, 2, 2)
    asked = []

    def make(query):
        asked.append(query)
        return Restored(holes, 0)

    kept = side_by_side(Output(query, torch.ones(3, 1, 2, 2), make=make), "final")
    np.testing.assert_array_equal(kept["fill.hole"], holes.numpy())
    assert [(query.name, query.count, query.draws) for query in asked] == [("hole", 3, 1)]
    other = able | {"fill": Ability(("real",), noise=())}
    plain = Query("fill", "real", 3, given=given, split="test", abilities=other)
    assert "fill.hole" not in side_by_side(Output(plain, torch.ones(3, 1, 2, 2), make=make), "final")


@pytest.mark.parametrize(("shape", "kept"), [((1, 28, 28), 784), ((3, 8, 8), 192), ((2,), 4), ((7, 5), 70)])
def test_a_sample_takes_a_byte_a_pixel_or_two_a_number(shape, kept):
    rows = torch.zeros(1, *shape, dtype=torch.uint8 if len(shape) == 3 else torch.float32)
    assert bytes_of(shape) == kept == small(rows).nbytes
