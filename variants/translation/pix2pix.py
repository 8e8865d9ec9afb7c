"""Image-to-image translation with conditional adversarial networks (Isola, Zhu, Zhou & Efros 2017)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from torch import Tensor

from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Loss, Play
from gan_bench.variants.critics import Critic, Inputs, Judged
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.registry import register
from gan_bench.variants.sources import OWN_BATCHES, Profile
from gan_bench.variants.translation.domains import distance


@register("pix2pix", paper="arXiv:1611.07004", year=2016, equation="eq. 1, 3 and 4")
class Pix2Pix(Adversarial):
    """pix2pix: a translator of pairs, whose critic sees the input beside the output, and their L1 distance.

    Adversary of D(a, b) against D(a, G(a)) (eq. 1), + l1_weight E |b - G(a)| (eq. 3), the mean over pixels.
    The generator's noise is the dropout of its network, which is kept at test time (section 2.1).
    """

    objective = NSGAN()
    streams = reads = ("pairs",)
    fields_read = {"generator": ("a",)}
    hyperparameters = {
        **Adversarial.hyperparameters,
        "adversarial_weight": Hyperparameter(
            1.0, doc="weight of the generator's adversarial objective", low=0.0
        ),
        "l1_weight": Hyperparameter(100.0, doc="lambda, weight of the L1 distance", low=0.0),
    }
    profiles = {
        "paper": Profile(
            {"lr": 2e-4, "beta1": 0.5, "batch_size": 1, "critic_norm": "batch", "l1_weight": 100.0},
            source="arXiv:1611.07004, section 2.3 and appendix; github:phillipi/pix2pix, train.lua",
            differs=(
                OWN_BATCHES,
                "BatchNorm at test has statistics of 1,024 inputs, the paper's those of the test batch",
                "crops and mirrored images are the dataset's matter",
            ),
        )
    }

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic of outputs, which is given the inputs."""
        a, b = self.data.spaces["a"], self.data.spaces["b"]
        return (self.critic("critic", b, given=(a,)),)

    def makers(self, build: Build) -> Networks:
        """Return the translator (a to b)."""
        return {"generator": build.translator(self.data.spaces["a"], makes=self.data.spaces["b"])}

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return the pairs, output first."""
        return {"critic": (play.field("b"), play.field("a"))}

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return translations with their inputs."""
        a = play.field("a")
        return {"critic": (play.generator(a), a)}

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return the distance to the right outputs."""
        made, _ = fakes["critic"]
        away = distance(made, play.field("b"))
        return Loss(play.hp.l1_weight * away, {"l1": away})

    @ability(inputs=("a",), makes="b", keeps_noise=("generator",))
    def translate(self, play: Play) -> Tensor:
        """Return ``a`` translated to ``b``, with dropout."""
        play, _ = self.normalised(play, "generator")
        return play.generator(play.batch["a"])

    @ability(inputs=("a",), makes="b", keeps_noise=("generator",))
    def sample(self, play: Play) -> Tensor:
        """Return translations of ``a``, which imitate ``b``."""
        return self.translate(play)
