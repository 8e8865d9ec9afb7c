"""Games with a classifier of two domains: the source ``domain_a`` and the target ``domain_b``."""

from __future__ import annotations

from torch import Tensor

from gan_bench.variants.base import Game, Play
from gan_bench.variants.declarations import ability


class ClassifiedDomains(Game):
    """A subclass states `logits`."""

    @property
    def classes(self) -> int:
        """Return the number of classes of both domains."""
        classes = self.data.spaces["label_a"].classes
        assert classes is not None
        return classes

    def logits(self, play: Play, domain: str) -> Tensor:
        """Return logits ``[batch, classes]`` of the batch of a domain."""
        raise NotImplementedError

    @ability(inputs=("domain_a",), makes="")
    def classify_a(self, play: Play) -> Tensor:
        """Return logits of samples of the source."""
        return self.logits(play, "domain_a")

    @ability(inputs=("domain_b",), makes="")
    def classify_b(self, play: Play) -> Tensor:
        """Return logits of samples of the target."""
        return self.logits(play, "domain_b")
