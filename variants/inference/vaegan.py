"""VAE/GAN: autoencoding beyond pixels (Larsen, Sønderby, Larochelle & Winther 2016)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from gan_bench.variants.base import Loss, Play, Player
from gan_bench.variants.critics import Inputs, Judged
from gan_bench.variants.generation.gan import GAN
from gan_bench.variants.hyperparameters import Hyperparameter, optimiser_hyperparameters
from gan_bench.variants.inference.codes import Coded
from gan_bench.variants.losses import divergence_from_prior
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


@register("vaegan", paper="arXiv:1512.09300", year=2015, equation="algorithm 1")
class VAEGAN(Coded):
    """VAE/GAN: a variational autoencoder that compares x and G(z), z ~ q(z|x), in the critic's features D_l.

    Encoder: KL(q(z|x) || N(0, I)) + L, with L = 1/2 E |D_l(x) - D_l(G(z))|^2. Generator: gamma L plus the
    adversarial objective. Critic: its objective alone. All update together on one batch. The adversarial
    gradient does not reach the encoder, and L does not train the critic. Half of the generated samples that
    the critic judges are reconstructions, half are of the prior.
    """

    objective = GAN()
    gaussian = True
    opened = ("encoder", "critic")
    partners = ("encoder",)
    drawn = ("latent", "around")
    reads = ("real",)
    hyperparameters = {
        **Coded.hyperparameters,
        **optimiser_hyperparameters("critic", "generator", "encoder"),
        "updates": replace(Coded.hyperparameters["updates"], default="simultaneous"),
        "gamma": Hyperparameter(1.0, doc="weight of L in the generator's loss", low=0.0),
        "prior_weight": Hyperparameter(1.0, doc="weight of the KL divergence in the encoder's loss", low=0.0),
    }
    profiles = {
        "paper": Profile(
            {
                "optimiser": "rmsprop", "lr": 0.025 / 64, "batch_size": 64, "latent_dim": 128,
                "gamma": 1e-6, "weight_decay": 1e-5,
            },
            source="github:andersbll/autoencoding_beyond_pixels, celeba_aegan.py and model/aegan.py",
            differs=(
                "a constant rate (authors' falls); RMSProp's decay is the default, 0.99 (program: 0.9)",
                "weights decay 16 (critic) or 32 times as much beside losses that are means over the batch; "
                "the program's are sums, to whose gradients it adds 2e-5 times the weights",
                "half of the generated samples are reconstructions, as in the paper; in the program's run on "
                "CelebA all are of the prior (discriminate_ae_recon = False)",
                "no skipping of updates by the balance of the critic's losses",
                "logarithms without 0.001 added, and features of the critic's last hidden layer",
            ),
        )
    }  # fmt: skip

    def players(self) -> list[Player]:
        """Return critic, generator and encoder."""
        return [*super().players(), Player("encoder", ("encoder",), self.encoder_loss)]

    def code(self, play: Play) -> Tensor:
        """Return draws z of q(z|x)."""
        mean, log_variance = play.encoder(play.batch["real"])
        return mean + (0.5 * log_variance).exp() * play.noise["around"]

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return real samples."""
        return {"critic": (play.batch["real"],)}

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return samples of which the first half are of the prior, and the others reconstructions."""
        of_prior = play.noise["latent"]
        half = len(of_prior) // 2
        return {"critic": (play.generator(torch.cat((of_prior[:half], self.code(play)[half:]))),)}

    def likelihood(self, play: Play) -> Tensor:
        """Return L: minus the log-likelihood of D_l(x) under N(D_l(G(z)), I), up to a constant."""
        (critic,), features = self.critics, play.critic.calling("hidden")
        x, again = play.batch["real"], play.generator(self.code(play))
        differences = features(*critic.grouped((x,))) - features(*critic.grouped((again,)))
        return 0.5 * differences.flatten(1).square().sum(1).mean()

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return gamma L."""
        error = self.likelihood(play)
        return Loss(play.hp.gamma * error, {"likelihood": error})

    def encoder_loss(self, play: Play) -> Loss:
        """Return KL(q(z|x) || N(0, I)) + L, sums over dimensions and means over samples."""
        play, _ = self.normalised(play)
        mean, log_variance = play.encoder(play.batch["real"])
        divergence = divergence_from_prior(mean, log_variance)
        return Loss(self.likelihood(play)).plus(divergence, play.hp.prior_weight, "prior")
