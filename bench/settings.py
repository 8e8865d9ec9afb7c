"""What a suite does to a variant's profile: overrides, grid axes, random search."""

from __future__ import annotations

import hashlib
import itertools
import re
import tomllib
import warnings
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np

from bench import catalogue
from bench.errors import UsageError, check_name
from bench.suite import SearchSpec, Suite

Overrides = Mapping[str | None, Mapping[str, Any]]
"""Hyperparameters per variant; None stands for every variant that has them."""

_CHANGE = re.compile(r"(?:(?P<variant>(?:[^=()]|\([^()]*\))+)\.)?(?P<name>[^=().]+)=(?P<value>.*)", re.DOTALL)
"""`NAME=VALUE` or `VARIANT.NAME=VALUE`, where a variant may have `=` and `.` inside parentheses."""

_LAWS = ("uniform", "log-uniform", "integer", "choices")


def parse_overrides(texts: Iterable[str]) -> dict[str | None, dict[str, Any]]:
    """`--set` arguments: `lr=1e-4` for every variant that has it, `VARIANT.lr=1e-4` for one."""
    overrides: dict[str | None, dict[str, Any]] = {}
    for text in texts:
        match = _CHANGE.fullmatch(text)
        if not match:
            raise UsageError(f"--set {text}: expected NAME=VALUE or VARIANT.NAME=VALUE, as in lr=1e-4")
        variant, name, value = match["variant"], match["name"].strip(), _value(match["value"].strip())
        owner = None if variant is None else catalogue.variant_name(variant.strip(), f"--set {text}")
        overrides.setdefault(owner, {}).update(_of_owner(owner, {name: value}))
    return overrides


def _of_owner(owner: str | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by full name: `gamma` of a composition with the part r1 is its `r1_gamma`."""
    if owner is None:
        return dict(settings)
    return {
        full: value
        for name, value in settings.items()
        for full in catalogue.hyperparameter_names(owner, name)
    }


def of_suite(suite: Suite) -> dict[str | None, dict[str, Any]]:
    """The `[hyperparameters]` and `[hyperparameters.VARIANT]` tables of a suite."""
    overrides: dict[str | None, dict[str, Any]] = {None: {}}
    for name, value in suite.hyperparameters.items():
        if isinstance(value, dict) and "schedule" not in value:
            owner = catalogue.variant_name(name, f"suite {suite.name}, [hyperparameters]")
            overrides[owner] = _of_owner(owner, value)
        else:
            overrides[None][name] = value
    return overrides


def grid(axes: Mapping[str, list[Any]], known: Collection[str]) -> list[dict[str, Any]]:
    """Every point of those axes that name one of the `known` hyperparameters; an empty point without axes."""
    names = [name for name in axes if name in known]
    return [dict(zip(names, point, strict=True)) for point in itertools.product(*(axes[n] for n in names))]


def draws(search: SearchSpec, variant: str, known: Collection[str]) -> list[dict[str, Any]]:
    """`search.settings` settings for `variant`, the same whatever else is searched.

    `[search.space]` holds for each variant that has the hyperparameter, `[search.space.VARIANT]` for one.
    Continuous draws are rounded to three significant digits, so that what a table shows is what ran. Random
    settings do not depend on how many are drawn after them; nor do Sobol points.
    """
    space = {name: law for name, law in search.space.items() if _is_law(law) and name in known}
    own = search.space.get(variant, {})
    space = dict(sorted({**space, **own}.items()))
    root = int.from_bytes(hashlib.sha256(variant.encode()).digest()[:8], "big")
    generator = np.random.default_rng([search.seed, root])
    if search.method == "sobol" and space:
        from scipy.stats import qmc  # a second of start-up that no other command should wait for

        with warnings.catch_warnings():
            # Any count is allowed: the balance that a power of two has is nice, and not needed.
            warnings.filterwarnings("ignore", message="The balance properties of Sobol")
            points = qmc.Sobol(len(space), scramble=True, rng=generator).random(search.settings)
        return [
            {
                name: _at(f"search.space.{name}", law, float(u))
                for (name, law), u in zip(space.items(), point, strict=True)
            }
            for point in points
        ]
    return [
        {name: _draw(f"search.space.{name}", law, generator) for name, law in space.items()}
        for _ in range(search.settings)
    ]


def check_space(suite: Suite) -> None:
    """Raise UsageError for a table in `[search.space]` that is neither a law nor a variant's."""
    for name, law in (suite.search.space if suite.search else {}).items():
        if not _is_law(law):
            catalogue.variant_name(name, f"suite {suite.name}, [search.space]")


def _is_law(value: Any) -> bool:
    return isinstance(value, Mapping) and ("law" in value or "choices" in value)


def _draw(where: str, law: Mapping[str, Any], generator: np.random.Generator) -> Any:
    kind = law.get("law", "choices")
    check_name("law", kind, _LAWS, where)
    try:
        if kind == "choices":
            return law["choices"][int(generator.integers(len(law["choices"])))]
        low, high = law["low"], law["high"]
        if kind == "integer":
            return int(generator.integers(low, high + 1))
        if kind == "uniform":
            return _rounded(generator.uniform(low, high))
        return _rounded(np.exp(generator.uniform(np.log(low), np.log(high))))
    except (KeyError, ValueError, TypeError) as error:
        raise UsageError(f"{where}: {dict(law)} is not a law to draw from ({error})") from None


def _at(where: str, law: Mapping[str, Any], u: float) -> Any:
    """The value below which a share `u` in [0, 1) of a law's draws lies."""
    kind = law.get("law", "choices")
    check_name("law", kind, _LAWS, where)
    try:
        if kind == "choices":
            return law["choices"][int(u * len(law["choices"]))]
        low, high = law["low"], law["high"]
        if kind == "integer":
            return int(low + np.floor(u * (high + 1 - low)))
        if kind == "uniform":
            return _rounded(low + u * (high - low))
        return _rounded(np.exp(np.log(low) + u * np.log(high / low)))
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise UsageError(f"{where}: {dict(law)} is not a law to draw from ({error})") from None


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")


def _value(text: str) -> Any:
    """A TOML value, or the text itself: `1e-4`, `true`, `adam`."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
