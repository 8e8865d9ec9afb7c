"""ClusterGAN (Mukherjee et al. 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss

from gan_bench.spaces import Space
from gan_bench.variants.base import Loss, Play
from gan_bench.variants.clustering.categorical import Categorical
from gan_bench.variants.critics import Inputs, Judged
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.generation.wgan import WGAN
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


@register(
    "clustergan", paper="arXiv:1809.03627", year=2018, equation="the objective with the encoder", parts="gp"
)
class ClusterGAN(Categorical):
    """ClusterGAN: an encoder, trained with the generator, recovers latent and category of its samples.

    The latent is z = (z_n, z_c), a normal one of small variance beside a one-hot category. The critic is that
    of WGAN-GP. Generator and encoder take one joint step on
    -E D(G(z)) + beta_n E (z_n - E_n(G(z)))^2 + beta_c E H(z_c, E_c(G(z))), where the squares are a mean over
    dimensions and H is the cross-entropy. `clustergan(objective=nsgan)` is the game on log D.
    """

    objective = WGAN()
    averaged = generators = ("generator", "encoder")
    fields_read = {"encoder": ("real",)}
    hyperparameters = {
        **Categorical.hyperparameters,
        "latent_scale": replace(
            Categorical.hyperparameters["latent_scale"], default=0.1, doc="factor of z_n", implied=False
        ),
        "latent_weight": Hyperparameter(10.0, doc="beta_n, weight of the error of z_n", low=0.0),
        "category_weight": Hyperparameter(10.0, doc="beta_c, weight of the cross-entropy of z_c", low=0.0),
    }
    profiles = {
        "paper": Profile(
            {
                "lr": 1e-4, "beta1": 0.5, "beta2": 0.9, "n_critic": 5, "batch_size": 64, "latent_dim": 30,
                "latent_scale": 0.1, "categories": 10, "latent_weight": 10.0, "category_weight": 10.0,
                "penalty_weight": 10.0,
            },
            source="github:sudiptodip15/ClusterGAN, Image_ClusterGAN.py (its defaults, which are for MNIST)",
            differs=(
                "points of the penalty have a weight each; the program draws one weight per batch",
            ),
        )
    }  # fmt: skip

    @property
    def code(self) -> Space:
        """Return the space of the encoder's outputs: z_n, then the logits of z_c."""
        return Space((self.settings.latent_dim + self.settings.categories,))

    def makers(self, build: Build) -> Networks:
        """Return the generator, and the encoder (sample to z_n and logits of z_c)."""
        return {**super().makers(build), "encoder": build.encoder(self.data.real, makes=self.code)}

    def encoded(self, play: Play, samples: Tensor) -> tuple[Tensor, Tensor]:
        """Return E_n ``[batch, latent_dim]`` and the logits of E_c ``[batch, K]`` of samples."""
        code = play.encoder(samples)
        return code[:, : self.settings.latent_dim], code[:, self.settings.latent_dim :]

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return beta_n times the error of z_n and beta_c times the cross-entropy of z_c."""
        (samples,) = fakes["critic"]
        latent, logits = self.encoded(play, samples)
        error = mse_loss(latent, play.noise["latent"])
        unlikely = cross_entropy(logits, play.noise["category"])
        loss = Loss(play.hp.latent_weight * error, {"latent_error": error})
        return loss.plus(unlikely, play.hp.category_weight, log="category_nll")

    def logits(self, play: Play, samples: Tensor) -> Tensor:
        """Return the encoder's logits of z_c."""
        return self.encoded(self.normalised(play, "encoder")[0], samples)[1]

    @ability(inputs=("real",), makes="")
    def encode(self, play: Play) -> Tensor:
        """Return E_n and the probabilities of E_c, ``[batch, latent_dim + K]``."""
        latent, logits = self.encoded(self.normalised(play, "encoder")[0], play.batch["real"])
        return torch.cat((latent, logits.softmax(1)), dim=1)

    @ability(inputs=("real",))
    def reconstruct(self, play: Play) -> Tensor:
        """Return G of E_n and the most probable category, of ``play.batch["real"]``, in its shape."""
        play = self.normalised(play, "generator", "encoder")[0]
        latent, logits = self.encoded(play, play.batch["real"])
        return play.generator(*self.generator_inputs({"latent": latent, "category": logits.argmax(1)}))

    @ability(noise=("latent", "category"), makes="")
    def prior(self, play: Play) -> Tensor:
        """Return draws of z, ``[batch, latent_dim + K]``, categories one-hot."""
        return self.beside(play.noise["category"], play.noise["latent"])
