"""Conditional Generative Adversarial Nets (Mirza & Osindero 2014)."""

from __future__ import annotations

from functools import cached_property

from gan_bench.variants.base import Play
from gan_bench.variants.conditional.conditional import Conditional
from gan_bench.variants.critics import Critic, Inputs
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


@register("cgan", paper="arXiv:1411.1784", year=2014, equation="eq. 2")
class CGAN(Conditional):
    """CGAN: both players read the label; the critic judges whether a sample belongs to it.

    min_G max_D E log D(x|y) + E log(1 - D(G(z|y)|y)), here with the non-saturating generator, which is used
    in practice. The critic sees real samples with their own labels, and generated ones with the labels that
    they were generated of.
    """

    objective = NSGAN()
    profiles = {
        "paper": Profile(
            {
                "optimiser": "sgd",
                "lr": {"schedule": "exponential", "start": 0.1, "end": 1e-6},
                "momentum": {"schedule": "linear", "start": 0.5, "end": 0.7},
                "batch_size": 100, "latent_dim": 100, "latent_law": "uniform", "latent_scale": 0.5,
            },
            source="arXiv:1411.1784, section 4.1 (MNIST)",
            differs=(
                "the values are those of texts that cite the section, which could not be read itself; the "
                "order of updates is not in them",
                "the rate is divided by 1.00004 at each update: the budget stands for the 288,000 updates in "
                "which it reaches its floor of 1e-6",
                "latents on (-1/2, 1/2) instead of (0, 1): its first layer's bias or BatchNorm takes up the "
                "shift",
                "no maxout in the critic and no dropout in the generator; dropout in the critic is an option "
                "of the networks",
            ),
        )
    }  # fmt: skip

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic of a sample, given its label."""
        return (self.critic("critic", self.data.real, given=(self.label,)),)

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return pairs (x, y) of the data."""
        labelled = play.batch["labelled"]
        return {"critic": (labelled["real"], labelled["label"])}

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return pairs (G(z|y), y)."""
        return {"critic": (self.generated(play), play.noise["label"])}
