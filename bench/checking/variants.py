"""Promises of every variant: sources, settings, losses, updates, seeds, packs and checkpoints."""

from __future__ import annotations

from functools import cache

from gan_bench import variants
from gan_bench.bench.checking.checks import expect, promises
from gan_bench.bench.checking.jobs import MLP, make_job, trained_on
from gan_bench.bench.checking.trainings import (
    checkpoint_is_the_model,
    packed_is_solo,
    poison_stays,
    repeats_its_bits,
    steps_are_finite,
    updates_reach_their_own,
)
from gan_bench.bench.engine.facts import data_spec
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.rehearsals import rehearsal_of
from gan_bench.datasets import Dataset, registry
from gan_bench.variants.hyperparameters import resolve

GROUNDS = ("ring", "turned", "digits", "digit-outlines", "inverted-digits", "three-tints")
"""Data on which a variant is tried first."""


@cache
def ground(name: str) -> Dataset:
    """Return the first dataset without files that a variant can be trained on; raise `Broken` without one."""
    others = [other for other in registry.names() if other not in GROUNDS and not registry.info(other).files]
    reasons = {}
    for data in map(registry.load, (*GROUNDS, *others)):
        if not (reason := variants.get(name).refuses(data_spec(data))):
            return data
        reasons[data.name] = reason
    expect(False, f"no dataset fits it; on ring: {reasons['ring']}")
    raise AssertionError


@promises("variant", "it fits a dataset, and its losses and abilities run on it")
def runs(name: str) -> None:
    """Raise for a variant that fits no data, and for errors in its code."""
    found = rehearsal_of(
        name, catalogue.network(MLP), resolve(variants.get(name).hyperparameters), ground(name)
    )
    expect(not found.reason, found.reason)


@promises("variant", "it states its paper, its year and its title")
def states_its_sources(name: str) -> None:
    """Raise for a variant without sources."""
    info = variants.info(name)
    expect(bool(info.paper), 'no paper is stated: register(..., paper="arXiv:...")')
    expect(2014 <= info.year <= 2100, f"year = {info.year}: the first GAN is of 2014")
    expect(info.version >= 1, f"version = {info.version}, expected 1 or more")
    expect(len(info.title) > 10, "the first line of its docstring is its title in tables: write a sentence")


@promises("variant", "its profiles hold settings that it can have")
def profiles_are_valid(name: str) -> None:
    """Raise for a profile with unknown or impossible settings."""
    game = variants.get(name)
    for settings in game.profiles.values():
        game.check(resolve(game.hyperparameters, settings, owner=name))


@promises("variant", "losses and gradients are finite, and every player learns")
def is_finite(name: str) -> None:
    """Raise for losses or gradients that are not finite or all 0, alone and in a pack."""
    for seeds in ((0,), (0, 1)):
        steps_are_finite(make_job(name, seeds, solo=len(seeds) == 1), ground(name))


@promises("variant", "a player's update changes its own networks and no other")
def keeps_to_its_networks(name: str) -> None:
    """Raise for an update that reaches another player's networks, or not its own."""
    updates_reach_their_own(make_job(name), ground(name))


@promises("variant", "the same seed gives the same bits")
def repeats(name: str) -> None:
    """Raise for two trainings of one seed that differ."""
    repeats_its_bits(make_job(name, (5, 6), iterations=4), ground(name))


@promises("variant", "trainings in a pack are those of each seed alone")
def packs(name: str) -> None:
    """Raise for a pack whose replicas are not the trainings alone."""
    packed_is_solo(name, ground(name))


@promises("variant", "a replica that diverges leaves its neighbours unchanged")
def survives_its_neighbours(name: str) -> None:
    """Raise for a replica that depends on another one's weights."""
    data = ground(name)
    poison_stays(trained_on(make_job(name, (1, 2, 3), iterations=4), data), data)


@promises("variant", "a checkpoint generates what the model did")
def restores(name: str) -> None:
    """Raise for a restored model that makes other samples."""
    checkpoint_is_the_model(make_job(name, (2,), iterations=4, settings=[{"ema": 0.9}]), ground(name))
