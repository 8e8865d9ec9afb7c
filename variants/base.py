"""The interface of a variant: an adversarial game of pure functions, written for one replica.

Losses take networks, batches, noise, hyperparameters and state, and return a scalar. They have no
optimiser, ``backward``, ``detach``, device, loop or random numbers, which are the engine's. A player's loss
is differentiated with respect to that player's own networks only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, Literal, Protocol

from torch import Tensor, nn

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

    def replace(self, **networks: Network) -> Play:
        """Return the play with some networks replaced (Unrolled GAN's critic after K steps)."""
        both = {**self.networks, **networks}
        return Play(both, self.batch, self.noise, self.hp, self.state, self.foresight)

    def again(self) -> Play:
        """Return the play with its networks' noise from the start, to repeat a loss on the same draws."""
        fresh = {role: network.again() for role, network in self.networks.items()}
        return Play(fresh, self.batch, self.noise, self.hp, self.state, self.foresight)

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
        calls: number of calls of a network with noise of its own in a loss of this round, by role
            (default 1).
    """

    players: tuple[str, ...]
    repeat: int = 1
    streams: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    active: tuple[float, float] = (0.0, 1.0)
    calls: Mapping[str, int] = field(default_factory=dict)

    def active_at(self, progress: float) -> bool:
        """Return whether the round is played at ``progress`` in [0, 1)."""
        return self.active[0] <= progress < self.active[1]


@dataclass(frozen=True)
class Frozen:
    """A role that no player trains, loaded from a hashed safetensors file and shared by all replicas.

    Attributes:
        module: the network, with any weights.
        file: its safetensors file.
        sha256: of the file, checked at load.
    """

    module: nn.Module
    file: Path
    sha256: str


@dataclass(frozen=True)
class DataSpec:
    """Facts about the data that a game may use: shapes by stream, range and classes.

    Attributes:
        streams: shape of one sample (or of each field) by stream; ``real`` is the main one.
        bounds: range of the prepared samples, ``None`` where unbounded.
        classes: number of labels, ``None`` where there are none.
        class_weights: probability of each label, ``None`` where all are equally frequent.
    """

    streams: Mapping[str, Any]
    bounds: tuple[float, float] | None = None
    classes: int | None = None
    class_weights: tuple[float, ...] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of one sample of the main stream."""
        return self.streams["real"]


Role = Literal["generator", "critic", "autoencoder"]


class Build(Protocol):
    """A function of the architecture family that builds a network between two shapes."""

    def __call__(
        self,
        role: Role,
        inputs: tuple[int, ...],
        outputs: tuple[int, ...] = (),
        *,
        critic_norm: str = "none",
        bounds: tuple[float, float] | None = None,
    ) -> nn.Module:
        """Return a module that maps ``[batch, *inputs]`` to ``[batch, *outputs]`` (``()``: one score each).

        Args:
            role: ``generator`` (vector to sample), ``critic`` (sample to score or vector) or ``autoencoder``
                (sample to sample, at most as large as the critic).
            inputs, outputs: shapes of one sample.
            critic_norm: ``none``, ``batch``, ``layer`` or ``virtual``, inside critics and autoencoders.
            bounds: range of the output.
        """


def ability(*, noise: tuple[str, ...] = (), inputs: tuple[str, ...] = ()) -> Callable:
    """Mark a method ``(self, play) -> Tensor`` as an ability of the trained game (sample, encode ...).

    Metrics ask for the ability, never for a variant's name.

    Args:
        noise: names of the game's declared noise it draws.
        inputs: streams that arrive in ``play.batch``.
    """

    def mark(method: Callable) -> Callable:
        method.ability = {"noise": noise, "inputs": inputs}  # type: ignore[attr-defined]
        return method

    return mark


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

    @property
    def least_rows(self) -> int:
        """Return the rows of the smallest batch that a network sees in training."""
        return self.settings.batch_size

    def networks(self, build: Build) -> dict[str, nn.Module | Frozen]:
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

    def state(self) -> dict[str, Tensor]:
        """Return the initial state, one tensor per name, for one replica; called after :meth:`networks`."""
        return {}

    @classmethod
    def abilities(cls) -> dict[str, Mapping[str, tuple[str, ...]]]:
        """Return ability name -> what it needs, over the class and its bases."""
        marked = {name: getattr(getattr(cls, name), "ability", None) for name in dir(cls)}
        return {name: needs for name, needs in marked.items() if isinstance(needs, dict)}
