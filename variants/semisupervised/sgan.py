"""Semi-supervised GANs: Odena 2016, and Salimans et al. 2016 with and without feature matching."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from gan_bench.variants.base import Loss, Play
from gan_bench.variants.critics import Critic
from gan_bench.variants.declarations import Build, Networks
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.registry import register
from gan_bench.variants.semisupervised.classes import ClassCritic, Classifying
from gan_bench.variants.sources import Profile
from gan_bench.variants.two_player import TwoPlayer

PROGRAM = {
    "lr": 3e-3, "beta1": 0.5, "batch_size": 100, "latent_dim": 100, "latent_law": "uniform",
    "label_weight": 2.0,  # both terms of the unsupervised loss have the factor 1/2 there
}  # fmt: skip
"""Settings of the authors' program of feature matching on MNIST."""
SOURCE = "github:openai/improved-gan, mnist_svhn_cifar10/train_mnist_feature_matching.py"
DIFFERS = (
    "no Gaussian noise on the critic's layers and no weight normalisation",
    "latents on (-1, 1) instead of (0, 1), which the first layer's bias takes up in part",
    "labelled samples have the classes and FAKE to choose from here, the classes alone there",
    "the authors test the average of the critic's weights over 10,000 updates: set ema",
)


@register("sgan", paper="arXiv:1606.01583", year=2016, equation="algorithm 1", aliases=("ss-gan",))
class SGAN(Classifying, TwoPlayer):
    """SGAN: the critic is a classifier of N classes and FAKE; the generator avoids FAKE.

    D/C minimises the negative log-likelihood of the right output: of the label of labelled samples, of FAKE
    for generated ones, and of any class but FAKE, -log(1 - p(FAKE | x)), for samples without a label. The
    generator maximises that of FAKE (``objective=gan``), here in its non-saturating form.
    """

    objective = NSGAN()
    free: ClassVar[bool] = True
    hyperparameters = {**TwoPlayer.hyperparameters, **Classifying.hyperparameters}
    profiles = {
        "paper": Profile(
            {"label_weight": 1.0},
            source="arXiv:1606.01583, algorithm 1",
            differs=(
                "the paper's rates, batch size and latents could not be read: they are the defaults",
                "each term is a mean over its own batch, where the paper takes one mini-batch, half of it "
                "generated",
            ),
        )
    }

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic and classifier."""
        own = {"settings": self.settings, "objective": self.objective, "penalties": self.penalties}
        return (ClassCritic("critic", self.data.real, classes=self.classes, free=self.free, **own),)


@register("sgan-n", paper="arXiv:1606.03498", year=2016, equation="section 5")
class SGANOfClasses(SGAN):
    """SGAN of N outputs: the logit of FAKE is fixed at 0, so that class logits alone tell real from fake.

    The losses are those of SGAN: L_supervised + L_unsupervised with D(x) = Z / (Z + 1), Z = sum_k exp(l_k).
    """

    free = False
    profiles = {
        "paper": Profile(
            PROGRAM,
            source=SOURCE,
            differs=(*DIFFERS, "the authors' generator for MNIST matches features (`sgan-fm`)"),
        )
    }


@register(
    "sgan-fm", paper="arXiv:1606.03498", year=2016, equation="sections 3.1 and 5", aliases=("improved-gan",)
)
class FeatureMatchingSGAN(SGANOfClasses):
    """SGAN with feature matching: the generator matches the mean of the critic's last hidden activations.

    The critic is that of `sgan-n`. The generator minimises |E h(x) - E h(G(z))|^2 (section 3.1), here a mean
    over the activations h, as in the authors' program.
    """

    reads = ("real",)
    profiles = {"paper": Profile(PROGRAM, source=SOURCE, differs=DIFFERS)}

    def networks(self, build: Build) -> Networks:
        """Return all networks; the critic has to show its hidden activations."""
        networks = super().networks(build)
        if not callable(getattr(networks["critic"], "hidden", None)):
            raise Misfit("feature matching needs a classifier with a method hidden")
        return networks

    def generator_loss(self, play: Play) -> Loss:
        """Return the mean squared difference of the means of activations."""
        play, _ = self.normalised(play)
        hidden = play.critic.calling("hidden")
        apart = hidden(play.batch["real"]).mean(0) - hidden(self.generated(play)).mean(0)
        return Loss(apart.square().mean())
