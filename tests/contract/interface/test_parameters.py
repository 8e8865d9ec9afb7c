"""Parameters as values: losses that look ahead, or hold a gradient of another loss."""

import pytest
from torch.nn.functional import softplus

from gan_bench.variants import Play, Player, Round, TwoPlayer
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.network import parameter_gradient
from tests.contract.interface.playing import LR, Bilinear, play
from tests.toys import ToyGame, numbers, value
from tests.training import both_ways, largest_difference, make_job, trained, weights


class Concave(ToyGame):
    """f(x, y) = x y - y^2 / 2; a descends what is left of f after two steps of y, b ascends f."""

    step = 0.3

    def value_of(self, play):
        y = value(play.y)
        return value(play.x) * y - y.square() / 2

    def unrolled(self, play):
        y = play.y
        for _ in range(2):
            ascent = parameter_gradient(
                lambda params: self.value_of(play.replace(y=play.y.at(params))),
                y.params,
                functional=y.functional,
            )
            y = y.at({name: p + self.step * ascent[name] for name, p in y.params.items()})
        return self.value_of(play.replace(y=y))

    def players(self):
        return [
            Player("a", ("x",), self.unrolled, critic=True),
            Player("b", ("y",), lambda play: -self.value_of(play)),
        ]

    def rounds(self):
        return [Round(("a", "b"))]


@both_ways
def test_a_loss_may_look_ahead_through_another_players_steps(toy, seeds):
    trainer = play(toy(Concave), seeds=seeds, iterations=3)
    x, y, eta = 1.0, 2.0, Concave.step
    for _ in range(3):
        keep = (1 - eta) ** 2
        ahead, ahead_by_x = keep * y + (1 - keep) * x, 1 - keep
        slope = ahead + (x - ahead) * ahead_by_x
        x, y = x - LR * slope, y + LR * (x - y)
    assert numbers(trainer, len(seeds) - 1) == pytest.approx({"x": x, "y": y}, abs=1e-12)


class Consensus(Bilinear):
    """Both losses of f = x y, plus gamma/2 |v|^2 with v the vector of both players' gradients."""

    gamma = 0.5

    def regularised(self, sign):
        def loss(play):
            product = lambda play: value(play.x) * value(play.y)  # noqa: E731
            by_x = parameter_gradient(
                lambda p: product(play.replace(x=play.x.at(p))), play.x.params, functional=play.x.functional
            )
            by_y = parameter_gradient(
                lambda p: product(play.replace(y=play.y.at(p))), play.y.params, functional=play.y.functional
            )
            squared = by_x["value"].square() + by_y["value"].square()
            return sign * product(play) + self.gamma / 2 * squared

        return loss

    def players(self):
        return [
            Player("a", ("x",), self.regularised(1.0), critic=True),
            Player("b", ("y",), self.regularised(-1.0)),
        ]

    def rounds(self):
        return [Round(("a", "b"))]


@both_ways
def test_a_loss_may_hold_a_gradient_of_a_gradient(toy, seeds):
    trainer = play(toy(Consensus), seeds=seeds, iterations=5)
    x, y = 1.0, 2.0
    for _ in range(5):
        x, y = x - LR * (y + 0.5 * x), y - LR * (-x + 0.5 * y)
    assert numbers(trainer, len(seeds) - 1) == pytest.approx({"x": x, "y": y}, abs=1e-12)


class UnrolledGAN(TwoPlayer):
    """Non-saturating game whose generator looks three critic steps ahead, and whose critic wants peace.

    The generator minimises softplus(-D_3(G(z))) - E softplus(-D_3(x)): both depend on it through the steps.
    """

    objective = NSGAN()
    steps, rate = 3, 0.1

    def critic_loss(self, play: Play):
        def at(params):
            return super(UnrolledGAN, self).critic_loss(play.replace(critic=play.critic.at(params))).value

        slopes = parameter_gradient(at, play.critic.params, functional=play.critic.functional)
        return at(play.critic.params) + 0.1 * sum(s.square().sum() for s in slopes.values())

    def generator_loss(self, play: Play):
        real, fake = play.batch["real"], play.generator(play.noise["latent"])
        critic = play.critic
        for _ in range(self.steps):
            slopes = parameter_gradient(
                lambda p: self.objective.critic(play.critic.at(p)(real), play.critic.at(p)(fake), play.hp),
                critic.params,
                functional=critic.functional,
            )
            critic = critic.at({name: p - self.rate * slopes[name] for name, p in critic.params.items()})
        return softplus(-critic(fake)).mean() - softplus(-critic(real)).mean()

    @property
    def generator_plays_critic(self):
        return True


def test_unrolled_and_consensus_training_agree_solo_and_packed(toy):
    name = toy(UnrolledGAN)
    architecture = {"family": "mlp", "hidden": [8, 8], "activation": "tanh", "critic_activation": "tanh"}
    options = {"architecture": architecture, "dtype": "float64"}
    packed = trained(make_job(name, (3, 4), **options))
    for replica, seed in enumerate((3, 4)):
        solo = trained(make_job(name, (seed,), **options))
        assert largest_difference(weights(solo), weights(packed, replica)) < 1e-6
    plain = trained(make_job("nsgan", (3,), **options))
    assert largest_difference(weights(plain), weights(packed, 0)) > 1e-4
