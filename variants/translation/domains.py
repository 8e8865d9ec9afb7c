"""Games of two domains without pairs: each domain has a critic, which sees its samples and translations."""

from __future__ import annotations

from functools import cached_property

from torch import Tensor

from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Play
from gan_bench.variants.critics import Critic, Inputs
from gan_bench.variants.declarations import ability


class TwoDomains(Adversarial):
    """A subclass states the networks, and translates by `into_a` and `into_b`."""

    streams = reads = ("domain_a", "domain_b")

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critics of the two domains."""
        spaces = self.data.spaces
        return self.critic("critic_a", spaces["domain_a"]), self.critic("critic_b", spaces["domain_b"])

    def into_a(self, play: Play) -> Tensor:
        """Return ``domain_b`` translated to ``domain_a``."""
        raise NotImplementedError

    def into_b(self, play: Play) -> Tensor:
        """Return ``domain_a`` translated to ``domain_b``."""
        raise NotImplementedError

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return the samples of both domains."""
        return {"critic_a": (play.batch["domain_a"],), "critic_b": (play.batch["domain_b"],)}

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return translations into both domains."""
        return {"critic_a": (self.into_a(play),), "critic_b": (self.into_b(play),)}

    @ability(inputs=("domain_a",), makes="domain_b")
    def translate(self, play: Play) -> Tensor:
        """Return ``domain_a`` translated to ``domain_b``."""
        return self.into_b(self.normalised(play, *self.generators)[0])

    @ability(inputs=("domain_a",), makes="domain_b")
    def sample(self, play: Play) -> Tensor:
        """Return translations of ``domain_a``, which imitate ``domain_b``."""
        return self.translate(play)


def distance(made: Tensor, wanted: Tensor) -> Tensor:
    """Return the L1 distance, mean over batch and dimensions."""
    return (made - wanted).abs().mean()
