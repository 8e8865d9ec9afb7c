"""BicycleGAN: toward multimodal image-to-image translation (Zhu, Zhang, Pathak et al. 2017)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from torch import Tensor

from gan_bench.spaces import Space
from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Loss, Play, Player
from gan_bench.variants.critics import Critic, Inputs, Judged
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.generation.lsgan import LSGAN
from gan_bench.variants.hyperparameters import Hyperparameter, optimiser_hyperparameters
from gan_bench.variants.losses import divergence_from_prior
from gan_bench.variants.noise import Noise, latent
from gan_bench.variants.options import PRIOR
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile
from gan_bench.variants.translation.domains import distance


@register(
    "bicyclegan", paper="arXiv:1711.11586", year=2017, equation="section 3: cVAE-GAN, cLR-GAN and their sum"
)
class BicycleGAN(Adversarial):
    """BicycleGAN: a translator of pairs with a latent code, so that one input has several outputs.

    cVAE-GAN: an encoder gives q(z|b) = N(mean, variance), and G(a, z) of its draws is judged by a critic,
    + l1_weight E |b - G(a, z)| + prior_weight KL(q(z|b) || N(0, I)). cLR-GAN: G(a, z) of the prior's draws is
    judged by a second critic, + latent_weight E |z - mean of q(.|G(a, z))|, which trains the generator alone
    (the authors' backward_G_alone; in one step with its other terms): together, both could hide the code in
    an output that does not show it.
    Critics see outputs without inputs, and each has real outputs of its own. L1 norms are means over pixels
    and codes, the divergence is a sum over codes.
    """

    objective = LSGAN()
    streams = ("pairs", "real")
    reads = ("pairs",)
    fields_read = {"encoder": ("b",)}
    drawn = ("latent", "around")
    partners = ("encoder",)
    averaged = ("generator", "encoder")
    hyperparameters = {
        **Adversarial.hyperparameters,
        **optimiser_hyperparameters("critic", "generator", "encoder"),
        **PRIOR,
        "latent_dim": replace(PRIOR["latent_dim"], default=8),
        "adversarial_weight": Hyperparameter(
            1.0, doc="weight of the adversarial objectives of generator and encoder", low=0.0
        ),
        "l1_weight": Hyperparameter(10.0, doc="lambda, weight of the L1 distance", low=0.0),
        "latent_weight": Hyperparameter(0.5, doc="lambda_latent, weight of latent regression", low=0.0),
        "prior_weight": Hyperparameter(0.01, doc="lambda_KL, weight of the KL divergence", low=0.0),
    }
    profiles = {
        "paper": Profile(
            {
                "lr": {"schedule": "linear", "start": 2e-4, "end": 0.0, "begin": 0.5},
                "beta1": 0.5, "batch_size": 1, "updates": "simultaneous", "critic_norm": "instance",
                "latent_dim": 8, "l1_weight": 10.0, "latent_weight": 0.5, "prior_weight": 0.01,
                "adversarial_weight": 2.0,  # of squared errors, which lsgan halves and the program does not
            },
            source="github:junyanz/BicycleGAN, models/bicycle_gan_model.py, options/train_options.py and "
            "scripts/train_facades.sh",
            differs=(
                "each critic judges at one scale (program: two)",
                "the second critic's real outputs are a batch of their own (program: half of a batch)",
                "latent regression is part of the generator's one step, as in the program since June 2020; "
                "as published with the paper, the same optimiser took a second step on it alone",
            ),
        )
    }  # fmt: skip

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic of outputs of encoded codes (cVAE-GAN), and that of drawn codes (cLR-GAN)."""
        b = self.data.spaces["b"]
        return self.critic("critic_encoded", b), self.critic("critic_drawn", b)

    def makers(self, build: Build) -> Networks:
        """Return the translator (input and code to output) and the encoder (output to code)."""
        a, b, code = self.data.spaces["a"], self.data.spaces["b"], Space((self.settings.latent_dim,))
        return {
            "generator": build.translator(a, code, makes=b),
            "encoder": build.encoder(b, makes=code, gaussian=True),
        }

    def noise(self) -> dict[str, Noise]:
        """Return also the prior's codes and the noise of the encoder's draws."""
        s = self.settings
        prior = latent(s.latent_dim, s.latent_law, s.latent_scale)
        return {**super().noise(), "latent": prior, "around": Noise((s.latent_dim,))}

    def players(self) -> list[Player]:
        """Return critics, generator and encoder."""
        return [*super().players(), Player("encoder", ("encoder",), self.encoder_loss)]

    def encoded(self, play: Play) -> tuple[Tensor, Loss]:
        """Return G(a, z) of draws z of q(z|b), and the divergence of q from the prior."""
        mean, log_variance = play.encoder(play.field("b"))
        z = mean + (0.5 * log_variance).exp() * play.noise["around"]
        divergence = divergence_from_prior(mean, log_variance)
        loss = Loss(play.hp.prior_weight * divergence, {"prior": divergence})
        return play.generator(play.field("a"), z), loss

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return the outputs of the pairs, and other outputs."""
        return {"critic_encoded": (play.field("b"),), "critic_drawn": (play.batch["real"],)}

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return translations with encoded codes, and of the same inputs with the prior's codes."""
        made, _ = self.encoded(play)
        return {
            "critic_encoded": (made,),
            "critic_drawn": (play.generator(play.field("a"), play.noise["latent"]),),
        }

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return the distance to the right outputs, and of the prior's codes to those that are read."""
        (encoded,), (drawn,) = fakes["critic_encoded"], fakes["critic_drawn"]
        away, (mean, _) = distance(encoded, play.field("b")), play.encoder(drawn)
        terms = Loss(play.hp.l1_weight * away, {"l1": away})
        return terms.plus(distance(mean, play.noise["latent"]), play.hp.latent_weight, "latent")

    def encoder_loss(self, play: Play) -> Loss:
        """Return the loss of cVAE-GAN: objective against its critic, distance to the outputs, divergence."""
        play, _ = self.normalised(play)
        made, divergence = self.encoded(play)
        critic, _ = self.critics
        real = self.reals(play)[critic.role] if self.generator_reads_real else None
        objective, _ = critic.generator_loss(play, real, (made,))
        away = distance(made, play.field("b"))
        return divergence.plus(objective.value, play.hp.adversarial_weight).plus(away, play.hp.l1_weight)

    @ability(inputs=("a",), makes="b", noise=("latent",))
    def translate(self, play: Play) -> Tensor:
        """Return ``a`` translated to ``b`` with codes of the prior."""
        return self.normalised(play, "generator")[0].generator(play.batch["a"], play.noise["latent"])

    @ability(inputs=("a",), makes="b", noise=("latent",))
    def sample(self, play: Play) -> Tensor:
        """Return translations of ``a``, which imitate ``b``."""
        return self.translate(play)
