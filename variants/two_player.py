"""The common case: one generator against one critic, with an objective on their scores."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from variants.base import Build, Game, Loss, Play, Player, Round, ability
from variants.hyperparameters import Hyperparameter, optimiser_hyperparameters
from variants.network import Network
from variants.noise import Noise, latent
from variants.penalties import GradientPenalty

NO_SCORES = torch.empty(0)
"""Stands for the real scores where the generator's objective does not look at them."""

SMOOTHING = {
    "label_smoothing": Hyperparameter(
        0.0, doc="one-sided: the target of real scores is 1 minus this", low=0.0, high=0.5
    )
}


class TwoPlayer(Game):
    """Critic and generator take turns; a subclass states the two objectives on scores ``[batch]``.

    Class attributes:
        penalty: added to the critic's objective with the weight ``penalty_weight``.
        generator_sees_real: whether the generator's objective needs real scores (relativistic losses).
    """

    penalty: ClassVar[GradientPenalty | None] = None
    generator_sees_real: ClassVar[bool] = False
    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        **Game.hyperparameters,
        **optimiser_hyperparameters("critic", "generator"),
        "n_critic": Hyperparameter(1, "structural", "critic updates per iteration", low=1),
        "n_generator": Hyperparameter(1, "structural", "generator updates per iteration", low=1),
        "latent_dim": Hyperparameter(64, "structural", "dimensions of the latent", low=1),
        "latent_law": Hyperparameter(
            "normal", "structural", "prior of the latent", choices=("normal", "uniform", "sphere")
        ),
        "critic_norm": Hyperparameter(
            "none", "structural", "normalisation inside the critic", choices=("none", "batch", "layer")
        ),
    }

    def critic_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return the scalar that the critic minimises, from scores ``[batch]`` of real and of fake."""
        raise NotImplementedError

    def generator_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return what the generator minimises; ``real`` is empty unless ``generator_sees_real``."""
        raise NotImplementedError

    def networks(self, build: Build) -> dict[str, Any]:
        """Return the generator (latent to sample) and the critic."""
        latent_shape = (self.settings.latent_dim,)
        generator = build("generator", latent_shape, self.data.shape, bounds=self.data.bounds)
        return {"generator": generator, "critic": self.critic_network(build)}

    def critic_network(self, build: Build) -> nn.Module:
        """Return the critic: sample to one score."""
        return build("critic", self.data.shape, critic_norm=self.settings.critic_norm)

    def players(self) -> list[Player]:
        """Return the critic and the generator."""
        return [
            Player("critic", ("critic",), self.critic_loss, critic=True),
            Player("generator", ("generator",), self.generator_loss),
        ]

    def rounds(self) -> list[Round]:
        """``n_critic`` critic updates, then ``n_generator`` generator updates, each on new draws."""
        penalty_noise = tuple(self.penalty.noise()) if self.penalty else ()
        calls = {"critic": 2}
        return [
            Round(
                ("critic",),
                repeat=self.settings.n_critic,
                streams=("real",),
                noise=("latent", *penalty_noise),
                calls={"critic": 3} if self.penalty else calls,
            ),
            Round(
                ("generator",),
                repeat=self.settings.n_generator,
                streams=("real",) if self.generator_sees_real else (),
                noise=("latent",),
                calls=calls if self.generator_sees_real else {},
            ),
        ]

    def noise(self) -> dict[str, Noise]:
        """Return the latent and the penalty's own noise."""
        own = self.penalty.noise() if self.penalty else {}
        return {"latent": latent(self.settings.latent_dim, self.settings.latent_law), **own}

    def critic_loss(self, play: Play) -> Tensor | Loss:
        """Critic's objective on one real and one fake batch, plus its penalty."""
        real, fake = play.batch["real"], play.generator(play.noise["latent"])
        real_scores, fake_scores = self.scores(play.critic, real, fake)
        loss = self.critic_objective(real_scores, fake_scores, play.hp)
        if self.penalty is None:
            return loss
        penalty = self.penalty(play.critic, real, fake, play.noise)
        return Loss(loss + play.hp.penalty_weight * penalty, logs={"penalty": penalty})

    def generator_loss(self, play: Play) -> Tensor | Loss:
        """Generator's objective on one fake batch (and a real one where it sees real scores)."""
        fake = play.generator(play.noise["latent"])
        if not self.generator_sees_real:
            return self.generator_objective(NO_SCORES, play.critic(fake), play.hp)
        return self.generator_objective(*self.scores(play.critic, play.batch["real"], fake), play.hp)

    def scores(self, critic: Network, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Score a real and a fake batch.

        In one pass where samples do not touch each other: it halves the number of kernels. A critic with
        BatchNorm sees the batches apart, as DCGAN has it; one with noise of its own has each call counted.
        """
        if self.settings.critic_norm == "batch" or critic.stochastic:
            return critic(real), critic(fake)
        real_scores, fake_scores = critic(torch.cat((real, fake))).split((len(real), len(fake)))
        return real_scores, fake_scores

    @ability(noise=("latent",))
    def sample(self, play: Play) -> Tensor:
        """Generate ``[batch, *shape]``."""
        return play.generator(play.noise["latent"])
