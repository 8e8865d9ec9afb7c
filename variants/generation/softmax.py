"""Softmax GAN (Lin 2017)."""

from types import SimpleNamespace

import torch
from torch import Tensor

from gan_bench.variants.objectives import Objective
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


@register(
    "softmax-gan",
    paper="arXiv:1704.06191",
    year=2017,
    equation="both cross-entropies",
    aliases=("softmaxgan",),
)
class SoftmaxGAN(Objective):
    """Softmax GAN: one softmax over all scores of a batch, and cross-entropy to a uniform target.

    The critic's target is uniform over the real samples, the generator's over all samples. The paper's D is
    an energy, p = exp(-D) / Z; scores here are -D, so that real ones are high.
    """

    compares = True
    profiles = {
        "paper": Profile(
            {"lr": 2e-4, "beta1": 0.5, "batch_size": 64, "latent_dim": 100, "latent_law": "uniform"},
            source="arXiv:1704.06191, the experiments, which take DCGAN's program",
            differs=("the values are those of DCGAN programs: the paper's own could not be confirmed",),
        )
    }

    def critic(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return -sum over real of 1/N log p: the target is 1/N on N real samples and 0 on generated ones."""
        return torch.cat((real, fake)).logsumexp(0) - real.mean()

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return -sum over all of 1/(N+M) log p: the target is the same for all N + M samples."""
        scores = torch.cat((real, fake))
        return scores.logsumexp(0) - scores.mean()
