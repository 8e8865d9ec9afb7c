"""Auxiliary Classifier GAN (Odena, Olah & Shlens 2017)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from torch import Tensor, nn

from gan_bench.variants.base import Build, Loss, Play, Player, ability, as_loss
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.joining import join, one_hot
from gan_bench.variants.network import Network
from gan_bench.variants.noise import Noise, label
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


@register(
    "acgan", paper="arXiv:1610.09585", year=2016, equation="L_S and L_C", aliases=("ac-gan",), version=3
)
class ACGAN(NSGAN):
    """ACGAN: the critic also names the class, of real and of generated samples.

    With L_S the log-likelihood of the right source and L_C that of the right class, the critic maximises
    L_S + L_C and the generator L_C - L_S, here in its non-saturating form. One network gives the score and
    the classes' logits; the generator reads the label as a one-hot vector beside its latent.
    """

    streams = ("labelled",)
    drawn = ("latent", "label")
    hyperparameters = {
        **NSGAN.hyperparameters,
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
    def classes(self) -> int:
        """Return the number of labels."""
        assert self.data.classes is not None  # the stream `labelled` has labels
        return self.data.classes

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """Return the shape of a latent joined with its label."""
        return (self.settings.latent_dim + self.classes,)

    def latents(self, noise: Mapping[str, Tensor]) -> Tensor:
        """Return latents joined with their labels as one-hot vectors."""
        return join(noise["latent"], one_hot(noise["label"], self.classes, noise["latent"]))

    def critic_network(self, build: Build) -> nn.Module:
        """Return the critic: a score, and logits of the class of every sample of a group of ``pac``."""
        outputs = (1 + self.settings.pac * self.classes,)
        return build("critic", self.critic_shape, outputs, critic_norm=self.critic_layers_norm)

    def noise(self) -> dict[str, Noise]:
        """Return also the labels to generate, with their frequencies in the data."""
        return {**super().noise(), "label": label(self.classes, self.data.class_weights)}

    def players(self) -> list[Player]:
        """Return the critic and the generator, whose latents are joined with labels."""
        return [replace(player, loss=self._asking(player.loss)) for player in super().players()]

    def _asking(self, loss: Callable[[Play], Tensor | Loss]) -> Callable[[Play], Tensor | Loss]:
        return lambda play: loss(play.drawing(latent=self.latents(play.noise)))

    def real_samples(self, play: Play) -> Tensor:
        """Return samples that have labels."""
        return play.batch["labelled"]["real"]

    def judge(self, critic: Network, samples: Tensor) -> Tensor:
        """Return scores and logits ``[batch / pac, 1 + pac * classes]``."""
        return critic(samples)

    def score(self, critic: Network, samples: Tensor) -> Tensor:
        """Return the scores alone."""
        return critic(samples)[:, 0]

    def unlikelihood(self, judged: Tensor, labels: Tensor) -> Tensor:
        """Return the mean negative log-likelihood of the labels ``[batch]``."""
        likelihoods = judged[:, 1:].reshape(-1, self.classes).log_softmax(1)
        return -(likelihoods * one_hot(labels, self.classes, judged)).sum(1).mean()

    def critic_terms(self, play: Play, real: Tensor, fake: Tensor) -> Loss:
        """Return -(L_S + L_C)."""
        classes = self.unlikelihood(real, play.batch["labelled"]["label"])
        classes = classes + self.unlikelihood(fake, play.noise["label"])
        return self._with(classes, super().critic_terms(play, real[:, 0], fake[:, 0]), play)

    def real_terms(self, play: Play, real: Tensor) -> Tensor:
        """Return -(L_S + L_C) of real samples."""
        classes = self.unlikelihood(real, play.batch["labelled"]["label"])
        return self._with(classes, super().real_terms(play, real[:, 0]), play).value

    def generator_terms(self, play: Play, real: Tensor, fake: Tensor) -> Loss:
        """Return -(L_C - L_S) of generated samples, L_S by the non-saturating objective."""
        classes = self.unlikelihood(fake, play.noise["label"])
        return self._with(classes, super().generator_terms(play, real, fake[:, 0]), play)

    def _with(self, classes: Tensor, source: Tensor | Loss, play: Play) -> Loss:
        return Loss(as_loss(source).value + play.hp.class_weight * classes, {"class_nll": classes})

    @ability(noise=("latent", "label"))
    def sample(self, play: Play) -> Tensor:
        """Generate ``[batch, *shape]`` of all classes."""
        return super().sample(play.drawing(latent=self.latents(play.noise)))

    @ability(noise=("latent",), inputs=("label",))
    def sample_labelled(self, play: Play) -> Tensor:
        """Generate ``[batch, *shape]`` of the classes ``play.batch["label"]``."""
        return self.sample(play.drawing(label=play.batch["label"]))
