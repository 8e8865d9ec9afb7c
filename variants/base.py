"""The interface of a variant: an adversarial game of pure functions, written for one replica.

Losses take networks, batches, noise, hyperparameters and state, and return a scalar. They have no
optimiser, ``backward``, ``detach``, device, loop or random numbers, which are the engine's. A player's loss
is differentiated with respect to that player's own networks only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar, Protocol

from torch import Tensor

from gan_bench.spaces import Space
from gan_bench.variants.declarations import Ability, Build, DataSpec, Networks, Subset
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.network import Network, Parameters
from gan_bench.variants.noise import Noise


@dataclass(frozen=True)
class Loss:
    """The value of a player's loss with scalars to log and new state.

    Attributes:
        value: the scalar that the player minimises.
        logs: scalars for the history, beside the loss itself.
        state: new values of the game's state; later rounds see them.
    """

    value: Tensor
    logs: Mapping[str, Tensor] = field(default_factory=dict)
    state: Mapping[str, Tensor] = field(default_factory=dict)

    def plus(self, other: Tensor | Loss, weight: float | Tensor = 1.0, log: str = "") -> Loss:
        """Return the sum with another loss; logs and state of both are kept.

        Args:
            other: the term that is added.
            weight: its factor.
            log: name under which the history shows the term, without its weight; by default it is not shown.
        """
        term = as_loss(other)
        weighted = term.value if isinstance(weight, float) and weight == 1.0 else weight * term.value
        logs = {log: term.value} if log else {}
        return Loss(self.value + weighted, {**self.logs, **term.logs, **logs}, {**self.state, **term.state})


def as_loss(loss: Tensor | Loss) -> Loss:
    """Return a scalar as a :class:`Loss` without logs and state; return a :class:`Loss` as it is."""
    return loss if isinstance(loss, Loss) else Loss(loss)


class Foresight(Protocol):
    """Another player's optimiser in its current state, whose next steps are differentiable."""

    def step(self, params: Parameters, slopes: Parameters) -> tuple[Parameters, Foresight]:
        """Return the parameters after a step along the gradients ``slopes``, and the optimiser after it."""


class Play:
    """The inputs of one player's loss in one round, for one replica.

    Networks are attributes by role (``play.critic``); ``batch`` holds the streams' batches
    ``[batch, *shape]`` (a mapping per field for streams of several fields), ``noise`` the declared draws,
    ``hp`` the hyperparameters as attributes, ``state`` the game's state and ``foresight`` the optimisers
    that the player foresees, by the role they train.
    """

    __slots__ = ("batch", "foresight", "hp", "networks", "noise", "state")

    def __init__(
        self,
        networks: Mapping[str, Network],
        batch: Mapping[str, Any],
        noise: Mapping[str, Tensor],
        hp: SimpleNamespace,
        state: Mapping[str, Tensor],
        foresight: Mapping[str, Foresight] | None = None,
    ) -> None:
        self.networks = networks
        self.batch = batch
        self.noise = noise
        self.hp = hp
        self.state = state
        self.foresight = foresight or {}

    def __getattr__(self, role: str) -> Network:
        try:
            return self.networks[role]
        except KeyError:
            raise AttributeError(
                f"no network plays the role {role!r}; roles: {', '.join(self.networks)}"
            ) from None

    def field(self, name: str) -> Tensor:
        """Return the batch of one field, of whichever stream it came by.

        Raises:
            KeyError: if no stream of the round has it.
        """
        if isinstance(found := self.batch.get(name), Tensor):
            return found
        for fields in self.batch.values():
            if not isinstance(fields, Tensor) and name in fields:
                return fields[name]
        raise KeyError(f"no stream of this round has the field {name!r}")

    def replace(self, **networks: Network) -> Play:
        """Return the play with some networks replaced (Unrolled GAN's critic after K steps)."""
        both = {**self.networks, **networks}
        return Play(both, self.batch, self.noise, self.hp, self.state, self.foresight)

    def again(self) -> Play:
        """Return the play with its networks' noise from the start, to repeat a loss on the same draws."""
        fresh = {role: network.again() for role, network in self.networks.items()}
        return Play(fresh, self.batch, self.noise, self.hp, self.state, self.foresight)

    def reading(self, **batch: Tensor) -> Play:
        """Return the play with some batches replaced (a cycle reads what it has translated)."""
        both = {**self.batch, **batch}
        return Play(self.networks, both, self.noise, self.hp, self.state, self.foresight)

    def drawing(self, **noise: Tensor) -> Play:
        """Return the play with some draws replaced (ACGAN's latents, joined with labels)."""
        both = {**self.noise, **noise}
        return Play(self.networks, self.batch, both, self.hp, self.state, self.foresight)


@dataclass(frozen=True)
class Player:
    """A loss, and the networks that it updates.

    Attributes:
        name: prefix of its learning rate (``critic_lr``) and of its columns in the history.
        trains: the network roles it updates; players may share roles, each with its own optimiser state.
        loss: a pure function of a :class:`Play`.
        critic: whether rounds of this player count their real images towards the budget.
        constraint: projects one role's parameters after the update: ``(parameters, hp) -> parameters``.
        foresees: roles whose optimiser state the loss may read, to simulate that player's next steps; each is
            trained by one other player.
    """

    name: str
    trains: tuple[str, ...]
    loss: Callable[[Play], Tensor | Loss]
    critic: bool = False
    constraint: Callable[[Parameters, SimpleNamespace], Parameters] | None = None
    foresees: tuple[str, ...] = ()


@dataclass(frozen=True)
class Round:
    """One simultaneous update of one or more players on one batch.

    Attributes:
        players: names; they see the same batch, noise, state and pre-round parameters and update together.
        repeat: number of updates in a row, each on new draws.
        streams: the dataset's streams it reads.
        noise: names of the game's declared noise it draws.
        shares: streams and noise reused from the last repeat of the round before, not drawn again.
        active: the interval of progress [from, until) in which the round is played.
    """

    players: tuple[str, ...]
    repeat: int = 1
    streams: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    active: tuple[float, float] = (0.0, 1.0)

    def active_at(self, progress: float) -> bool:
        """Return whether the round is played at ``progress`` in [0, 1)."""
        return self.active[0] <= progress < self.active[1]


class Game:
    """Base of all variants. A subclass states its networks, players and rounds.

    Args:
        data: facts about the dataset.
        settings: the structural hyperparameters (continuous ones reach losses as ``play.hp``).
    """

    hyperparameters: ClassVar[dict[str, Hyperparameter]] = {
        "batch_size": Hyperparameter(64, "structural", "samples per batch", low=1),
        "ema": Hyperparameter(
            0.0, doc="decay of the averaged generator per update, 0: none", low=0, high=1, open_high=True
        ),
    }
    profiles: ClassVar[dict[str, Mapping[str, Any]]] = {}
    """Settings by name; a :class:`~gan_bench.variants.sources.Profile` also states their source."""
    averaged: ClassVar[tuple[str, ...]] = ("generator",)
    """Roles whose weights are averaged over training where ``ema`` is above 0."""
    streams: ClassVar[tuple[str, ...]] = ("real",)
    """Streams that the dataset must offer."""

    def __init__(self, data: DataSpec, settings: SimpleNamespace) -> None:
        self.data = data
        self.settings = settings

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Raise :class:`HyperparameterError` for resolved settings that do not go together."""

    @classmethod
    def refuses(cls, data: DataSpec) -> str:
        """Return why the game cannot be played on such data, or nothing if it can."""
        missing = [name for name in cls.streams if name not in data.streams]
        known = ", ".join(data.streams)
        return f"it needs the stream {' and '.join(missing)}, the data offers {known}" if missing else ""

    def networks(self, build: Build) -> Networks:
        """Return role -> network, without weights worth keeping: the engine initialises them per seed."""
        raise NotImplementedError

    def players(self) -> list[Player]:
        """Return all players."""
        raise NotImplementedError

    def rounds(self) -> list[Round]:
        """Return the rounds of one iteration, in order."""
        raise NotImplementedError

    def noise(self) -> dict[str, Noise]:
        """Return the declared noise by name."""
        return {}

    def subsets(self) -> dict[str, Subset]:
        """Return the part of the training rows that is read, by stream; of other streams all are read."""
        return {}

    def codes(self) -> dict[str, Space]:
        """Return the spaces of the draws that mean something (label, category), by their name in `noise`.

        A category is a space of labels; continuous codes are a vector within its bounds. A sheet varies one
        code and holds all other draws of an ability.
        """
        return {}

    def state(self) -> dict[str, Tensor]:
        """Return the initial state, one tensor per name, for one replica; called after :meth:`networks`."""
        return {}

    @classmethod
    def abilities(cls) -> dict[str, Ability]:
        """Return the abilities by name, of the class and its bases."""
        marked = {name: getattr(getattr(cls, name), "ability", None) for name in dir(cls)}
        return {name: found for name, found in marked.items() if isinstance(found, Ability)}

    def able(self) -> dict[str, Ability]:
        """Return the abilities for which the data have all fields, by name."""
        known = {"", *self.data.spaces}
        return {name: a for name, a in self.abilities().items() if {*a.inputs, a.makes} <= known}
