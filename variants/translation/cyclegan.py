"""Cycle-consistent GAN (Zhu et al. 2017)."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from variants.base import Build, DataSpec, Game, Loss, Play, Player, Round, ability
from variants.hyperparameters import Hyperparameter, optimiser_hyperparameters
from variants.losses import squared_error
from variants.options import SHARED
from variants.registry import register


@register(
    "cyclegan", paper="arXiv:1703.10593", year=2017, equation="eq. 1-4, section 5.2", aliases=("cycle-gan",)
)
class CycleGAN(Game):
    """CycleGAN: two translators, each judged in the domain it leads to, both by the way there and back.

    Least-squares adversaries (section 4), + cycle_weight E |G_BA(G_AB(a)) - a| and the same from b, +
    identity_weight E |G_AB(b) - b| and the same of a. L1 norms are means over a sample's dimensions. The
    paper's pool of 50 earlier translations is left out: critics see the current ones.
    """

    averaged = ("a_to_b", "b_to_a")
    streams = ("domain_a", "domain_b")
    hyperparameters = {
        **Game.hyperparameters,
        **optimiser_hyperparameters("critic", "generator"),
        **SHARED,
        "cycle_weight": Hyperparameter(10.0, doc="lambda, weight of the way there and back", low=0.0),
        "identity_weight": Hyperparameter(
            0.0, doc="weight of leaving alone what is in the right domain already (paper: 0, or 5)", low=0.0
        ),
    }
    profiles = {"paper": {"lr": 2e-4, "beta1": 0.5, "batch_size": 1, "cycle_weight": 10.0}}

    @classmethod
    def refuses(cls, data: DataSpec) -> str:
        """Also refuse domains of different shapes."""
        shapes = {name: data.streams[name] for name in cls.streams if name in data.streams}
        unlike = f"its domains have the shapes {shapes}, equal ones are needed"
        return super().refuses(data) or (unlike if len(set(shapes.values())) > 1 else "")

    def networks(self, build: Build) -> dict[str, Any]:
        """Return two translators (sample to sample) and the critics of the two domains."""
        shape, norm, bounds = self.data.streams["domain_a"], self.settings.critic_norm, self.data.bounds
        return {
            "a_to_b": build("generator", shape, shape, bounds=bounds),
            "b_to_a": build("generator", shape, shape, bounds=bounds),
            "critic_a": build("critic", shape, critic_norm=norm),
            "critic_b": build("critic", shape, critic_norm=norm),
        }

    def players(self) -> list[Player]:
        """Return both critics as one player, and both translators as one."""
        return [
            Player("critic", ("critic_a", "critic_b"), self.critic_loss, critic=True),
            Player("generator", ("a_to_b", "b_to_a"), self.generator_loss),
        ]

    def rounds(self) -> list[Round]:
        """``n_critic`` critic updates, then ``n_generator`` of the translators, each on new draws."""
        n_critic, n_generator = self.settings.n_critic, self.settings.n_generator
        both = {"critic_a": 2, "critic_b": 2}
        return [
            Round(("critic",), n_critic, streams=self.streams, calls=both),
            Round(("generator",), n_generator, streams=self.streams),
        ]

    def critic_loss(self, play: Play) -> Tensor:
        """Half of E (D(x) - 1)^2 + E D(G(y))^2, for both domains."""
        a, b = play.batch["domain_a"], play.batch["domain_b"]
        domains = ((play.critic_a, a, play.b_to_a(b)), (play.critic_b, b, play.a_to_b(a)))
        losses = [squared_error(critic(x), 1.0) + squared_error(critic(y), 0.0) for critic, x, y in domains]
        return (losses[0] + losses[1]) / 2

    def generator_loss(self, play: Play) -> Loss:
        """E (D(G(x)) - 1)^2 for both directions, with the cycle and the identity terms."""
        a, b = play.batch["domain_a"], play.batch["domain_b"]
        there, back = play.a_to_b(a), play.b_to_a(b)
        fooled = squared_error(play.critic_b(there), 1.0) + squared_error(play.critic_a(back), 1.0)
        cycle = (play.b_to_a(there) - a).abs().mean() + (play.a_to_b(back) - b).abs().mean()
        same = (play.a_to_b(b) - b).abs().mean() + (play.b_to_a(a) - a).abs().mean()
        value = fooled + play.hp.cycle_weight * cycle + play.hp.identity_weight * same
        return Loss(value, logs={"cycle": cycle, "identity": same})

    @ability(inputs=("domain_a",))
    def translate(self, play: Play) -> Tensor:
        """``play.batch["domain_a"]`` in the other domain."""
        return play.a_to_b(play.batch["domain_a"])

    @ability(inputs=("domain_a",))
    def sample(self, play: Play) -> Tensor:
        """What it makes of the other domain imitates ``domain_b``: the same as to translate."""
        return self.translate(play)
