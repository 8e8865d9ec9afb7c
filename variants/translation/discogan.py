"""DiscoGAN: discovering relations between domains (Kim et al. 2017)."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import torch
from torch import Tensor
from torch.nn.functional import mse_loss

from gan_bench.variants.base import Loss, Play
from gan_bench.variants.critics import Critic, Inputs, Judged
from gan_bench.variants.declarations import Build, Networks
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile
from gan_bench.variants.translation.domains import Translators


@register("discogan", paper="arXiv:1703.05192", year=2017, equation="L_G and L_D, with feature matching")
class DiscoGAN(Translators):
    """DiscoGAN: two translators whose translations and features pass for real, and whose cycles come back.

    The translators minimise, summed over both directions,
    (1 - r) ((1 - f) L_GAN + f L_FM) + r E (G_BA(G_AB(a)) - a)^2. L_FM compares the critic's mean activations
    of samples and of translations, layer by layer, as the authors' program does: mean squares over a layer's
    activations, summed over all hidden layers but the first. No term reads which samples belong together.
    """

    objective = NSGAN()
    hyperparameters = {
        **Translators.hyperparameters,
        "cycle_share": Hyperparameter(
            0.5, doc="r, share of the reconstructions in the translators' loss", low=0.0, high=1.0
        ),
        "feature_share": Hyperparameter(
            0.9, doc="f, share of feature matching in the rest of it", low=0.0, high=1.0
        ),
    }
    profiles = {
        "paper": Profile(
            {
                "lr": 2e-4, "beta1": 0.5, "beta2": 0.999, "weight_decay": 1e-5, "batch_size": 64,
                "critic_norm": "batch", "n_critic": 1, "n_generator": 2, "feature_share": 0.9,
                "cycle_share": {"schedule": "step", "start": 0.01, "end": 0.5, "until": 0.1},
            },
            source="github:SKTBrain/DiscoGAN, discogan/image_translation.py",
            differs=(
                "r rises after a tenth of the budget, in the program after 10,000 updates of either player",
                "images on [-1, 1], where squared errors are four times those of the program, on [0, 1]",
                "the critics' loss is twice the program's, so that their weight decay weighs half as much",
            ),
        )
    }  # fmt: skip

    def networks(self, build: Build) -> Networks:
        """Return all networks; the critics have to show their activations."""
        networks = super().networks(build)
        for critic in self.critics:
            if not callable(getattr(networks[critic.role], "activations", None)):
                raise Misfit(f"feature matching needs a {critic.role} with a method activations")
        return networks

    def adversarial_weight(self, hp: SimpleNamespace) -> float | Tensor:
        """Return (1 - r) (1 - f)."""
        return (1.0 - hp.cycle_share) * (1.0 - hp.feature_share)

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return the reconstructions and the feature matching in both domains."""
        hp, reals = play.hp, self.reals(play)
        a_again, b_again = self.cycles(play, fakes)
        cycle = mse_loss(a_again, play.batch["domain_a"]) + mse_loss(b_again, play.batch["domain_b"])
        of_critics = [feature_matching(c, play, reals[c.role], fakes[c.role]) for c in self.critics]
        features = torch.stack(of_critics).sum()
        terms = Loss(hp.cycle_share * cycle, {"cycle": cycle})
        return terms.plus(features, (1.0 - hp.cycle_share) * hp.feature_share, "features")


def feature_matching(critic: Critic, play: Play, real: Inputs, fake: Inputs) -> Tensor:
    """Return |E h(x) - E h(G(x'))|^2, a mean over each layer's activations, summed over layers but the first.

    A critic with one hidden layer is compared in that layer.
    """
    activations = getattr(play, critic.role).calling("activations")
    of_real, of_fake = (activations(*critic.grouped(inputs)) for inputs in (real, fake))
    layers = zip(of_real[1:] or of_real, of_fake[1:] or of_fake, strict=True)
    return torch.stack([mse_loss(made.mean(0), seen.mean(0)) for seen, made in layers]).sum()
