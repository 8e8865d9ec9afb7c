"""The registry of architecture families, and the full description of an architecture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gan_bench.errors import UnknownEntry, UserError
from gan_bench.names import Registry, suggestion
from gan_bench.variants import order
from gan_bench.variants.hyperparameters import Hyperparameter, HyperparameterError, stated
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks.family import PURPOSES, Family
from gan_bench.variants.networks.initialise import LAWS

INIT = Hyperparameter("default", "structural", "law of the initial weights", choices=LAWS)
"""The option of every family that the engine applies, per seed."""
RESERVED = ("family", "version", *PURPOSES)
"""Keys of an architecture that are no options."""


class ArchitectureError(Misfit, UserError):
    """An unknown family or option, or a value that an option cannot have."""


class UnknownFamily(ArchitectureError, UnknownEntry):
    """No family has this name; the message gives the nearest that exists."""


@dataclass(frozen=True)
class Entry:
    """One entry of the registry.

    Attributes:
        family: the class.
        options: its declared options, and ``init``.
        version: raised whenever the networks, or numbers of trainings with them, may change.
    """

    family: type[Family]
    options: Mapping[str, Hyperparameter]
    version: int

    @property
    def defaults(self) -> dict[str, Any]:
        """Return the default of every option, as JSON values."""
        return {name: option.check(name, option.default) for name, option in self.options.items()}

    @property
    def purposes(self) -> tuple[str, ...]:
        """Return the purposes for which the family defines a network."""
        return tuple(p for p in PURPOSES if getattr(self.family, p) is not getattr(Family, p))


FAMILIES: Registry[Entry] = Registry(
    "architecture family", refused=ArchitectureError, unknown=UnknownFamily, order=order.FAMILIES
)


def register_family(
    name: str, *, version: int = 1, init: str = "default", aliases: Iterable[str] = ()
) -> Callable[[type[Family]], type[Family]]:
    """Register a subclass of :class:`~gan_bench.variants.networks.family.Family`.

    Args:
        name: unique; a suite names it as ``family``.
        version: raised whenever the networks, or numbers of trainings with them, may change.
        init: default law of the initial weights; the engine applies it.
        aliases: other names that suites and stores may use.

    Raises:
        ArchitectureError: for a name that is taken, or an option whose declaration is not one.
    """

    def add(family: type[Family]) -> type[Family]:
        if not (isinstance(family, type) and issubclass(family, Family)):
            raise ArchitectureError(f"architecture {name}: a subclass of Family expected, not {family!r}")
        options = {**family.declared, "init": replace(INIT, default=init)}
        for key, option in options.items():
            if key in RESERVED:
                raise ArchitectureError(
                    f"architecture {name}: an option cannot be called {key!r}, which is taken"
                )
            if not isinstance(option, Hyperparameter) or option.kind != "structural":
                raise ArchitectureError(
                    f"architecture {name}.{key} = {option!r}: a structural Hyperparameter expected"
                )
            _checked(name, key, option, option.default)
        FAMILIES.add(name, Entry(family, options, version), family, aliases)
        family.name = name
        return family

    return add


def families() -> list[str]:
    """Return the names of all families."""
    return list(FAMILIES)


def families_with(purpose: str) -> list[str]:
    """Return the names of the families that define networks of a purpose."""
    return [name for name in FAMILIES if purpose in FAMILIES.get(name).purposes]


def check(architecture: Mapping[str, Any]) -> dict[str, Any]:
    """Return the full description of an architecture: family, version and every option.

    An option that is ``implied`` is left out while it has its default.

    A table under the name of a purpose (``critic = {family = "patch"}``) describes the networks of this
    purpose; without a family of its own, it changes options of the architecture's.

    Raises:
        ArchitectureError: for an unknown family, an unknown option or a value of the wrong type, or a purpose
            whose family does not have it.
    """
    if "family" not in architecture:
        raise ArchitectureError(f"an architecture without a family; choose from: {', '.join(FAMILIES)}")
    name = FAMILIES.canonical(str(architecture["family"]))
    entry = FAMILIES.get(name)
    given = {key: value for key, value in architecture.items() if key not in ("family", "version")}
    exceptions = {key: given.pop(key) for key in PURPOSES if key in given}
    for key in given:
        if key not in entry.options:
            raise ArchitectureError(
                f"architecture {name} has no option {key!r}; {suggestion(key, entry.options, PURPOSES)}"
            )
    options = {key: _checked(name, key, entry.options[key], value) for key, value in given.items()}
    every = stated(entry.options, {**entry.defaults, **options})
    plain = {"family": name, "version": entry.version, **every}
    return {**plain, **{key: _exception(plain, key, value) for key, value in exceptions.items()}}


def _exception(plain: Mapping[str, Any], purpose: str, table: Any) -> dict[str, Any]:
    """Return the full description of the networks of one purpose."""
    where = f"architecture {plain['family']}.{purpose}"
    if not isinstance(table, Mapping):
        raise ArchitectureError(f"{where} = {table!r}: a table with a family and its options expected")
    try:
        described = check(table if "family" in table else {**plain, **table})
    except ArchitectureError as error:
        raise type(error)(f"{where}: {error}") from None
    if nested := [key for key in PURPOSES if key in described]:
        raise ArchitectureError(f"{where} has a table {nested[0]!r}; tables of purposes have no further ones")
    family = described["family"]
    if purpose not in FAMILIES.get(family).purposes:
        has = ", ".join(FAMILIES.get(family).purposes)
        raise ArchitectureError(f"{where}: {family} has no {purpose}; it has {has}")
    return described


def _checked(family: str, key: str, option: Hyperparameter, value: Any) -> Any:
    try:
        return option.check(f"architecture {family}.{key}", value)
    except HyperparameterError as error:
        raise ArchitectureError(str(error)) from None
