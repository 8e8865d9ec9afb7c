"""Auxiliary Classifier GAN (Odena, Olah & Shlens 2017)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from torch import Tensor
from torch.nn.functional import cross_entropy

from gan_bench.spaces import Space
from gan_bench.variants.base import Loss, Play
from gan_bench.variants.critics import Critic, Inputs, Judged
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.noise import Noise, label
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile
from gan_bench.variants.two_player import TwoPlayer


@register(
    "acgan", paper="arXiv:1610.09585", year=2016, equation="L_S and L_C", aliases=("ac-gan",), version=4
)
class ACGAN(TwoPlayer):
    """ACGAN: the critic also names the class, of real and of generated samples.

    With L_S the log-likelihood of the right source and L_C that of the right class, the critic maximises
    L_S + L_C and the generator L_C - L_S, here in its non-saturating form. One network gives the score and
    the classes' logits; the generator reads the label beside its latent.
    """

    objective = NSGAN()
    streams = ("labelled",)
    drawn = ("latent", "label")
    hyperparameters = {
        **TwoPlayer.hyperparameters,
        "class_weight": Hyperparameter(1.0, doc="weight of L_C for both players", low=0.0),
    }
    profiles = {
        "paper": Profile(
            {"lr": 2e-4, "beta1": 0.5, "beta2": 0.999, "latent_dim": 100, "batch_size": 100},
            source="arXiv:1610.09585, the appendix on CIFAR-10 (110 latent dimensions with the label)",
            differs=(
                "the values could not be read again in the paper: they are kept as they were noted",
                "no noise on the critic's hidden units, which is part of the authors' search",
            ),
        )
    }

    @property
    def label(self) -> Space:
        """Return the space of labels."""
        return self.data.spaces["label"]

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic: a score, and logits of the class of every sample."""
        return (self.critic("critic", self.data.real, classes=self.label.classes),)

    def makers(self, build: Build) -> Networks:
        """Return the generator (latent and label to sample)."""
        return {"generator": build.generator(self.latent, self.label, makes=self.data.real)}

    def noise(self) -> dict[str, Noise]:
        """Return also the labels to generate, with their frequencies in the data."""
        assert self.label.classes is not None
        return {**super().noise(), "label": label(self.label.classes, self.data.class_weights)}

    def generator_inputs(self, noise: Mapping[str, Tensor]) -> Inputs:
        """Return latents and labels."""
        return noise["latent"], noise["label"]

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return samples that have labels."""
        return {"critic": (play.batch["labelled"]["real"],)}

    def critic_terms(self, play: Play, real: Mapping[str, Judged], fake: Mapping[str, Judged]) -> Loss:
        """Return -L_C of the real and the generated samples."""
        unlikely = unlikelihood(real["critic"], play.batch["labelled"]["label"])
        if fake:
            unlikely = unlikely + unlikelihood(fake["critic"], play.noise["label"])
        return Loss(play.hp.class_weight * unlikely, {"class_nll": unlikely})

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return -L_C of the generated samples."""
        unlikely = unlikelihood(judged["critic"], play.noise["label"])
        return Loss(play.hp.class_weight * unlikely, {"class_nll": unlikely})

    @ability(noise=("latent", "label"))
    def sample(self, play: Play) -> Tensor:
        """Generate ``[batch, *shape]`` of all classes."""
        return super().sample(play)

    @ability(noise=("latent",), inputs=("label",))
    def sample_labelled(self, play: Play) -> Tensor:
        """Generate ``[batch, *shape]`` of the classes ``play.batch["label"]``."""
        return super().sample(play.drawing(label=play.batch["label"]))


def unlikelihood(judged: Judged, labels: Tensor) -> Tensor:
    """Return the mean negative log-likelihood of labels ``[batch]``; groups have every logit."""
    assert judged.logits is not None
    return cross_entropy(judged.logits.reshape(len(labels), -1), labels)
