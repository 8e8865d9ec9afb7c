"""Boundary-seeking GAN, for continuous and for binary data (Hjelm et al. 2018)."""

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from gan_bench.variants.base import Loss, Play, Round
from gan_bench.variants.critics import Inputs
from gan_bench.variants.declarations import Build, DataSpec, Networks, ability
from gan_bench.variants.generation.gan import Logistic
from gan_bench.variants.hyperparameters import Hyperparameter, HyperparameterError
from gan_bench.variants.noise import Noise
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile
from gan_bench.variants.two_player import TwoPlayer

PAPER = {
    "lr": 1e-4, "beta1": 0.5, "batch_size": 64, "latent_law": "uniform", "latent_scale": 0.5,
}  # fmt: skip
"""Settings common to the authors' two programs."""

SHIFT = "latents on (-1/2, 1/2) instead of (0, 1): its first layer's bias or BatchNorm takes up the shift"


@register("bgan", paper="arXiv:1702.08431", year=2017, equation="the continuous case", aliases=("bsgan",))
class BGAN(Logistic):
    """BGAN: the generator seeks the critic's decision boundary, where D = 1/2."""

    profiles = {
        "paper": Profile(
            {**PAPER, "latent_dim": 128},
            source="github:rdevon/BGAN, main_continuous.py and lib/train.py",
            differs=(
                SHIFT,
                "the authors' program subtracts a running estimate of log Z from the generator's scores",
            ),
        )
    }

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return 1/2 E (log D(G(z)) - log(1 - D(G(z))))^2; that difference is the score itself."""
        return 0.5 * fake.square().mean()

    def exchanged(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return the same of real and of fake scores: both kinds seek the boundary."""
        return 0.5 * (real.square().mean() + fake.square().mean())


@register("bgan-discrete", paper="arXiv:1702.08431", year=2017, equation="the discrete case")
class DiscreteBGAN(TwoPlayer):
    """BGAN for binary data: a policy gradient whose rewards are normalised importance weights.

    The generator gives the probability of a one per dimension; real data are cut at the middle of their
    range.
    """

    objective = Logistic()
    hyperparameters = {
        **TwoPlayer.hyperparameters,
        "samples": Hyperparameter(20, "structural", "M, samples drawn per latent", low=2),
    }
    profiles = {
        "paper": Profile(
            {**PAPER, "latent_dim": 64, "samples": 20},
            source="github:rdevon/BGAN, main_discrete.py and lib/train.py",
            differs=(SHIFT,),
        )
    }

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Refuse also a critic whose scores are no logarithms of D / (1 - D)."""
        super().check(settings)
        if not isinstance(cls.objective, Logistic):
            raise HyperparameterError(
                "bgan-discrete weighs samples by D / (1 - D), which only a logistic critic's scores state: "
                "choose the objective nsgan, gan or bgan"
            )

    @classmethod
    def refuses(cls, data: DataSpec) -> str:
        """Refuse unbounded data, which have no two values to choose from."""
        bounded = "real" in data.spaces and data.real.bounds
        return super().refuses(data) or (
            "" if bounded else "it needs data of a bounded range, which it makes binary"
        )

    def makers(self, build: Build) -> Networks:
        """Return a generator of probabilities in the unit interval."""
        ones = replace(self.data.real, bounds=(0.0, 1.0))
        return {"generator": build.generator(self.latent, makes=ones)}

    def noise(self) -> dict[str, Noise]:
        """Return also a uniform draw per sample and dimension, which decides between the two values."""
        shape = self.data.real.shape
        several = (self.settings.samples, *shape)
        (critic,) = self.critics
        seen = {name: replace(noise, shape=several) for name, noise in critic.input_noise("several").items()}
        return {
            **super().noise(), **seen, "bits": Noise(several, "uniform"), "bit": Noise(shape, "uniform"),
        }  # fmt: skip

    def rounds(self) -> list[Round]:
        """Return rounds in which the critic judges one sample per latent and the generator weighs M."""
        (critic,) = self.critics
        rounds = []
        for r in super().rounds():
            generates = "generator" in r.players
            judges = not generates or self.generator_plays_critic or "critic" in r.players
            one = ("bit",) if judges else ()
            several = ("bits", *critic.input_noise("several")) if generates else ()
            rounds.append(replace(r, noise=(*r.noise, *one, *several)))
        return rounds

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return real samples cut at the middle of the range."""
        low, high = self.bounds
        real = play.batch["real"]
        return {"critic": (self.binary((real > 0.5 * (low + high)).to(real.dtype)),)}

    def generated(self, play: Play) -> Tensor:
        """Return one binary sample per latent."""
        ones = play.generator(play.noise["latent"])
        return self.binary((play.noise["bit"] < ones).to(ones.dtype))

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the two values of the data; 0 and 1 for data without bounds."""
        return self.data.real.bounds or (0.0, 1.0)

    def binary(self, bits: Tensor) -> Tensor:
        """Map 0 and 1 to the ends of the data's range."""
        low, high = self.bounds
        return low + (high - low) * bits

    def generator_loss(self, play: Play) -> Loss:
        """Return -E_z sum_m w~_m log g(x_m | z), w~ the softmax of the scores over m, as w = D / (1 - D)."""
        play, _ = self.normalised(play)
        (critic,) = self.critics
        ones = play.generator(play.noise["latent"]).unsqueeze(0)
        bits = play.noise["bits"].transpose(0, 1) < ones  # [M, batch, *shape]
        likelihood = torch.where(bits, ones, 1.0 - ones).clamp(min=1e-6).log().flatten(2).sum(2)
        samples = self.binary(bits.to(ones.dtype))
        if self.settings.instance_noise != "none":
            samples = samples + play.hp.instance_noise_std * play.noise["several_noise"].transpose(0, 1)
        scores = critic.judge(play.critic, critic.grouped((samples.flatten(0, 1),))).scores
        weights = scores.reshape(len(bits), -1).softmax(0)
        return Loss(-(weights * likelihood.reshape(*weights.shape, -1).sum(2)).sum(0).mean())

    @ability(noise=("latent", "bit"))
    def sample(self, play: Play) -> Tensor:
        """Generate binary ``[batch, *shape]``."""
        return self.generated(self.normalised(play, "generator")[0])
