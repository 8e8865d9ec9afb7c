"""Games of two domains without pairs: each domain has a critic, which sees its samples and translations."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from torch import Tensor

from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Play
from gan_bench.variants.critics import Critic, Inputs
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.noise import Noise
from gan_bench.variants.pools import Pool


class TwoDomains(Adversarial):
    """A subclass states the networks, and translates by `into_a` and `into_b`.

    With ``pool`` above 0 the critics learn from earlier translations beside the latest ones.
    """

    streams = reads = ("domain_a", "domain_b")
    hyperparameters = {
        **Adversarial.hyperparameters,
        "pool": Hyperparameter(
            0, "structural", "earlier translations that each critic's pool keeps, 0: no pool", low=0
        ),
    }

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critics of the two domains."""
        spaces = self.data.spaces
        return self.critic("critic_a", spaces["domain_a"]), self.critic("critic_b", spaces["domain_b"])

    @cached_property
    def pools(self) -> dict[str, Pool]:
        """Return the pool of each critic by role, if they have pools."""
        size = self.settings.pool
        return {critic.role: Pool(critic, size) for critic in self.critics} if size else {}

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

    def critic_noise(self) -> dict[str, Noise]:
        """Return also the draws of the pools."""
        of_pools = {name: noise for pool in self.pools.values() for name, noise in pool.noise().items()}
        return {**super().critic_noise(), **of_pools}

    def state(self) -> dict[str, Tensor]:
        """Return also the empty pools."""
        of_pools = {name: start for pool in self.pools.values() for name, start in pool.state().items()}
        return {**super().state(), **of_pools}

    def shown(
        self, play: Play, fakes: Mapping[str, Inputs]
    ) -> tuple[Mapping[str, Inputs], dict[str, Tensor]]:
        """Return the translations that the critics see, some of them from the pools, and the new pools."""
        seen, state = dict(fakes), dict[str, Tensor]()
        for role, pool in self.pools.items():
            seen[role], renewed = pool(play, fakes[role])
            state |= renewed
        return seen, state

    @ability(inputs=("domain_a",), makes="domain_b")
    def translate(self, play: Play) -> Tensor:
        """Return ``domain_a`` translated to ``domain_b``."""
        return self.into_b(self.ready(play))

    @ability(inputs=("domain_b",), makes="domain_a")
    def translate_back(self, play: Play) -> Tensor:
        """Return ``domain_b`` translated to ``domain_a``."""
        return self.into_a(self.ready(play))

    @ability(inputs=("domain_a",), makes="domain_a")
    def cycle(self, play: Play) -> Tensor:
        """Return ``domain_a`` translated to ``domain_b`` and back."""
        play = self.ready(play)
        return self.into_a(play.reading(domain_b=self.into_b(play)))

    @ability(inputs=("domain_b",), makes="domain_b")
    def cycle_back(self, play: Play) -> Tensor:
        """Return ``domain_b`` translated to ``domain_a`` and back."""
        play = self.ready(play)
        return self.into_b(play.reading(domain_a=self.into_a(play)))

    @ability(inputs=("domain_a",), makes="domain_b")
    def sample(self, play: Play) -> Tensor:
        """Return translations of ``domain_a``, which imitate ``domain_b``."""
        return self.translate(play)

    def ready(self, play: Play) -> Play:
        """Return the play with the generators normalised."""
        return self.normalised(play, *self.generators)[0]


class Translators(TwoDomains):
    """Two translators, one for each direction, which are compared with their inputs after a cycle."""

    averaged = generators = ("a_to_b", "b_to_a")
    fields_read = {"a_to_b": ("domain_a",), "b_to_a": ("domain_b",)}

    def makers(self, build: Build) -> Networks:
        """Return the two translators (sample to sample)."""
        a, b = self.data.spaces["domain_a"], self.data.spaces["domain_b"]
        return {"a_to_b": build.translator(a, makes=b), "b_to_a": build.translator(b, makes=a)}

    def into_a(self, play: Play) -> Tensor:
        """Return G_BA(b)."""
        return play.b_to_a(play.batch["domain_b"])

    def into_b(self, play: Play) -> Tensor:
        """Return G_AB(a)."""
        return play.a_to_b(play.batch["domain_a"])

    def cycles(self, play: Play, fakes: Mapping[str, Inputs]) -> tuple[Tensor, Tensor]:
        """Return G_BA(G_AB(a)) and G_AB(G_BA(b)), from the translations that critics are shown."""
        (into_a,), (into_b,) = fakes["critic_a"], fakes["critic_b"]
        return play.b_to_a(into_b), play.a_to_b(into_a)


def distance(made: Tensor, wanted: Tensor) -> Tensor:
    """Return the L1 distance, mean over batch and dimensions."""
    return (made - wanted).abs().mean()
