"""DualGAN: unsupervised dual learning of translation (Yi, Zhang, Tan & Gong 2017)."""

from __future__ import annotations

from collections.abc import Mapping

from gan_bench.variants.base import Loss, Play
from gan_bench.variants.critics import Inputs, Judged
from gan_bench.variants.generation.wgan import WGAN
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.registry import register
from gan_bench.variants.sources import OWN_BATCHES, Profile
from gan_bench.variants.translation.domains import Translators, distance


@register("dualgan", paper="arXiv:1704.02510", year=2017, equation="eq. 1-3", parts="clip")
class DualGAN(Translators):
    """DualGAN: two translators against critics of WGAN, with a large weight of the L1 reconstructions.

    Each critic minimises E D(G(u)) - E D(v) (eq. 1 and 2), with clipped weights; the translators minimise
    -E D_A(G_A(u)) - E D_B(G_B(v)) + cycle_weight (E |u - G_B(G_A(u))| + the same from v) (eq. 3). L1 norms
    are means over a sample's dimensions. `dualgan(objective=wgan-gp)` has a penalty instead of clipping.
    """

    objective = WGAN()
    hyperparameters = {
        **Translators.hyperparameters,
        "cycle_weight": Hyperparameter(500.0, doc="lambda_U and lambda_V, of the reconstructions", low=0.0),
    }
    profiles = {
        "paper": Profile(
            {
                "optimiser": "rmsprop", "lr": 5e-5, "decay": 0.9, "batch_size": 1, "n_critic": 1,
                "critic_norm": "batch", "clip": 0.01, "cycle_weight": 500.0,
            },
            source="github:duxingren14/DualGAN, main.py and model.py (GAN_type wgan, as in the paper)",
            differs=(
                "the program's defaults have a gradient penalty of weight 10 instead of clipping",
                "epsilon is outside the root, as in PyTorch; the program's TensorFlow has it inside",
                OWN_BATCHES,
            ),
        )
    }  # fmt: skip

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return the reconstructions."""
        a_again, b_again = self.cycles(play, fakes)
        cycle = distance(a_again, play.batch["domain_a"]) + distance(b_again, play.batch["domain_b"])
        return Loss(play.hp.cycle_weight * cycle, {"cycle": cycle})
