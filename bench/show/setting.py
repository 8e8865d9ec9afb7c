"""The data, networks and settings with which a variant is shown, from the options and a suite."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gan_bench.bench.common.errors import UsageError, check_name
from gan_bench.bench.planning import catalogue, checks, overrides
from gan_bench.bench.planning.alterations import parse_architecture
from gan_bench.bench.planning.suite import Suite, load_suite
from gan_bench.bench.show.request import Request
from gan_bench.bench.show.settings import Layer
from gan_bench.datasets import registry
from gan_bench.variants import profiles
from gan_bench.variants.networks.registry import families

FIRST = "ring"
"""Data to show a variant on, unless others are asked for or it needs others."""
FAMILY = "mlp"
SMALL = ("scalar", "planar")
"""Kinds of data that are made in no time, so that all are tried."""


@dataclass(frozen=True)
class Setting:
    """A variant with data, networks and settings.

    Attributes:
        variant: its registered name.
        data: the dataset.
        fitting: names of the small datasets that it can be trained on.
        label: the architecture's label in the suite, or its family.
        network: the architecture with every option.
        profile: name of the profile.
        owner: the variant that states the profile's settings.
        layers: settings in rising precedence.
        varied: hyperparameters that the suite varies.
    """

    variant: str
    data: Any
    fitting: tuple[str, ...]
    label: str
    network: dict[str, Any]
    profile: str
    owner: str
    layers: tuple[Layer, ...]
    varied: tuple[str, ...]

    @classmethod
    def of(cls, request: Request) -> Setting:
        """Read the options of a request.

        Raises:
            UsageError: for unknown names, values that cannot be, and data that the variant cannot be trained
                on.
        """
        name = catalogue.variant(request.variant).name
        suite = None if request.suite is None else _part(request.suite, request.dataset)
        profile = request.profile or (suite.profile if suite else "default")
        data, fitting = _data(name, request, suite)
        if reason := catalogue.unfit(name, data, profile, fallback=True):
            raise UsageError(f"{name} cannot be trained on {data.name}: {reason}")
        label, network = _network(request, suite)
        declared = catalogue.hyperparameters(name)
        chosen = catalogue.profile(name, profile, data.kind, fallback=True)
        profile = chosen.name
        owner = profiles.owner(name, profile, data.kind)
        origin = f"profile {chosen.label}" + (f" of {owner}" if owner != name else "")
        layers = [Layer(origin, chosen.settings)]
        if suite is not None:
            checks.check_suite(suite, [name])
            own = overrides.for_variant(name, overrides.by_owner(overrides.of_suite(suite)), declared)
            layers.append(Layer(f"suite {suite.name}", own))
        changed = overrides.parse_changes(request.changes)
        checks.check(changed, [name])
        last = overrides.for_variant(name, overrides.by_owner(changed), declared)
        layers.append(Layer("--set", last))
        varied = tuple(n for n in _varied(suite) if n in declared and n not in last)
        return cls(name, data, fitting, label, network, profile, owner, tuple(layers), varied)


def _part(name: str, dataset: str | None) -> Suite:
    """Return a suite, or the part of it that has the dataset."""
    suite = load_suite(name)
    known = dict.fromkeys(each for part in suite.parts for each in part.datasets)
    if dataset is None:
        return suite.parts[0]
    check_name("dataset", dataset, known, f"suite {suite.name}")
    return next(part for part in suite.parts if dataset in part.datasets)


def _data(variant: str, request: Request, suite: Suite | None) -> tuple[Any, tuple[str, ...]]:
    """Return the dataset to show, and the names of the small ones that the variant can be trained on."""
    roots = tuple(path.resolve() for path in request.data_dirs)
    load = functools.cache(lambda name: catalogue.dataset(name, roots=roots, download=False))

    def fits(name: str) -> bool:
        return not catalogue.unfit(variant, load(name), "default")

    fitting = tuple(n for n in registry.names() if registry.info(n).kind in SMALL and fits(n))
    name = request.dataset or (suite.datasets[0] if suite else None)
    if name is None:
        others = (n for n in registry.names() if registry.info(n).kind not in SMALL and fits(n))
        name = FIRST if FIRST in fitting else next(iter(fitting), None) or next(others, FIRST)
    return load(name), fitting


def _network(request: Request, suite: Suite | None) -> tuple[str, dict[str, Any]]:
    known = {} if suite is None else suite.architectures
    text = request.architecture or next(iter(known), FAMILY)
    ((label, stated),) = parse_architecture(text, known).items()
    if suite is not None:
        check_name("architecture", label, dict.fromkeys([*known, *families()]), f"suite {suite.name}")
    return label, catalogue.network({"family": label, **stated})


def _varied(suite: Suite | None) -> Iterator[str]:
    if suite is not None:
        yield from suite.axes
        yield from _names(suite)


def _names(suite: Suite) -> Sequence[str]:
    return list(dict.fromkeys(each.name for each in overrides.of_space(suite.search, suite, "search")))
