"""StarGAN: one translator between several domains (Choi et al. 2018)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from torch import Tensor

from gan_bench.spaces import Space
from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Loss, Play
from gan_bench.variants.conditional.acgan import unlikelihood
from gan_bench.variants.critics import Critic, Inputs, Judged
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.generation.wgan import WGAN
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.noise import Noise
from gan_bench.variants.registry import register
from gan_bench.variants.sources import OWN_BATCHES, Profile
from gan_bench.variants.translation.domains import distance


@register("stargan", paper="arXiv:1711.09020", year=2017, equation="L_D and L_G", parts="gp")
class StarGAN(Adversarial):
    """StarGAN: a translator that is told the target domain, and a critic that also names domains.

    The critic minimises WGAN-GP's objective + class_weight L_cls of real samples and their domains c'. The
    translator minimises -E D(G(x, c)) + class_weight L_cls of G(x, c) and c
    + cycle_weight E |G(G(x, c), c') - x|. L_cls is the cross-entropy of domains that exclude each other, the
    L1 norm a mean over a sample's dimensions. Targets c are the batch's own domains in another order.
    """

    objective = WGAN()
    streams = reads = ("domains",)
    drawn = ("order",)
    fields_read = {"generator": ("real", "domain")}
    hyperparameters = {
        **Adversarial.hyperparameters,
        "class_weight": Hyperparameter(1.0, doc="lambda_cls, of the domains, for both players", low=0.0),
        "cycle_weight": Hyperparameter(10.0, doc="lambda_rec, weight of the reconstructions", low=0.0),
    }
    profiles = {
        "paper": Profile(
            {
                "lr": {"schedule": "linear", "start": 1e-4, "end": 0.0, "begin": 0.5},
                "beta1": 0.5, "beta2": 0.999, "batch_size": 16, "n_critic": 5, "class_weight": 1.0,
                "cycle_weight": 10.0, "penalty_weight": 10.0,
            },
            source="github:yunjey/stargan, main.py and solver.py",
            differs=(
                "the penalty is on the mean of a map of scores, in the program on their sum",
                OWN_BATCHES,
            ),
        )
    }  # fmt: skip

    @property
    def domain(self) -> Space:
        """Return the space of domains."""
        return self.data.spaces["domain"]

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic: a score, and logits of the domain of every sample."""
        return (self.critic("critic", self.data.real, classes=self.domain.classes),)

    def makers(self, build: Build) -> Networks:
        """Return the translator (sample and target domain to sample)."""
        return {"generator": build.translator(self.data.real, self.domain, makes=self.data.real)}

    def noise(self) -> dict[str, Noise]:
        """Return also the order of the domains that are asked for."""
        return {**super().noise(), "order": Noise(law="permutation")}

    def target(self, play: Play) -> Tensor:
        """Return the domains that are asked for, ``[batch]``."""
        return play.batch["domains"]["domain"][play.noise["order"]]

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return samples of all domains."""
        return {"critic": (play.batch["domains"]["real"],)}

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return translations into the domains that are asked for."""
        return {"critic": (play.generator(play.batch["domains"]["real"], self.target(play)),)}

    def critic_terms(self, play: Play, real: Mapping[str, Judged], fake: Mapping[str, Judged]) -> Loss:
        """Return L_cls of real samples."""
        unlikely = unlikelihood(real["critic"], play.batch["domains"]["domain"])
        return Loss(play.hp.class_weight * unlikely, {"domain_nll": unlikely})

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return L_cls of translations, and the reconstructions."""
        (made,), of = fakes["critic"], play.batch["domains"]
        unlikely = unlikelihood(judged["critic"], self.target(play))
        cycle = distance(play.generator(made, of["domain"]), of["real"])
        loss = Loss(play.hp.class_weight * unlikely, {"domain_nll": unlikely})
        return loss.plus(cycle, play.hp.cycle_weight, "cycle")

    @ability(inputs=("real", "target"), makes="moved")
    def translate(self, play: Play) -> Tensor:
        """Return samples translated to the domains ``play.batch["target"]``."""
        play, _ = self.normalised(play, "generator")
        return play.generator(play.batch["real"], play.batch["target"])

    @ability(inputs=("real", "target"), makes="moved")
    def sample(self, play: Play) -> Tensor:
        """Return translations, which imitate samples of their target domains."""
        return self.translate(play)
