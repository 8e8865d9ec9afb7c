"""Cycle-consistent GAN (Zhu et al. 2017)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gan_bench.variants.base import Build, DataSpec, Loss, Play, Player, Round, ability
from gan_bench.variants.dressing import Virtual
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.judging import Judging
from gan_bench.variants.losses import squared_error
from gan_bench.variants.noise import Noise
from gan_bench.variants.options import SMOOTHING
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


@register(
    "cyclegan", paper="arXiv:1703.10593", year=2017, equation="eq. 1-4, section 5.2", aliases=("cycle-gan",),
    version=2,
)  # fmt: skip
class CycleGAN(Judging):
    """CycleGAN: two translators, each judged in its target domain, both by cycle consistency.

    Least-squares adversaries (section 4), + cycle_weight E |G_BA(G_AB(a)) - a| and the same from b, +
    identity_weight E |G_AB(b) - b| and the same of a. L1 norms are means over a sample's dimensions. The
    paper's pool of 50 earlier translations is left out: critics see the current ones.
    """

    averaged = ("a_to_b", "b_to_a")
    critics = ("critic_a", "critic_b")
    streams = ("domain_a", "domain_b")
    hyperparameters = {
        **Judging.hyperparameters,
        **SMOOTHING,
        "cycle_weight": Hyperparameter(10.0, doc="lambda, weight of cycle consistency", low=0.0),
        "identity_weight": Hyperparameter(
            0.0, doc="weight of the identity on samples of the target domain (paper: 0, or 5)", low=0.0
        ),
    }
    profiles = {
        "paper": Profile(
            {
                "lr": {"schedule": "linear", "start": 2e-4, "end": 0.0, "begin": 0.5},
                "beta1": 0.5, "batch_size": 1, "cycle_weight": 10.0,
            },
            source="arXiv:1703.10593, section 4; github:junyanz/CycleGAN, options.lua",
            differs=(
                "critics see the current translations only, not a pool of the last 50, which a game of pure "
                "functions does not keep",
            ),
        )
    }  # fmt: skip

    @classmethod
    def refuses(cls, data: DataSpec) -> str:
        """Refuse also domains of different shapes."""
        shapes = {name: data.streams[name] for name in cls.streams if name in data.streams}
        unlike = f"its domains have the shapes {shapes}, equal ones are needed"
        return super().refuses(data) or (unlike if len(set(shapes.values())) > 1 else "")

    @property
    def judged_shape(self) -> tuple[int, ...]:
        """Return the shape of the domains' samples."""
        return self.data.streams["domain_a"]

    def networks(self, build: Build) -> dict[str, Any]:
        """Return two translators (sample to sample) and the critics of the two domains."""
        shape, bounds = self.judged_shape, self.data.bounds
        networks = {
            "a_to_b": build("generator", shape, shape, bounds=bounds),
            "b_to_a": build("generator", shape, shape, bounds=bounds),
            "critic_a": self.critic_network(build),
            "critic_b": self.critic_network(build),
        }
        self.dress(networks)
        return networks

    def players(self) -> list[Player]:
        """Return both critics as one player, and both translators as one."""
        return [
            Player("critic", self.critics, self.critic_loss, critic=True),
            Player("generator", self.averaged, self.generator_loss),
        ]

    def rounds(self) -> list[Round]:
        """Return ``n_critic`` critic updates and ``n_generator`` of the translators, or one round of both."""
        draws: dict[str, Any] = {
            "streams": self.streams, "noise": tuple(self.noise()), "calls": dict.fromkeys(self.critics, 2)
        }  # fmt: skip
        if self.settings.updates == "simultaneous":
            return [Round(("critic", "generator"), **draws)]
        return [
            Round(("critic",), self.settings.n_critic, **draws),
            Round(("generator",), self.settings.n_generator, **draws),
        ]

    def noise(self) -> dict[str, Noise]:
        """Return the instance noise of the critics' inputs."""
        return self.input_noise("real_a", "fake_a", "real_b", "fake_b")

    def real_of(self, critic: str, play: Play) -> Tensor:
        """Return samples of the critic's domain."""
        return play.batch["domain_a" if critic == "critic_a" else "domain_b"]

    def reference(self, role: str) -> Virtual:
        """Return the critic's first real batch; for a translator that of the domain it reads."""
        if role in self.critics:
            return super().reference(role)
        start = torch.zeros(self.settings.batch_size, *self.judged_shape)
        return Virtual(role, start, lambda play: self.first_real(f"critic_{role[0]}", play))

    def critic_loss(self, play: Play) -> Tensor | Loss:
        """Return half of E (D(x) - 1)^2 + E D(G(y))^2, for both domains."""
        play, state = self.dressed(play)
        a, b = play.batch["domain_a"], play.batch["domain_b"]
        real_a, fake_a = self.scores(play.critic_a, *self.sides(play, "a", a, play.b_to_a(b)))
        real_b, fake_b = self.scores(play.critic_b, *self.sides(play, "b", b, play.a_to_b(a)))
        target = 1.0 - play.hp.label_smoothing
        loss_a = squared_error(real_a, target) + squared_error(fake_a, 0.0)
        loss_b = squared_error(real_b, target) + squared_error(fake_b, 0.0)
        return Loss((loss_a + loss_b) / 2, state=state)

    def generator_loss(self, play: Play) -> Loss:
        """Return E (D(G(x)) - 1)^2 for both directions, with the cycle and the identity terms."""
        play, _ = self.dressed(play)
        a, b = play.batch["domain_a"], play.batch["domain_b"]
        there, back = play.a_to_b(a), play.b_to_a(b)
        judged_a = self.fake_scores(play.critic_a, *self.sides(play, "a", a, back))
        judged_b = self.fake_scores(play.critic_b, *self.sides(play, "b", b, there))
        fooled = squared_error(judged_b, 1.0) + squared_error(judged_a, 1.0)
        cycle = (play.b_to_a(there) - a).abs().mean() + (play.a_to_b(back) - b).abs().mean()
        same = (play.a_to_b(b) - b).abs().mean() + (play.b_to_a(a) - a).abs().mean()
        value = fooled + play.hp.cycle_weight * cycle + play.hp.identity_weight * same
        return Loss(value, logs={"cycle": cycle, "identity": same})

    def sides(self, play: Play, domain: str, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Return real and translated samples of a domain as its critic sees them."""
        return self.seen(real, play, f"real_{domain}"), self.seen(fake, play, f"fake_{domain}")

    @ability(inputs=("domain_a",))
    def translate(self, play: Play) -> Tensor:
        """Return ``play.batch["domain_a"]`` translated to ``domain_b``."""
        return self.dressed(play, "a_to_b")[0].a_to_b(play.batch["domain_a"])

    @ability(inputs=("domain_a",))
    def sample(self, play: Play) -> Tensor:
        """Return translations of ``domain_a``, which imitate ``domain_b``."""
        return self.translate(play)
