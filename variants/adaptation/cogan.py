"""Coupled generative adversarial networks (Liu & Tuzel 2016)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gan_bench.variants.adaptation.classified import ClassifiedDomains
from gan_bench.variants.base import Loss, Play
from gan_bench.variants.critics import Critic, Inputs, Judged
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks.sharing import tied, weighted_layers
from gan_bench.variants.options import refuse_groups
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile
from gan_bench.variants.two_player import TwoPlayer


@register("cogan", paper="arXiv:1606.07536", year=2016, equation="two GANs that share layers, with a softmax")
class CoGAN(ClassifiedDomains, TwoPlayer):
    """CoGAN: two GANs whose generators share all but the last layers, and whose critics all but the first.

    One latent gives a pair of images, of which each critic sees its own domain's; no pair is ever real. The
    critics also name the class of source images (weight class_weight), which the shared layers carry to the
    target, and minimise feature_weight times the squared distance of the last hidden activations of a pair.
    """

    objective = NSGAN()
    averaged = ("generator_a", "generator_b", "critic_a", "critic_b")
    generators = ("generator_a", "generator_b")
    streams = ("labelled_a", "domain_b")
    hyperparameters = {
        **TwoPlayer.hyperparameters,
        "own_layers": Hyperparameter(
            1, "structural", "last layers of generators, first ones of critics, that are not shared", low=0
        ),
        "class_weight": Hyperparameter(
            20.0, doc="weight of the cross-entropy of source labels, for the critics", low=0.0
        ),
        "feature_weight": Hyperparameter(
            0.02, doc="weight of the squared distance of a pair's features, for the critics", low=0.0
        ),
    }
    profiles = {
        "paper": Profile(
            {
                "lr": 2e-4, "beta1": 0.5, "beta2": 0.999, "weight_decay": 5e-4, "batch_size": 64,
                "latent_dim": 100, "class_weight": 20.0, "feature_weight": 0.02,
            },
            source="github:mingyuliutw/CoGAN, cogan_pytorch (10,000 iterations)",
            differs=(
                "critics have a loss of each domain here, the mean of both there: weights are twice theirs, "
                "and weight decay, of all players, weighs half as much",
                "the critics' score is one number, there the difference of two logits",
            ),
        )
    }  # fmt: skip

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Refuse groups of samples, which have no class."""
        super().check(settings)
        refuse_groups(settings)

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critics of both domains: a score, and logits of the classes."""
        spaces = self.data.spaces
        return tuple(self.critic(f"critic_{d}", spaces[f"domain_{d}"], classes=self.classes) for d in "ab")

    def networks(self, build: Build) -> Networks:
        """Return all networks; critics share their last layers."""
        networks = super().networks(build)
        critic = networks["critic_b"]
        assert isinstance(critic, nn.Module)
        if not callable(getattr(critic, "hidden", None)):
            raise Misfit("the distance of features needs critics with a method hidden")
        return {**networks, "critic_b": tied(critic, "critic_a", last=self._shared(critic))}

    def makers(self, build: Build) -> Networks:
        """Return the generators (latent to sample), which share their first layers."""
        spaces = self.data.spaces
        a, b = (build.generator(self.latent, makes=spaces[domain]) for domain in ("domain_a", "domain_b"))
        return {"generator_a": a, "generator_b": tied(b, "generator_a", first=self._shared(b))}

    def _shared(self, network: nn.Module) -> int:
        return max(0, len(weighted_layers(network)) - self.settings.own_layers)

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return samples of both domains, which are not paired."""
        return {"critic_a": (play.batch["labelled_a"]["domain_a"],), "critic_b": (play.batch["domain_b"],)}

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return pairs, both of one latent."""
        z = play.noise["latent"]
        return {"critic_a": (play.generator_a(z),), "critic_b": (play.generator_b(z),)}

    def critic_terms(self, play: Play, real: Mapping[str, Judged], fake: Mapping[str, Judged]) -> Loss:
        """Return the cross-entropy of the source's labels."""
        logits = real["critic_a"].logits
        assert logits is not None
        unlikely = cross_entropy(logits, play.batch["labelled_a"]["label_a"])
        return Loss(play.hp.class_weight * unlikely, {"class_nll": unlikely})

    def critic_loss_on(self, play: Play, reals: Mapping[str, Inputs], fakes: Mapping[str, Inputs]) -> Loss:
        """Return the critics' loss with the distance of a pair's features, summed over units."""
        loss = super().critic_loss_on(play, reals, fakes)
        a, b = (getattr(play, role).calling("hidden")(*fakes[role]) for role in ("critic_a", "critic_b"))
        return loss.plus((a - b).square().flatten(1).sum(1).mean(), play.hp.feature_weight, "features_apart")

    def logits(self, play: Play, domain: str) -> Tensor:
        """Return the logits of the domain's critic."""
        play, _ = self.normalised(play)
        critic = self.critics[domain == "domain_b"]
        found = critic.judge(getattr(play, critic.role), (play.batch[domain],)).logits
        assert found is not None
        return found

    @ability(noise=("latent",), makes="domain_b")
    def sample(self, play: Play) -> Tensor:
        """Generate samples of the target, ``[batch, *shape]``."""
        return self.normalised(play, "generator_b")[0].generator_b(play.noise["latent"])

    @ability(noise=("latent",), makes="domain_a")
    def sample_a(self, play: Play) -> Tensor:
        """Generate samples of the source, which are pairs with those of `sample` of the same latents."""
        return self.normalised(play, "generator_a")[0].generator_a(play.noise["latent"])
