"""Pools of earlier generated samples, which critics see beside the latest (Shrivastava et al. 2017)."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_bench.spaces import Space
from gan_bench.variants.base import Play
from gan_bench.variants.critics import Critic, Inputs
from gan_bench.variants.noise import Noise


class Pool:
    """The pool of one critic, as state of the game; by the rule of CycleGAN's program (util/image_pool.py).

    As long as the pool has room, it keeps every sample, and the critic sees the sample itself. From then on
    the critic sees a random earlier sample with probability 1/2, in whose place the new one is kept. Samples
    of a batch come one after another, so one may be exchanged for an earlier one of its own batch.

    Args:
        critic: whose generated inputs are kept, with those that they were given.
        size: number of samples.
    """

    def __init__(self, critic: Critic, size: int) -> None:
        self.critic, self.size = critic, size
        self.spaces = (*critic.judges, *critic.given)

    def noise(self) -> dict[str, Noise]:
        """Return the draws: whether a sample is exchanged, and the place of the one that the critic sees."""
        return {
            self.critic.named("pool_exchanged"): Noise(law="bernoulli"),
            self.critic.named("pool_place"): Noise(law="integers", high=self.size),
        }

    def state(self) -> dict[str, Tensor]:
        """Return the empty pool: its places, by number of the input, and how many are taken."""
        places = {
            self.critic.named("pool", number): torch.zeros(self.size, *space.shape, dtype=_dtype(space))
            for number, space in enumerate(self.spaces)
        }
        return {**places, self.critic.named("pool_taken"): torch.zeros((), dtype=torch.int64)}

    def __call__(self, play: Play, fakes: Inputs) -> tuple[Inputs, dict[str, Tensor]]:
        """Return what the critic sees instead of generated inputs ``[batch, ...]``, and the new state."""
        place, exchanged = (play.noise[self.critic.named(f"pool_{n}")] for n in ("place", "exchanged"))
        taken = play.state[self.critic.named("pool_taken")]
        order = torch.arange(len(place), device=place.device)
        room = taken + order < self.size
        place = torch.where(room, taken + order, place)
        kept = room | (exchanged > 0)  # else the sample passes by the pool
        into = kept[:, None] & (place[:, None] == torch.arange(self.size, device=place.device))
        latest = torch.where(into, order[:, None], -1)  # [batch, size]: the sample that each place receives
        before = latest.cummax(0).values.roll(1, 0).masked_fill(order[:, None] == 0, -1)
        found = before.gather(1, place[:, None]).squeeze(1)  # what lies there of the same batch, or -1
        earlier, last = kept & ~room, latest.amax(0)
        seen, state = [], {self.critic.named("pool_taken"): (taken + len(place)).clamp(max=self.size)}
        for number, samples in enumerate(fakes):
            name = self.critic.named("pool", number)
            pool = play.state[name]
            lying = _chosen(found >= 0, samples[found.clamp(min=0)], pool[place])
            seen.append(_chosen(earlier, lying, samples))
            state[name] = _chosen(last >= 0, samples[last.clamp(min=0)], pool)
        return tuple(seen), state


def _dtype(space: Space) -> torch.dtype:
    return torch.int64 if space.is_label else torch.get_default_dtype()


def _chosen(which: Tensor, rows: Tensor, others: Tensor) -> Tensor:
    """Return the rows where ``which`` is true, else the others, both ``[n, ...]``."""
    return torch.where(which.reshape(-1, *[1] * (rows.ndim - 1)), rows, others)
