"""The common case: one generator, from a latent to a sample, against one critic."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from gan_bench.spaces import Space
from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Play
from gan_bench.variants.critics import Critic, Inputs
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.noise import Noise, latent
from gan_bench.variants.normalising import Virtual
from gan_bench.variants.options import PRIOR


class TwoPlayer(Adversarial):
    """Critic and generator take turns; `register` makes one of every objective."""

    drawn: ClassVar[tuple[str, ...]] = ("latent",)
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {**Adversarial.hyperparameters, **PRIOR}

    @property
    def latent(self) -> Space:
        """Return the space of latents."""
        return Space((self.settings.latent_dim,))

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic of samples."""
        return (self.critic("critic", self.data.real),)

    def makers(self, build: Build) -> Networks:
        """Return the generator (latent to sample)."""
        return {"generator": build.generator(self.latent, makes=self.data.real)}

    def noise(self) -> dict[str, Noise]:
        """Return the latent, the noise on the critic's inputs and the penalties' own noise."""
        settings = self.settings
        prior = latent(settings.latent_dim, settings.latent_law, settings.latent_scale)
        return {"latent": prior, **super().noise()}

    def reference(self, role: str, critic: Critic | None) -> Virtual:
        """Return the critic's first real batch; for a generator a batch of latents from a fixed seed."""
        if role != "generator":
            return super().reference(role, critic)
        numbers, noise = torch.Generator().manual_seed(0), self.noise()
        drawn = {name: noise[name].draw(1, self.settings.batch_size, numbers)[0] for name in self.drawn}
        return Virtual(role, self.generator_inputs(drawn))

    def generator_inputs(self, noise: Mapping[str, Tensor]) -> Inputs:
        """Return the generator's inputs, made of the draws; overridden where there are labels (ACGAN)."""
        return (noise["latent"],)

    def generated(self, play: Play) -> Tensor:
        """Return generated samples ``[batch, *shape]``."""
        return play.generator(*self.generator_inputs(play.noise))

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return real samples."""
        return {"critic": (play.batch["real"],)}

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return generated samples."""
        return {"critic": (self.generated(play),)}

    @ability(noise=("latent",))
    def sample(self, play: Play) -> Tensor:
        """Generate ``[batch, *shape]``."""
        return self.generated(self.normalised(play, "generator")[0])
