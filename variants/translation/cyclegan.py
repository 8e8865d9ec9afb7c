"""Cycle-consistent GAN (Zhu et al. 2017)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gan_bench.variants.base import Loss, Play
from gan_bench.variants.critics import Inputs, Judged
from gan_bench.variants.generation.lsgan import LSGAN
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.losses import is_off
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile
from gan_bench.variants.translation.domains import Translators, distance


@register(
    "cyclegan", paper="arXiv:1703.10593", year=2017, equation="eq. 1-4, sections 4 and 5.2",
    aliases=("cycle-gan",), version=4,
)  # fmt: skip
class CycleGAN(Translators):
    """CycleGAN: two translators, each judged in its target domain, both by cycle consistency.

    Adversaries (eq. 1; least squares, section 4), + cycle_weight (E |G_BA(G_AB(a)) - a| + the same from b)
    (eq. 2), + identity_weight (E |G_AB(b) - b| + the same of a) (section 5.2). L1 norms are means over a
    sample's dimensions; domains of different shapes have no identity term. Critics see a pool of the last
    translations (section 4).
    """

    objective = LSGAN()
    hyperparameters = {
        **Translators.hyperparameters,
        "pool": replace(Translators.hyperparameters["pool"], default=50),
        "adversarial_weight": Hyperparameter(
            1.0, doc="weight of the translators' adversarial objective", low=0.0
        ),
        "cycle_weight": Hyperparameter(10.0, doc="lambda, weight of cycle consistency", low=0.0),
        "identity_weight": Hyperparameter(
            0.0, doc="weight of the identity on samples of the target domain (paper: 0, or 5)", low=0.0
        ),
    }
    profiles = {
        "paper": Profile(
            {
                "lr": {"schedule": "linear", "start": 2e-4, "end": 0.0, "begin": 0.5},
                "beta1": 0.5, "batch_size": 1, "pool": 50, "critic_norm": "instance", "cycle_weight": 10.0,
                "updates": "simultaneous",  # critics see the translations that the translators learn on
                "adversarial_weight": 2.0,  # of squared errors, which lsgan halves and the paper does not
            },
            source="arXiv:1703.10593, section 4; github:junyanz/pytorch-CycleGAN-and-pix2pix, "
            "models/cycle_gan_model.py and util/image_pool.py",
            differs=("the identity has weight 5 in the program, and 0 in most of the paper, as here",),
        )
    }  # fmt: skip

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return the cycle and the identity terms."""
        a, b = play.batch["domain_a"], play.batch["domain_b"]
        a_again, b_again = self.cycles(play, fakes)
        cycle = distance(a_again, a) + distance(b_again, b)
        terms = Loss(play.hp.cycle_weight * cycle, {"cycle": cycle})
        if a.shape != b.shape or is_off(play.hp.identity_weight):
            return terms
        same = distance(play.a_to_b(b), b) + distance(play.b_to_a(a), a)
        return terms.plus(same, play.hp.identity_weight, "identity")
