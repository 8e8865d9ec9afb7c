"""Pixel-level domain adaptation (Bousmalis, Silberman, Dohan, Erhan & Krishnan 2017)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from torch import Tensor
from torch.nn.functional import cross_entropy

from gan_bench.variants.adaptation.classified import ClassifiedDomains
from gan_bench.variants.adaptation.supervised import one_shape
from gan_bench.variants.base import Loss, Play, Player, Round
from gan_bench.variants.critics import Critic, Inputs, Judged
from gan_bench.variants.declarations import Build, DataSpec, Networks, ability
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.hyperparameters import Hyperparameter, optimiser_hyperparameters
from gan_bench.variants.normalising import Virtual
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile
from gan_bench.variants.two_player import TwoPlayer


@register("pixelda", paper="arXiv:1612.05424", year=2016, equation="eq. 1-5", aliases=("pixel-da",))
class PixelDA(ClassifiedDomains, TwoPlayer):
    """PixelDA: a generator makes target images of labelled source images, from which a classifier learns.

    The critic tells G(x_s, z) from target images (eq. 2). The classifier T minimises the cross-entropy of the
    labels of x_s and of G(x_s, z) (eq. 3). The generator minimises its adversarial objective, + task_weight
    times T's cross-entropy of G(x_s, z), + content_weight times the pairwise squared error of G(x_s, z) and
    x_s (eq. 5, every pixel in the mask).
    """

    objective = NSGAN()
    averaged = ("generator", "classifier")
    streams = ("labelled_a", "domain_b")
    reads = ("labelled_a",)
    hyperparameters = {
        **TwoPlayer.hyperparameters,
        **optimiser_hyperparameters("critic", "generator", "classifier"),
        "adversarial_weight": Hyperparameter(
            1.0, doc="weight of the generator's adversarial objective", low=0.0
        ),
        "task_weight": Hyperparameter(
            1.0, doc="weight of the classifier's cross-entropy in the generator's loss", low=0.0
        ),
        "content_weight": Hyperparameter(
            0.0, doc="weight of the pairwise squared error of source and generated image", low=0.0
        ),
    }
    profiles = {
        "paper": Profile(
            {
                "lr": {"schedule": "exponential", "start": 1e-3, "end": 1e-3 * 0.95**25},
                "beta1": 0.5, "batch_size": 32, "latent_dim": 10, "latent_law": "uniform",
                "adversarial_weight": 0.01132, "task_weight": 0.01010,
            },
            source="github:tensorflow/models, research/domain_adaptation/pixel_domain_adaptation, MNIST-M",
            differs=(
                "the rate falls by 0.95 in every 20,000 of 500,000 steps there, smoothly here",
                "no weight 0.1356 of the critic's loss: of a player alone, Adam's steps do not depend on it",
                "no clipping of gradients at 5, no weight decay of the classifier (1e-5), no dropout (0.1) "
                "and noise (0.2) in the critic, of which `+noise` is the second",
            ),
        )
    }  # fmt: skip

    @classmethod
    def refuses(cls, data: DataSpec) -> str:
        """Refuse domains of different shapes."""
        return super().refuses(data) or one_shape(data)

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic of the target domain."""
        return (self.critic("critic", self.data.spaces["domain_b"]),)

    def makers(self, build: Build) -> Networks:
        """Return the generator (source image and latent to target image) and the classifier."""
        a, b = self.data.spaces["domain_a"], self.data.spaces["domain_b"]
        return {
            "generator": build.translator(a, self.latent, makes=b),
            "classifier": build.classifier(b, classes=self.classes),
        }

    def reference(self, role: str, critic: Critic | None) -> Virtual:
        """Return the critic's reference batch; there is none for networks of images and latents."""
        return super(TwoPlayer, self).reference(role, critic)

    def players(self) -> list[Player]:
        """Return also the classifier."""
        return [*super().players(), Player("classifier", ("classifier",), self.classifier_loss)]

    def rounds(self) -> list[Round]:
        """Return rounds in which the classifier is updated with the critic."""
        return [
            replace(r, players=(*r.players, "classifier")) if "critic" in r.players else r
            for r in super().rounds()
        ]

    def generated(self, play: Play) -> Tensor:
        """Return adapted images G(x_s, z)."""
        return play.generator(play.batch["labelled_a"]["domain_a"], play.noise["latent"])

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return target images."""
        return {"critic": (play.batch["domain_b"],)}

    def classifier_loss(self, play: Play) -> Loss:
        """Return the cross-entropies of source and of adapted images, each a mean."""
        play, _ = self.normalised(play, "generator")
        x, y = (play.batch["labelled_a"][field] for field in ("domain_a", "label_a"))
        source = cross_entropy(play.classifier(x), y)
        adapted = cross_entropy(play.classifier(self.generated(play)), y)
        return Loss(source + adapted, {"source_nll": source, "adapted_nll": adapted})

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return the classifier's cross-entropy and the content term of adapted images."""
        (made,) = fakes["critic"]
        source = play.batch["labelled_a"]
        task = cross_entropy(play.classifier(made), source["label_a"])
        content = pairwise_error(made, source["domain_a"])
        terms = Loss(play.hp.task_weight * task, {"task": task})
        return terms.plus(content, play.hp.content_weight, "content")

    def logits(self, play: Play, domain: str) -> Tensor:
        """Return the classifier's logits of either domain."""
        return play.classifier(play.batch[domain])

    @ability(inputs=("domain_a",), makes="domain_b", noise=("latent",))
    def translate(self, play: Play) -> Tensor:
        """Return ``domain_a`` adapted to ``domain_b``."""
        play, _ = self.normalised(play, "generator")
        return play.generator(play.batch["domain_a"], play.noise["latent"])

    @ability(inputs=("domain_a",), makes="domain_b", noise=("latent",))
    def sample(self, play: Play) -> Tensor:
        """Return adapted images, which imitate ``domain_b``."""
        return self.translate(play)


def pairwise_error(made: Tensor, given: Tensor) -> Tensor:
    """Return the scale-invariant squared error, mean over the batch (eq. 5; Eigen et al. 2014).

    With differences d of a sample's k values: sum d^2 / k - (sum d)^2 / k^2, their variance.
    """
    return (made - given).flatten(1).var(1, correction=0).mean()
