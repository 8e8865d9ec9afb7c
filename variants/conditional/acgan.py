"""Auxiliary Classifier GAN (Odena, Olah & Shlens 2017)."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from variants.base import Build, Game, Loss, Play, Player, Round, ability
from variants.hyperparameters import Hyperparameter, optimiser_hyperparameters
from variants.joining import join, one_hot
from variants.losses import fake_loss, real_loss
from variants.network import Network
from variants.noise import Noise, latent
from variants.options import PRIOR, SHARED
from variants.registry import register


@register("acgan", paper="arXiv:1610.09585", year=2016, equation="L_S and L_C", aliases=("ac-gan",))
class ACGAN(Game):
    """ACGAN: the critic also names the class, of real and of generated samples.

    With L_S the log-likelihood of the right source and L_C that of the right class, the critic maximises
    L_S + L_C and the generator L_C - L_S, here in its non-saturating form. One network gives the score and
    the classes' logits; the generator reads the label as a one-hot vector beside its latent.
    """

    streams = ("labelled",)
    hyperparameters = {
        **Game.hyperparameters,
        **optimiser_hyperparameters("critic", "generator"),
        **SHARED,
        **PRIOR,
        "class_weight": Hyperparameter(1.0, doc="weight of L_C for both players", low=0.0),
    }
    profiles = {"paper": {"lr": 2e-4, "beta1": 0.5, "beta2": 0.999, "latent_dim": 100, "batch_size": 100}}
    """The appendix on CIFAR-10: Adam, 2e-4, batches of 100, 110 latent dimensions with the label."""

    @property
    def classes(self) -> int:
        """Number of labels."""
        assert self.data.classes is not None  # the stream `labelled` has labels
        return self.data.classes

    def networks(self, build: Build) -> dict[str, Any]:
        """Return the generator (latent and label to sample) and the critic (sample to score and logits)."""
        shape, inputs = self.data.shape, (self.settings.latent_dim + self.classes,)
        return {
            "generator": build("generator", inputs, shape, bounds=self.data.bounds),
            "critic": build("critic", shape, (1 + self.classes,), critic_norm=self.settings.critic_norm),
        }

    def players(self) -> list[Player]:
        """Return the critic and the generator."""
        return [
            Player("critic", ("critic",), self.critic_loss, critic=True),
            Player("generator", ("generator",), self.generator_loss),
        ]

    def rounds(self) -> list[Round]:
        """``n_critic`` critic updates, then ``n_generator`` generator updates, each on new draws."""
        noise, n_critic, n_generator = ("latent", "label"), self.settings.n_critic, self.settings.n_generator
        return [
            Round(("critic",), n_critic, streams=("labelled",), noise=noise, calls={"critic": 2}),
            Round(("generator",), n_generator, noise=noise),
        ]

    def noise(self) -> dict[str, Noise]:
        """Return the latent, and the labels that are asked for: all equally often."""
        code = latent(self.settings.latent_dim, self.settings.latent_law)
        return {"latent": code, "label": Noise((), "integers", low=0, high=self.classes)}

    def generated(self, play: Play, labels: Tensor) -> Tensor:
        """Samples of the given classes."""
        code = play.noise["latent"]
        return play.generator(join(code, one_hot(labels, self.classes, code)))

    def judged(self, critic: Network, samples: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Scores ``[batch]``, and the mean negative log-likelihood of the labels."""
        out = critic(samples)
        likelihoods = out[:, 1:].log_softmax(1) * one_hot(labels, self.classes, out)
        return out[:, 0], -likelihoods.sum(1).mean()

    def critic_loss(self, play: Play) -> Loss:
        """-(L_S + L_C)."""
        real, labels = play.batch["labelled"]["real"], play.batch["labelled"]["label"]
        real_scores, real_classes = self.judged(play.critic, real, labels)
        asked = play.noise["label"]
        fake_scores, fake_classes = self.judged(play.critic, self.generated(play, asked), asked)
        classes = real_classes + fake_classes
        value = real_loss(real_scores) + fake_loss(fake_scores) + play.hp.class_weight * classes
        return Loss(value, logs={"class_nll": classes})

    def generator_loss(self, play: Play) -> Loss:
        """-(L_C - L_S) of generated samples, L_S by the non-saturating objective."""
        asked = play.noise["label"]
        scores, classes = self.judged(play.critic, self.generated(play, asked), asked)
        return Loss(real_loss(scores) + play.hp.class_weight * classes, logs={"class_nll": classes})

    @ability(noise=("latent", "label"))
    def sample(self, play: Play) -> Tensor:
        """Generate ``[batch, *shape]`` of all classes."""
        return self.generated(play, play.noise["label"])

    @ability(noise=("latent",), inputs=("label",))
    def sample_labelled(self, play: Play) -> Tensor:
        """Generate ``[batch, *shape]`` of the classes ``play.batch["label"]``."""
        return self.generated(play, play.batch["label"])
