"""Declarations of a game: its networks by role, the facts about data that it may use, and its abilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from torch import nn

from gan_bench.spaces import Grid, Space


@dataclass(frozen=True)
class Frozen:
    """A role that no player trains, loaded from a hashed file and shared by all replicas.

    Attributes:
        module: the network, with any weights.
        file: with its tensors by name, and maybe further ones: safetensors, or a file of `torch.save`.
        sha256: of the file, or its first digits; checked at load.
    """

    module: nn.Module
    file: Path
    sha256: str


@dataclass(frozen=True)
class Tied:
    """A network that shares layers with another role: one set of weights, stored and counted for that role.

    The players that train the other role train the shared layers; its draws are their initial weights. The
    role's own players train the rest.

    Attributes:
        module: the network.
        to: the role whose layers they are.
        layers: full names of the shared layers, which are the same in both networks.
    """

    module: nn.Module
    to: str
    layers: tuple[str, ...]


@dataclass(frozen=True)
class Subset:
    """The part of a stream's training rows that a game may read; each seed draws its own.

    Attributes:
        rows: their number. Fewer rows are among those of a larger number, where every class has equally many.
        balanced: the field of classes of which it has equally many rows, as far as the number allows; empty:
            rows are drawn regardless of class.
    """

    rows: int
    balanced: str = ""


Networks = dict[str, nn.Module | Frozen | Tied]
"""Role -> its network."""


@dataclass(frozen=True)
class DataSpec:
    """Facts about the data that a game may use.

    Attributes:
        spaces: the space of every field.
        streams: names of the fields by stream. A stream of one field has the field's name, and its batches
            are tensors; batches of other streams are mappings by field. ``real`` is the main stream.
        class_weights: probability of each value of ``label``, ``None`` where all are equally frequent.
        enlarged: the native pixels of images of ``real`` that are enlarged, ``None`` where they are not.
    """

    spaces: Mapping[str, Space]
    streams: Mapping[str, tuple[str, ...]]
    class_weights: tuple[float, ...] | None = None
    enlarged: Grid | None = None

    @classmethod
    def of(cls, *, class_weights: tuple[float, ...] | None = None, **streams: Any) -> DataSpec:
        """Return the facts about streams given as a space, or as a mapping from field to space."""
        spaces: dict[str, Space] = {}
        fields = {}
        for stream, given in streams.items():
            of_stream = {stream: given} if isinstance(given, Space) else given
            spaces |= of_stream
            fields[stream] = tuple(of_stream)
        return cls(spaces, fields, class_weights)

    @property
    def real(self) -> Space:
        """Return the space of the main stream's samples."""
        return self.spaces["real"]

    @property
    def grid(self) -> Grid:
        """Return the native pixels of the main stream's images."""
        return self.enlarged or Grid.plain(*self.real.shape[1:])

    @property
    def classes(self) -> int | None:
        """Return the number of classes of ``label``, ``None`` where there are no labels."""
        return self.spaces["label"].classes if "label" in self.spaces else None


class Build(Protocol):
    """The architecture of a suite: it builds networks by purpose, see :class:`networks.family.Family`.

    Networks come without storage; the engine fills their weights per seed. A family that has no such network
    raises :class:`~gan_bench.variants.misfits.Misfit`, which planning reports.
    """

    def generator(self, *inputs: Space, makes: Space) -> nn.Module:
        """Return a network from a vector, and further inputs such as labels, to data."""

    def decoder(self, *inputs: Space, makes: Space) -> nn.Module:
        """Return a network from a code, and further inputs such as a style, to data."""

    def translator(self, *inputs: Space, makes: Space) -> nn.Module:
        """Return a network from data, and further inputs such as a domain, to data."""

    def encoder(self, *inputs: Space, makes: Space | None = None, gaussian: bool = False) -> nn.Module:
        """Return a network from data to a code, or to mean and log-variance of one (``gaussian``)."""

    def critic(self, *inputs: Space, norm: str = "none", classes: int = 0) -> nn.Module:
        """Return a network that scores its inputs; with ``classes`` it returns scores and logits."""

    def autoencoder(self, data: Space, *, norm: str = "none") -> nn.Module:
        """Return a network from data to data, at most as large as the critic of such data."""

    def classifier(self, *inputs: Space, classes: int) -> nn.Module:
        """Return a network from data to logits ``[batch, classes]``."""


@dataclass(frozen=True)
class Ability:
    """Something that a trained game can do, and the inputs it needs.

    Attributes:
        inputs: fields of the data that arrive in ``play.batch``.
        makes: the field whose space the output has; empty for codes and other outputs that are no data.
        noise: names of the game's declared noise that it draws.
        keeps_noise: roles whose networks keep their own noise (dropout), as the paper does at test time.
    """

    inputs: tuple[str, ...] = ()
    makes: str = "real"
    noise: tuple[str, ...] = ()
    keeps_noise: tuple[str, ...] = ()


def ability(
    *,
    noise: tuple[str, ...] = (),
    inputs: tuple[str, ...] = (),
    makes: str = "real",
    keeps_noise: tuple[str, ...] = (),
) -> Callable:
    """Mark a method ``(self, play) -> Tensor`` as an ability of the trained game (sample, encode ...).

    Metrics ask for the ability, never for a variant's name. The arguments are those of :class:`Ability`.
    """

    def mark(method: Callable) -> Callable:
        method.ability = Ability(inputs, makes, noise, keeps_noise)  # type: ignore[attr-defined]
        return method

    return mark
