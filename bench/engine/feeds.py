"""Batches and noise of every round, drawn in chunks per replica.

A chunk holds the draws of several iterations: every noise and stream of a replica is drawn once per chunk.
Its length depends on the game, the data and the type of device, never on the number of replicas, so a
replica's draws depend on its own seed only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

from gan_bench.bench.engine.readers import reader
from gan_bench.bench.engine.streams import stream
from gan_bench.datasets.sources import SampledSource
from gan_bench.variants.base import Game, Round
from gan_bench.variants.noise import Noise

CHUNKS = {"cpu": (2**18, 64), "cuda": (2**21, 1024)}
"""Type of device -> elements of a replica's chunk and its iterations, at most.

A processor's chunk fits its cache. On a GPU each draw is a launch, whose time many iterations share.
"""

Draws = tuple[dict[str, Any], dict[str, Tensor]]


class Feeds:
    """Iterate over the draws of each iteration: ``(batch, noise)`` per round and repeat, for all replicas.

    Tensors are ``[replicas, batch, *shape]``; ``[batch, *shape]`` when solo.

    Args:
        game: declares rounds and noise.
        dataset: has the streams (see ``datasets``).
        seeds: one per replica.
        batch_size: samples per round.
        device, dtype: of the tensors.
        solo: omit the dimension of replicas (for one seed).
        network_noise: noise that networks declare, ``role.layer`` -> :class:`Noise`.
        network_calls: per round, role -> calls of its network, as a rehearsal counts them; default: none.

    Raises:
        ValueError: for a round that shares a draw which the round before it does not have.

    Attributes:
        position: iterations drawn of the current chunk so far.
    """

    def __init__(
        self,
        game: Game,
        dataset: Any,
        seeds: Sequence[int],
        batch_size: int,
        *,
        device: torch.device,
        dtype: torch.dtype,
        solo: bool = False,
        network_noise: Mapping[str, Noise] | None = None,
        network_calls: Sequence[Mapping[str, int]] | None = None,
    ) -> None:
        self.batch_size, self.device, self.dtype, self.solo = batch_size, device, dtype, solo
        self.dataset = dataset
        rounds = game.rounds()
        owned = network_noise or {}
        names = [call_names(owned, counts) for counts in network_calls or [{}] * len(rounds)]
        calls = {call: owned[call.rsplit(".", 1)[0]] for of_round in names for call in of_round}
        self.declared = {**game.noise(), **calls}
        self._check_shares(rounds)
        self._plan = [self._needs(r, of_round) for r, of_round in zip(rounds, names, strict=True)]
        self.stream_uses, self.noise_uses = self._count(0), self._count(1)
        self.sources = {name: dataset.stream(name).to(device) for name in self.stream_uses}
        self.generators = {
            name: [stream(seed, "noise", name, device=device) for seed in seeds] for name in self.noise_uses
        }
        subsets = game.subsets()
        self.readers = {
            name: [
                reader(source, stream(seed, "data", name, device=device), name, subsets.get(name), seed)
                for seed in seeds
            ]
            for name, source in self.sources.items()
        }
        self.chunk = self._chunk_length()
        self.position = self._skipped = 0
        self._start = self._stand()

    @staticmethod
    def _check_shares(rounds: Sequence[Round]) -> None:
        for index, game_round in enumerate(rounds):
            before = {*rounds[index - 1].streams, *rounds[index - 1].noise} if index else set()
            missing = [name for name in game_round.shares if name not in before]
            if missing:
                raise ValueError(
                    f"round {index + 1} shares {', '.join(map(repr, missing))}, which the round before it "
                    f"does not read; it reads {', '.join(sorted(before)) or 'nothing'}"
                )

    @staticmethod
    def _needs(game_round: Round, calls: list[str]) -> tuple[tuple[list[str], list[str]], set[str], int]:
        """Return the names that a round reads (streams, noise), those drawn anew, and its repeats."""
        streams, noise = list(game_round.streams), [*game_round.noise, *calls]
        return (streams, noise), {*streams, *noise} - {*game_round.shares}, game_round.repeat

    def _count(self, kind: int) -> dict[str, int]:
        """Count an iteration's draws of each stream (kind 0) or noise (kind 1), by name."""
        uses: dict[str, int] = {}
        for names, drawn, repeat in self._plan:
            for name in names[kind]:
                if name in drawn:
                    uses[name] = uses.get(name, 0) + repeat
        return uses

    def _chunk_length(self) -> int:
        """Return the iterations per chunk, from the elements that one iteration draws for one replica."""
        elements = sum(n * math.prod(self.declared[name].shape) for name, n in self.noise_uses.items())
        elements += sum(n * self._stream_elements(name) for name, n in self.stream_uses.items())
        most, longest = CHUNKS[self.device.type]
        return max(1, min(longest, most // (self.batch_size * max(1, elements))))

    def _stream_elements(self, name: str) -> int:
        """Return the elements of one row; a label or number beside a sample is too small to count."""
        shapes = [self.dataset.spaces[field].shape for field in self.dataset.streams[name]]
        return sum(math.prod(shape) for shape in shapes if shape)

    def _draw_stream(self, name: str) -> list[Any]:
        """Draw one chunk of a stream: ``[replicas, batch, *shape]`` per use, or a mapping of its fields."""
        source, rows = self.sources[name], self.chunk * self.stream_uses[name]

        def arrange(*replicas: Tensor) -> Tensor:
            """Stack ``[rows * batch, ...]`` per replica to contiguous ``[rows, replicas, batch, ...]``."""
            return torch.stack([rows_of.unflatten(0, (rows, self.batch_size)) for rows_of in replicas], 1)

        raw = tree_map(arrange, *[reader.take(rows * self.batch_size) for reader in self.readers[name]])
        if not isinstance(source, SampledSource):
            raw = source.gather(raw)
        if isinstance(raw, dict):
            cut = {field: self._cut(self._prepare(rows, field)) for field, rows in raw.items()}
            return [dict(zip(cut, parts, strict=True)) for parts in zip(*cut.values(), strict=True)]
        return self._cut(self._prepare(raw, name))

    def _prepare(self, raw: Tensor, field: str) -> Tensor:
        return self.dataset.prepare(raw, field, self.dtype)

    def _draw_noise(self, name: str) -> list[Tensor]:
        noise, rows = self.declared[name], self.chunk * self.noise_uses[name]
        drawn = torch.stack([noise.draw(rows, self.batch_size, g) for g in self.generators[name]], 1)
        return self._cut(drawn.to(self.dtype) if noise.floating else drawn)

    def _cut(self, chunk: Tensor) -> list[Tensor]:
        """Return views of ``[rows, replicas, ...]`` by row, without the dimension of replicas when solo."""
        return list((chunk.squeeze(1) if self.solo else chunk).unbind(0))

    def __iter__(self) -> Iterator[list[list[Draws]]]:
        """Yield the draws of endlessly many iterations: per round, per repeat, ``(batch, noise)``."""
        while True:
            self._start, skipped, self._skipped = self._stand(), self._skipped, 0
            streams = {name: iter(self._draw_stream(name)) for name in self.stream_uses}
            noises = {name: iter(self._draw_noise(name)) for name in self.noise_uses}
            for done in range(self.chunk):
                batch: dict[str, Any] = {}
                noise: dict[str, Tensor] = {}
                iteration = []
                for names, drawn, repeat in self._plan:
                    repeats = []
                    for _ in range(repeat):
                        batch = {n: next(streams[n]) if n in drawn else batch[n] for n in names[0]}
                        noise = {n: next(noises[n]) if n in drawn else noise[n] for n in names[1]}
                        repeats.append((batch, noise))
                    iteration.append(repeats)
                self.position = done + 1
                if done >= skipped:
                    yield iteration

    def _stand(self) -> dict[str, Tensor]:
        """Return where the generators of all replicas stand, and the rest of their epochs, by name."""
        stand = {
            f"noise/{name}/{replica}": generator.get_state()
            for name, generators in self.generators.items()
            for replica, generator in enumerate(generators)
        }
        for name, readers in self.readers.items():
            for replica, each in enumerate(readers):
                stand |= {f"data/{name}/{replica}/{what}": tensor for what, tensor in each.stand().items()}
        return stand

    def state(self) -> tuple[dict[str, Tensor], int]:
        """Return where the generators stood at the start of the chunk, and the iterations drawn of it since.

        :meth:`load` continues behind them. The tensors belong to the feeds: copy them before the next chunk.
        """
        return self._start, self.position

    def load(self, start: Mapping[str, Tensor], position: int) -> None:
        """Continue from a :meth:`state` of equal feeds: the next iterator draws its chunk again.

        Raises:
            ValueError: for a state of other draws.
        """
        if start.keys() != self._start.keys():
            raise ValueError("the state of the draws is of another game, data or number of replicas")
        for name, generators in self.generators.items():
            for replica, generator in enumerate(generators):
                generator.set_state(start[f"noise/{name}/{replica}"])
        for name, readers in self.readers.items():
            for replica, each in enumerate(readers):
                each.load({what: start[f"data/{name}/{replica}/{what}"] for what in each.stand()})
        self._start, self.position, self._skipped = dict(start), position, position


def call_names(network_noise: Iterable[str], calls: Mapping[str, int]) -> list[str]:
    """Return the names of the draws of stochastic networks in a round: ``role.layer.call`` for every call."""
    return [f"{name}.{call}" for name in network_noise for call in range(calls.get(name.split(".", 1)[0], 0))]
