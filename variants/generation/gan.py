"""The original game, in its minimax and its non-saturating form (Goodfellow et al. 2014)."""

from types import SimpleNamespace

from torch import Tensor

from gan_bench.variants.losses import fake_loss, real_loss
from gan_bench.variants.objectives import Objective
from gan_bench.variants.options import SMOOTHING
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


class Logistic(Objective):
    """Critic of both forms: maximise log D(x) + log(1 - D(G(z))), D the sigmoid of the score (eq. 1)."""

    hyperparameters = SMOOTHING

    def real(self, real: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return -E log D(x), the cross-entropy to the target 1."""
        return real_loss(real, hp.label_smoothing)

    def fake(self, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return -E log(1 - D(G(z))), the cross-entropy to the target 0."""
        return fake_loss(fake)


UPDATES = 250 * 500
"""Updates of the authors' run on MNIST until the momentum stops rising: 250 epochs of 50,000 images."""

DECAY = 1.000004**-UPDATES
"""Factor of the learning rate after these updates: 0.607."""


def falling(start: float) -> dict[str, str | float]:
    """Return the schedule of a rate divided by 1.000004 per update, if the budget is these updates."""
    return {"schedule": "exponential", "start": start, "end": float(f"{start * DECAY:.3g}")}


PAPER = Profile(
    {
        "optimiser": "sgd",
        "lr": falling(0.1),
        "critic_lr": falling(0.05),  # at the rate 0.1 the authors' critic descends on half the loss
        "momentum": {"schedule": "linear", "start": 0.5, "end": 0.7},
        "updates": "simultaneous",
        "batch_size": 100,
        "latent_dim": 100,
        "latent_law": "uniform",
        "latent_scale": 3**0.5,
    },
    source="github:goodfeli/adversarial, mnist.yaml and AdversaryCost2 in __init__.py",
    differs=(
        "the authors' schedules are per update and per epoch and have no end: the budget stands for their "
        "first 250 epochs (125,000 updates), after which the momentum stays at 0.7; the learning rate would "
        "fall on, to a floor of 1e-6 after 2.9 million updates",
        "no dropout in the critic (authors: 0.2 of its input and 0.5 of its hidden units), which is an "
        "option of the networks",
    ),
)
"""The authors' program for MNIST, which trains both players at once."""


@register(
    "gan", paper="arXiv:1406.2661", year=2014, equation="eq. 1, algorithm 1", aliases=("mmgan", "minimax")
)
class GAN(Logistic):
    """GAN, minimax: the generator minimises log(1 - D(G(z)))."""

    profiles = {
        "paper": Profile(
            PAPER,
            source=PAPER.source,
            differs=("the authors' program plays the non-saturating game", *PAPER.differs),
        )
    }

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return the mean of log(1 - D(G(z))), the negative of the critic's term."""
        return -fake_loss(fake)

    def exchanged(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return the negative of the critic's objective."""
        return -(real_loss(real) + fake_loss(fake))


@register("nsgan", paper="arXiv:1406.2661", year=2014, equation="section 3", aliases=("ns-gan",))
class NSGAN(Logistic):
    """GAN, non-saturating: the generator maximises log D(G(z))."""

    profiles = {"paper": PAPER}

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return the mean of -log D(G(z))."""
        return real_loss(fake)
