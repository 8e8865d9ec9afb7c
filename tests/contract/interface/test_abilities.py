"""Abilities: what a trained game can be asked for by name, and what metrics receive of it."""

import numpy as np
import pytest
import torch
from torch import nn

from gan_bench.bench.engine.streams import stream
from gan_bench.bench.metrics import Evaluator, register
from gan_bench.bench.metrics.outputs import Output
from gan_bench.bench.metrics.registry import METRICS
from gan_bench.bench.running.recorder import Recorder
from gan_bench.datasets.arrays import finite_dataset
from gan_bench.datasets.scales import Affine
from gan_bench.spaces import Space
from gan_bench.variants import Game, Noise, Player, Round, ability
from gan_bench.variants.hyperparameters import optimiser_hyperparameters
from gan_bench.variants.networks.layers import Dropout
from tests.contract.interface.playing import play
from tests.toys import Number, ToyGame, value
from tests.training import both_ways, dataset

ROWS = {"train": 40, "validation": 9, "test": 7}
SHIFT, SCALE = 1.0, 3.0
COUPLES = ((0, 1), (0, 2), (1, 2))


def paired_points():
    """Pairs of a point and its label and 3 times it plus noise plus 1, which networks see unscaled."""
    rng = np.random.default_rng(0)
    splits = {}
    for split, rows in ROWS.items():
        low = rng.normal(size=(rows, 2)).astype(np.float32)
        high = SCALE * (low + 0.1 * rng.normal(size=low.shape)) + SHIFT
        splits[split] = {
            "low": low,
            "high": high.astype(np.float32),
            "label": (low[:, 0] > 0).astype(np.int64),
        }
    return finite_dataset(
        "pairs-of-points",
        splits,
        kind="planar",
        streams={"real": "high", "pairs": ("low", "high", "label")},
        spaces={"low": Space((2,)), "high": Space((2,)), "label": Space(classes=2)},
        scales={"high": Affine((SHIFT, SHIFT), (SCALE, SCALE))},
    )


PAIRS = paired_points()


class Encoding(Game):
    """A game with an encoder: it can sample and encode."""

    hyperparameters = Game.hyperparameters | optimiser_hyperparameters("a")

    def networks(self, build):
        return {"encoder": build.encoder(self.data.real, makes=Space((3,))), "generator": Number(2.0)}

    def noise(self):
        return {"z": Noise((1,))}

    def players(self):
        return [Player("a", ("encoder",), lambda p: p.encoder(p.batch["real"]).square().mean(), critic=True)]

    def rounds(self):
        return [Round(("a",), streams=("real",))]

    @ability(noise=("z",))
    def sample(self, play):
        return play.generator(play.noise["z"])

    @ability(inputs=("real",), makes="")
    def encode(self, play):
        return play.encoder(play.batch["real"])


def by_hand(model, points):
    encoder = model.params["encoder"]
    return points.double() @ encoder["0.weight"].T.double() + encoder["0.bias"].double()


@both_ways
def test_abilities_are_asked_for_by_name(toy, seeds):
    trainer = play(
        toy(Encoding), dataset("ring"), seeds, architecture={"family": "mlp", "hidden": []}, dtype="float32"
    )
    model = trainer.models(1.0)[-1]
    assert set(model.abilities) == {"sample", "encode"}
    points = torch.randn(2500, 2)
    assert torch.allclose(
        model.apply("encode", 2500, {"real": points}).double(), by_hand(model, points), atol=1e-6
    )
    assert torch.equal(model.sample(5), 2.0 * Noise((1,)).draw(1, 5, stream("ring", "evaluation", "z"))[0])
    with pytest.raises(LookupError, match="no ability 'translate'; this game can encode, sample"):
        model.apply("translate", 5)


class Restoring(ToyGame):
    """It restores ``high`` from ``low`` by a factor of 2, plainly or with noise, and through two dropouts."""

    def networks(self, build):
        return {"scaler": Number(2.0), "dropper": Dropping()}

    def noise(self):
        return {"z": Noise((2,))}

    def players(self):
        return [Player("a", ("scaler",), lambda play: 0.0 * value(play.scaler), critic=True)]

    def rounds(self):
        return [Round(("a",))]

    @ability(inputs=("low",), makes="high")
    def restore(self, play):
        return play.scaler(play.batch["low"])

    @ability(inputs=("low",), makes="high", noise=("z",))
    def vary(self, play):
        return play.scaler(play.batch["low"]) + play.noise["z"]

    @ability(inputs=("low",), makes="", keeps_noise=("dropper",))
    def drop(self, play):
        return torch.stack([play.dropper(play.batch["low"]), play.dropper(play.batch["low"])], 1)

    @ability(inputs=("low",), makes="")
    def drop_nothing(self, play):
        return play.dropper(play.batch["low"])


class Dropping(nn.Module):
    """Dropout three levels deep, behind a weight of 1."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.body = nn.Sequential(nn.Sequential(nn.Sequential(Dropout(2, 0.25))))

    def reset(self, generator):
        self.weight.fill_(1.0)

    def forward(self, x):
        return self.body(self.weight * x)


def restoring(toy):
    return play(toy(Restoring), PAIRS).models(1.0)[0]


def noise_of(draw, rows):
    names = ("pairs-of-points", "evaluation", "z") if draw == 0 else (
        "pairs-of-points", "evaluation", f"draw {draw}", "z")  # fmt: skip
    return Noise((2,)).draw(1, rows, stream(*names))[0].double()


def measured(model, *names):
    """Full name and split -> measurement, of the outputs that an evaluator of 50 samples asks for."""
    evaluator = Evaluator(PAIRS, samples=50, final_samples=50)
    found = {}
    for query in evaluator.queries({name: model.abilities[name] for name in names}):
        made = model.make(query.name, query.count, query.given, draws=query.draws)
        for measurement in evaluator.measure(Output(query, made.rows, made.broken), final=True):
            found[measurement.metric, measurement.split] = measurement
    return found


def test_a_metric_compares_outputs_with_the_rows_that_belong_to_the_inputs(toy):
    with METRICS.restored():

        @register("pair_error", title="E", direction="min", ability="restore", paired=True,
                  splits=("test", "validation"))  # fmt: skip
        def pair_error(made, target, truth):
            """Mean absolute difference of outputs and targets, both raw."""
            assert made.given["low"].shape == made.rows.shape == target.rows.shape
            return float((made.rows - target.rows).abs().mean())

        @register("law_error", title="L", direction="min", ability="restore")
        def law_error(made, target, truth):
            """Difference of the means of outputs and of the reference."""
            return float((made.rows.mean() - target.rows.mean()).abs())

        found = measured(restoring(toy), "restore")
    for split in ("test", "validation"):
        low, high = (source.data.double() for source in (PAIRS.sources[split][f] for f in ("low", "high")))
        measurement = found["pair_error", split]
        assert measurement.value == pytest.approx((SCALE * 2 * low + SHIFT - high).abs().mean().item())
        assert measurement.samples == ROWS[split]  # 50 were asked for, the split has fewer
    low, high = (PAIRS.sources["test"][field].data.double() for field in ("low", "high"))
    whole = (SCALE * 2 * low + SHIFT).mean() - high.mean()
    assert found["law_error", "test"].value == pytest.approx(abs(whole.item()), rel=1e-5)


def test_several_draws_of_one_input_reach_a_metric_of_diversity(toy):
    with METRICS.restored():

        @register("distance_of_draws", title="D", direction="max", ability="vary", draws=3)
        def diversity(made, target, truth):
            """Mean distance between outputs of one input."""
            rows = torch.stack([draw.rows for draw in made.draws])
            assert rows.shape == (3, ROWS["test"], 2)
            return float(
                np.mean([(rows[i] - rows[j]).norm(dim=1).mean() for i, j in ((0, 1), (0, 2), (1, 2))])
            )

        @register("first_only", title="F", direction="max", ability="vary")
        def first_only(made, target, truth):
            """Mean of the first draw."""
            return float(made.rows.double().mean())

        model = restoring(toy)
        found = measured(model, "vary")
    noise = [SCALE * noise_of(draw, ROWS["test"]) for draw in range(3)]
    apart = [(noise[i] - noise[j]).norm(dim=1).mean().item() for i, j in COUPLES]
    assert found["distance_of_draws", "test"].value == pytest.approx(np.mean(apart), rel=1e-6)
    given = PAIRS.given(("low",), "test")["low"]
    one = model.make("vary", 50, {"low": given}).rows
    assert found["first_only", "test"].value == pytest.approx(one.double().mean().item(), rel=1e-6)
    prepared = model.apply("vary", 50, {"low": given.double()}, draws=3)
    assert torch.allclose(prepared[1], 2 * given.double() + noise_of(1, ROWS["test"]))


def test_noise_that_a_paper_keeps_at_test_time_is_kept_at_any_depth_and_anew_in_every_call(toy):
    model, low = restoring(toy), torch.ones(2300, 2, dtype=torch.float64)  # more than two parts of 1,000
    assert torch.equal(model.apply("drop_nothing", 2300, {"low": low}), low)
    kept = model.apply("drop", 2300, {"low": low})
    for call in range(2):
        generator = stream("pairs-of-points", "evaluation", f"dropper.body.0.0.0.{call}")
        law = Noise((2,), "bernoulli", p=0.75)
        mask = torch.cat([law.draw(1, rows, generator)[0] for rows in (1000, 1000, 300)])
        assert torch.equal(kept[:, call], mask.double() / 0.75)
    assert not torch.equal(kept[:, 0], kept[:, 1])
    assert torch.equal(kept, model.apply("drop", 2300, {"low": low}))
    again = model.apply("drop", 2300, {"low": low}, draws=2)
    assert torch.equal(again[0], kept)
    assert not torch.equal(again[1], kept)


def test_codes_are_not_restored_and_metrics_read_fields_that_belong_to_the_inputs(toy):
    with METRICS.restored():

        @register("code_means", title="C", direction="max", ability="encode", reads=("label",))
        def code_means(made, target, truth):
            """Distance between the mean codes of two classes."""
            assert target is None
            label = made.given["label"].numpy()
            means = [made.coordinates[label == of].mean(0) for of in (0, 1)]
            return float(np.linalg.norm(means[0] - means[1]))

        @register("code_pairs", title="P", direction="max", ability="encode", paired=True)
        def code_pairs(made, target, truth):
            """There is nothing to compare codes with."""
            return 1.0

        @register("unpaired", title="U", direction="max", ability="encode", reads=("hole",))
        def unpaired(made, target, truth):
            """The data have no such field."""
            return 1.0

        architecture = {"family": "mlp", "hidden": []}
        model = play(toy(Encoding), PAIRS, architecture=architecture).models(1.0)[0]
        found = measured(model, "encode")
    high, label = (PAIRS.sources["test"][field].data for field in ("high", "label"))
    codes = by_hand(model, (high.double() - SHIFT) / SCALE)
    assert torch.allclose(model.make("encode", 50, {"real": high}).rows, codes)
    apart = (codes[label == 0].mean(0) - codes[label == 1].mean(0)).norm().item()
    assert found["code_means", "test"].value == pytest.approx(apart)
    assert found["code_pairs", "test"].reason == "pairs-of-points pairs no code with real"
    assert found["unpaired", "test"].reason == "pairs-of-points pairs no hole with real"


def test_a_game_that_does_not_sample_is_measured_and_kept_by_what_it_makes(toy):
    model = restoring(toy)
    recorder = Recorder(PAIRS, Evaluator(PAIRS, samples=50, final_samples=50))
    recorder.measure(model, {"kimg": 1.0, "iteration": 1}, final=True)
    kept = recorder.samples
    assert {name for name in kept if "." in name} == {
        f"{name}.{part}" for name in ("restore", "vary") for part in ("given.low", "final", "target")
    }
    given = PAIRS.given(("low",), "test")["low"].numpy()
    np.testing.assert_allclose(kept["restore.given.low"], given, atol=2e-3)
    np.testing.assert_allclose(kept["restore.final"], SCALE * 2 * given + SHIFT, atol=2e-2)
    np.testing.assert_allclose(kept["restore.target"], PAIRS.sources["test"]["high"].data, atol=2e-2)
    assert "final" not in kept
    assert "way" not in kept
