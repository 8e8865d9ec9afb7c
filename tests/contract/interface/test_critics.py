"""Critics: several with penalties of their own, and one of three inputs; numbers are worked out by hand."""

import pytest
import torch
from torch import nn

from gan_bench.bench.engine.train import Trainer
from gan_bench.datasets.sources import AlignedSource, ResidentSource
from gan_bench.spaces import Space
from gan_bench.variants import Adversarial
from gan_bench.variants.generation.wgan import WGAN
from gan_bench.variants.hyperparameters import HyperparameterError, resolve
from gan_bench.variants.penalties import GradientPenalty
from tests.contract.interface.playing import LR, play
from tests.toys import Number, ToyData, numbers, ones
from tests.training import both_ways

SGD = {"optimiser": "sgd"}


class Linear(nn.Module):
    """D(x) = value x."""

    def __init__(self):
        super().__init__()
        self.value = nn.Parameter(torch.empty(()))

    def reset(self, generator):
        self.value.fill_(0.5)

    def forward(self, x):
        return self.value * x[:, 0]


class LinearCritics(WGAN):
    """Scores apart, with critics of one number."""

    def network(self, build, *inputs, norm, classes):
        return Linear()


R1 = GradientPenalty("real", target=0.0, weight="r1_weight", scale=0.5, log="r1")
TO_ONE = GradientPenalty("interpolates", target=1.0, weight="to_one_weight", log="to_one")


class TwoCritics(Adversarial):
    """Both critics tell 1 from theta; the first pays R1, the second for a slope other than 1."""

    objective = LinearCritics()
    reads = ("real",)
    hyperparameters = {
        **Adversarial.hyperparameters, **R1.hyperparameters(), **TO_ONE.hyperparameters(),
    }  # fmt: skip

    @property
    def critics(self):
        space = self.data.real
        return (
            self.critic("critic_a", space, penalties=[R1]),
            self.critic("critic_b", space, penalties=[TO_ONE]),
        )

    def makers(self, build):
        return {"generator": Number(2.0)}

    def reals(self, play):
        return {c.role: (play.batch["real"],) for c in self.critics}

    def fakes(self, play):
        return {c.role: (play.generator(play.batch["real"]),) for c in self.critics}


@pytest.mark.parametrize(
    "weights", [[(0.3, 2.0)], [(0.3, 2.0), (1.2, 0.0), (0.0, 0.7)]], ids=["solo", "packed"]
)
def test_each_critic_pays_its_own_penalty(toy, weights):
    settings = [{**SGD, "r1_weight": r1, "to_one_weight": to_one} for r1, to_one in weights]
    trainer = play(toy(TwoCritics), ones(), range(len(weights)), iterations=4, settings=settings)
    for replica, (r1, to_one) in enumerate(weights):
        a, b, theta, paid = 0.5, 0.5, 2.0, []
        for _ in range(4):
            paid.append((a**2, (b - 1) ** 2))
            a -= LR * (theta - 1 + r1 * a)
            b -= LR * (theta - 1 + to_one * 2 * (abs(b) - 1) * (1 if b > 0 else -1))
            theta += LR * (a + b)
        expected = {"critic_a": a, "critic_b": b, "generator": theta}
        assert numbers(trainer, replica) == pytest.approx(expected, abs=1e-9)
        history = trainer.history.columns[replica]
        assert history["critic_r1_a"][0] == pytest.approx(paid[0][0])
        assert history["critic_to_one_b"][0] == pytest.approx(paid[0][1])
        assert "critic_r1_b" not in history
        assert "critic_to_one_a" not in history


def test_a_penalty_of_one_critic_is_refused_over_batchnorm_too():
    settings = resolve(TwoCritics.hyperparameters, {"critic_norm": "batch"})
    with pytest.raises(HyperparameterError, match="every score depends on the whole batch"):
        TwoCritics.check(settings)
    TwoCritics.check({**settings, "allow_batchnorm_penalty": True})


# A sample and a code are judged, a label is given


class Trio(nn.Module):
    """D(x, c, label) = value (x + 2 c_1 + 3 c_2) (1 + label), summed over the samples of a group."""

    def __init__(self):
        super().__init__()
        self.value = nn.Parameter(torch.empty(()))

    def reset(self, generator):
        self.value.fill_(0.5)

    def forward(self, x, code, label):
        x, label = x.reshape(len(x), -1), label.reshape(len(x), -1)
        sums = x + code.reshape(len(x), -1, 2) @ torch.tensor([2.0, 3.0], dtype=code.dtype)
        return self.value * (sums * (1 + label)).sum(1)


class OfThree(WGAN):
    """Scores apart; the critic's network is asked for with the spaces of groups."""

    spaces: tuple = ()

    def network(self, build, *inputs, norm, classes):
        type(self).spaces = inputs
        return Trio()


class Labelled(Adversarial):
    """Real triples are (x, (x, 2 x), label), generated ones (theta x, (x, -x), label)."""

    objective = OfThree()
    streams = reads = ("labelled",)
    hyperparameters = {**Adversarial.hyperparameters, **R1.hyperparameters()}

    @property
    def critics(self):
        spaces = self.data.spaces
        judges, given = (spaces["real"], Space((2,))), [spaces["label"]]
        return (self.critic("critic", *judges, given=given, penalties=[R1]),)

    def makers(self, build):
        return {"generator": Number(0.0)}

    def reals(self, play):
        fields = play.batch["labelled"]
        x = fields["real"]
        return {"critic": (x, torch.cat((x, 2 * x), 1), fields["label"])}

    def fakes(self, play):
        fields = play.batch["labelled"]
        x = fields["real"]
        return {"critic": (play.generator(x), torch.cat((x, -x), 1), fields["label"])}


def labelled_data():
    """16 rows, which every batch holds in some order."""
    numbers = torch.Generator().manual_seed(0)
    x, label = torch.randn(16, 1, generator=numbers), torch.arange(16) % 3
    return ToyData(
        real=x, labelled=AlignedSource({"real": ResidentSource(x), "label": ResidentSource(label)})
    )


def by_hand(rounds, *, pac, std, r1):
    """Train critic and generator on the rows and the noise of their rounds; return both numbers.

    The slope of a score by the judged inputs of a sample is value (1, 2, 3) (1 + label): R1 is 14 value^2
    (1 + label)^2 for each sample of a group. Labels have no slope and no noise.
    """
    value, theta = 0.5, 0.0
    for critic, generator in rounds:
        (fields, noise), (its_fields, _) = critic, generator
        x, scale = fields["real"][:, 0].double(), 1.0 + fields["label"]
        shift = {"real": 0.0, "fake": 0.0}
        if std:
            for side in shift:
                code = noise[f"{side}_noise_2"]
                drawn = noise[f"{side}_noise"][:, 0] + 2 * code[:, 0] + 3 * code[:, 1]
                shift[side] = std * (drawn * scale).mean().item()
        x_scaled, squared = (x * scale).mean().item(), scale.square().mean().item()
        of_real, of_fake = 9 * x_scaled + shift["real"], (theta - 1) * x_scaled + shift["fake"]
        value -= LR * pac * (of_fake - of_real + r1 * 14 * value * squared)
        seen = its_fields["real"][:, 0].double() * (1.0 + its_fields["label"])
        theta += LR * pac * value * seen.mean().item()
    return {"critic": value, "generator": theta}


@pytest.mark.parametrize("pac", [1, 2])
@pytest.mark.parametrize("std", [0.0, 0.3], ids=["plain", "noisy"])
@both_ways
def test_a_critic_of_three_inputs_judges_two_and_is_given_one(toy, seeds, std, pac):
    law = "normal" if std else "none"
    settings = {**SGD, "r1_weight": 0.02, "pac": pac, "instance_noise": law, "instance_noise_std": std}
    data = labelled_data()
    trainer = play(toy(Labelled), data, seeds, iterations=3, settings=settings)
    assert OfThree.spaces == (Space((pac,)), Space((2 * pac,)), Space((pac,) if pac > 1 else (), classes=3))
    declared = {n for n in trainer.game.noise() if "noise" in n}
    pairs = {"real_noise", "real_noise_2", "fake_noise", "fake_noise_2"}
    assert declared == (pairs if std else set()), "the label has no noise"
    draws = iter(Trainer(trainer.job, data).feeds)
    iterations = [next(draws) for _ in range(3)]
    for replica in range(len(seeds)):

        def own(tree, replica=replica):
            return {k: own(v) if isinstance(v, dict) else v[replica] for k, v in tree.items()}

        def one(repeats, own=own):
            batch, noise = repeats[0]
            batch, noise = (batch, noise) if len(seeds) == 1 else (own(batch), own(noise))
            return batch["labelled"], noise

        rounds = [tuple(map(one, rounds_of)) for rounds_of in iterations]
        expected = by_hand(rounds, pac=pac, std=std, r1=0.02)
        assert numbers(trainer, replica) == pytest.approx(expected, rel=1e-9, abs=1e-9)
