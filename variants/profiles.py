"""Profiles: named sets of hyperparameters per variant, from its paper or from a recorded search."""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files
from typing import Any

from gan_bench.errors import UserError
from gan_bench.names import suggestion
from gan_bench.variants.lookup import inherited, profiles_of
from gan_bench.variants.registry import Variant, info

TUNED_FILE = "tuned.toml"
"""Results of this repository's search suites, written by ``python -m bench tune``."""


class ProfileError(UserError, LookupError):
    """A profile that a variant does not have."""


@functools.cache
def tuned() -> dict[str, Any]:
    """Return the content of the data file of searched profiles."""
    return tomllib.loads((files("gan_bench.variants") / TUNED_FILE).read_text(encoding="utf-8"))


def tuned_kinds(variant: str) -> list[str]:
    """Return the kinds of data for which a variant, by its registered name, or its base was searched."""
    return [kind for kind in tuned().get("tuned", {}) if _searched(info(variant), kind) is not None]


def _searched(entry: Variant, kind: str) -> dict[str, Any] | None:
    """Return the settings found by search; for a composition without a search those of its base."""
    found = tuned().get("tuned", {}).get(kind, {}).get(entry.name)
    if found is not None or not entry.base:
        return found
    base = _searched(info(entry.base), kind)
    return None if base is None else inherited(entry, base)


def load(variant: str, profile: str, kind: str) -> dict[str, Any]:
    """Return a variant's settings under a profile.

    Args:
        variant: a registered name or alias, or a composition.
        profile: ``default`` (the declared defaults), ``paper``, another that the variant's class declares,
            or ``tuned``: found by an equal-sized search on data of this kind. A composition that was not
            searched uses its base's, except for hyperparameters that its parts set.
        kind: ``scalar``, ``planar`` or ``images``.

    Raises:
        ProfileError: for a profile that the variant does not have, with the nearest. A variant without a
            search, such as a plug-in, has no ``tuned`` profile.
    """
    if problem := missing(variant, profile, kind):
        raise ProfileError(f"variant {info(variant).name!r} has {problem}")
    entry = info(variant)
    if profile == "default":
        return {}
    if profile == "tuned" and (searched := _searched(entry, kind)) is not None:
        return dict(searched)
    return dict(entry.game.profiles[profile])


def owner(variant: str, profile: str, kind: str) -> str:
    """Return the name of the variant that states a profile's settings: this one, or one that it is made of.

    Args:
        variant, profile, kind: as for :func:`load`, which has such a profile.
    """
    entry = info(variant)
    if profile == "tuned" and _searched(entry, kind) is not None:
        own = entry.name in tuned()["tuned"][kind]
    else:
        own = profile == "default" or not entry.base
        own = own or entry.game.profiles[profile] != profiles_of(entry).get(profile)
    return entry.name if own or not entry.base else owner(entry.base, profile, kind)


def missing(variant: str, profile: str, kind: str) -> str:
    """Return a message if there is no such profile, else an empty text."""
    entry = info(variant)
    tuned_too = ["tuned"] if _searched(entry, kind) is not None else []
    known = ["default", *entry.game.profiles, *tuned_too]
    if profile in known:
        return ""
    return f"no profile {profile!r} for {kind} data; {suggestion(profile, known)}"
