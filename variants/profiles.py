"""Profiles: named sets of hyperparameters per variant, from its paper or from a recorded search."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from gan_bench.errors import UserError
from gan_bench.names import suggestion
from gan_bench.variants.hyperparameters import resolve
from gan_bench.variants.lookup import inherited, profiles_of
from gan_bench.variants.registry import Variant, info, names

TUNED, DEFAULT = "tuned", "default"
TUNED_FILE = "tuned.toml"
"""Results of this repository's search suites, written by ``python -m bench tune``."""
FALLBACKS = {TUNED: DEFAULT}
"""The profile that replaces one that a variant does not have. There is none for a paper's settings: a user
who asks for them wants those numbers and no others."""


class ProfileError(UserError, LookupError):
    """A profile that a variant does not have, or a file of profiles that cannot be read."""


@functools.cache
def tuned() -> dict[str, Any]:
    """Return the content of the data file of searched profiles."""
    return tomllib.loads((files("gan_bench.variants") / TUNED_FILE).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Searches:
    """Searched profiles: those of a user's file before those of this package.

    Attributes:
        file: name of the user's file, for tables; empty without one.
        own: its profiles: kind of data -> variant -> settings.
    """

    file: str = ""
    own: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path) -> Searches:
        """Read the tables ``[tuned.KIND.VARIANT]`` of a file that ``python -m bench tune -o`` wrote.

        Raises:
            ProfileError: for a file that cannot be read or has no such tables, or settings that a variant
                cannot have.
        """
        try:
            own = tomllib.loads(path.read_text(encoding="utf-8"))[TUNED]
            for kind, variants in own.items():
                for name in variants.keys() & {*names()}:  # others may be of plug-ins that are not loaded
                    resolve(info(name).game.hyperparameters, variants[name], owner=f"[tuned.{kind}.{name}]")
        except OSError as error:
            raise ProfileError(f"cannot read the profiles {path}: {error.strerror or error}") from error
        except UserError as error:
            raise ProfileError(f"{path}: {error}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProfileError(
                f"{path} is no file of profiles ({error}); expected tables [tuned.KIND.VARIANT], as "
                "`python -m bench tune -o` writes them"
            ) from error
        return cls(path.name, own)

    def find(self, entry: Variant, kind: str) -> tuple[dict[str, Any], str] | None:
        """Return settings found by search and the user's file that has them, or "".

        For a composition without a search they are those of its base.
        """
        for table, file in ((self.own, self.file), (tuned().get(TUNED, {}), "")):
            if (found := table.get(kind, {}).get(entry.name)) is not None:
                return dict(found), file
        if not entry.base or (base := self.find(info(entry.base), kind)) is None:
            return None
        return inherited(entry, base[0]), base[1]


SHIPPED = Searches()
"""The searched profiles of this package."""


@dataclass(frozen=True)
class Chosen:
    """The settings of a variant under a profile.

    Attributes:
        name: of the profile in use.
        settings: hyperparameter -> value.
        replaced: the profile that was asked for and that the variant does not have, or "".
        file: the user's file of searched profiles that states the settings, or "".
    """

    name: str
    settings: Mapping[str, Any]
    replaced: str = ""
    file: str = ""

    @property
    def label(self) -> str:
        """Return the profile's name for tables: `tuned`, `tuned (mine.toml)`, `default (no tuned)`."""
        detail = self.file or (f"no {self.replaced}" if self.replaced else "")
        return f"{self.name} ({detail})" if detail else self.name


def replaced_in(label: str) -> str:
    """Return the profile in whose place another is used, read from a :attr:`Chosen.label`; "" if none is.

    Hyperparameters that a user changed may follow behind a comma.
    """
    found = re.match(r"[\w-]+ \(no ([\w-]+)\)(?:,|$)", label)
    return found[1] if found else ""


def tuned_kinds(variant: str) -> list[str]:
    """Return the kinds of data for which a variant, by its registered name, or its base was searched."""
    return [kind for kind in tuned().get(TUNED, {}) if SHIPPED.find(info(variant), kind) is not None]


def load(variant: str, profile: str, kind: str) -> dict[str, Any]:
    """Return a variant's settings under a profile; arguments and errors as of :func:`choose`."""
    return dict(choose(variant, profile, kind).settings)


def choose(
    variant: str, profile: str, kind: str, searches: Searches = SHIPPED, *, fallback: bool = False
) -> Chosen:
    """Return a variant's settings under a profile.

    Args:
        variant: a registered name or alias, or a composition.
        profile: ``default`` (the declared defaults), ``paper``, another that the variant's class declares,
            or ``tuned``: found by an equal-sized search on data of this kind. A composition that was not
            searched uses its base's, except for hyperparameters that its parts set.
        kind: ``scalar``, ``planar``, ``vectors`` or ``images``.
        searches: where searched profiles are looked for.
        fallback: use the profile of `FALLBACKS` in place of one that the variant does not have.

    Raises:
        ProfileError: for a profile that the variant does not have, with the nearest.
    """
    entry = info(variant)
    if problem := missing(variant, profile, kind, searches):
        if not fallback or profile not in FALLBACKS:
            raise ProfileError(f"variant {entry.name!r} has {problem}")
        return replace(choose(variant, FALLBACKS[profile], kind, searches), replaced=profile)
    if profile == DEFAULT:
        return Chosen(profile, {})
    if profile == TUNED and (found := searches.find(entry, kind)) is not None:
        settings, file = found
        return Chosen(profile, settings, file=file)
    return Chosen(profile, dict(entry.game.profiles[profile]))


def owner(variant: str, profile: str, kind: str) -> str:
    """Return the name of the variant that states a profile's settings: this one, or one that it is made of.

    Args:
        variant, profile, kind: as for :func:`load`, which has such a profile.
    """
    entry = info(variant)
    if profile == TUNED and SHIPPED.find(entry, kind) is not None:
        own = entry.name in tuned()[TUNED][kind]
    else:
        own = profile == DEFAULT or not entry.base
        own = own or entry.game.profiles[profile] != profiles_of(entry).get(profile)
    return entry.name if own or not entry.base else owner(entry.base, profile, kind)


def missing(
    variant: str, profile: str, kind: str, searches: Searches = SHIPPED, *, fallback: bool = False
) -> str:
    """Return a message if there is neither such a profile nor one in its place, else an empty text."""
    entry = info(variant)
    searched = [TUNED] if searches.find(entry, kind) is not None else []
    known = [DEFAULT, *entry.game.profiles, *searched]
    if profile in known or (fallback and profile in FALLBACKS):
        return ""
    return f"no profile {profile!r} for {kind} data; {suggestion(profile, known)}"
