"""A variant taken apart: all that `show` prints, as JSON values."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from gan_bench.bench.engine.facts import data_spec
from gan_bench.bench.engine.optimisers import RULES
from gan_bench.bench.engine.streams import NUMERICS_VERSION
from gan_bench.bench.planning import catalogue
from gan_bench.bench.show.formulas import minimised
from gan_bench.bench.show.networks import networks
from gan_bench.bench.show.setting import Setting
from gan_bench.bench.show.settings import origins
from gan_bench.spaces import Space
from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Game, Player, Round
from gan_bench.variants.critics import Critic
from gan_bench.variants.declarations import DataSpec
from gan_bench.variants.hyperparameters import continuous
from gan_bench.variants.networks import builder
from gan_bench.variants.noise import Noise
from gan_bench.variants.parts import Use
from gan_bench.variants.registry import Variant, info
from gan_bench.variants.sources import Profile


def anatomy(setting: Setting) -> dict[str, Any]:
    """Return what a variant is made of on given data and networks.

    Raises:
        UsageError: for settings that are not valid.
        Misfit: for networks that the architecture does not have.
    """
    entry: Variant = catalogue.variant(setting.variant)
    declared = entry.game.hyperparameters
    values = catalogue.resolve(entry.name, *(layer.settings for layer in setting.layers))
    places = origins(declared, entry.uses, setting.layers)
    free = continuous(declared)
    structure = SimpleNamespace(**{name: value for name, value in values.items() if name not in free})
    spec = data_spec(setting.data)
    game = entry.game(spec, structure)
    built = networks(game, builder(setting.network))  # first: a game may learn shapes of codes from them
    return {
        "variant": entry.name,
        "title": entry.title,
        "description": _description(entry),
        "paper": entry.paper,
        "year": entry.year,
        "equation": entry.equation,
        "aliases": list(entry.aliases),
        "composition": entry.parts,
        "parts": [_part(use, values) for use in entry.uses],
        "profiles": _profiles(entry),
        "profile": _profile(setting),
        **_played(game, values, spec),
        "hyperparameters": {
            name: {"value": value, "from": places[name], "meaning": declared[name].doc}
            for name, value in values.items()
        },
        "varied": list(setting.varied),
        "data": {
            "dataset": setting.data.name,
            "stands_in_for": setting.data.stand_in_for,
            "fields": {name: str(space) for name, space in spec.spaces.items()},
            "streams": {name: list(fields) for name, fields in spec.streams.items()},
            "needs": list(entry.game.streams),
            "fitting": setting.fitting,
        },
        "architecture": {"label": setting.label, **setting.network},
        "networks": built,
        "versions": {
            "variant": entry.version,
            "network family": setting.network["version"],
            "engine": NUMERICS_VERSION,
            "parts": {use.part.name: use.part.version for use in entry.uses},
        },
    }


def _played(game: Game, values: Mapping[str, Any], spec: DataSpec) -> dict[str, Any]:
    """Return how a game is played: players, critics, rounds, noise and abilities."""
    return {
        "players": [_player(player, game, values) for player in game.players()],
        "critics": [_critic(critic, spec) for critic in _critics(game)],
        "rounds": [_round(number, each) for number, each in enumerate(game.rounds(), 1)],
        "noise": {name: _noise(noise) for name, noise in game.noise().items()},
        "abilities": {
            name: {"inputs": list(a.inputs), "makes": a.makes, "noise": list(a.noise)}
            for name, a in type(game).abilities().items()
        },
    }


def _description(entry: Variant) -> list[str]:
    """Return the paragraphs of a class's docstring after its first line; a composition has its base's."""
    of = entry
    while of.written is None:
        of = info(of.base)
    first, _, rest = (inspect.getdoc(of.written or of.game) or "").partition("\n")
    paragraphs = [" ".join(paragraph.split()) for paragraph in rest.split("\n\n") if paragraph.strip()]
    return paragraphs if of is entry else [f"{of.name} is {first}", *paragraphs]


def _profiles(entry: Variant) -> list[str]:
    kinds = catalogue.tuned_kinds(entry.name)
    return ["default", *entry.game.profiles, *([f"tuned ({', '.join(kinds)})"] if kinds else [])]


def _profile(setting: Setting) -> dict[str, Any]:
    """Return the profile in use, with its source and its differences from it where it states them."""
    stated = info(setting.owner).game.profiles.get(setting.profile)
    source, differs = (stated.source, list(stated.differs)) if isinstance(stated, Profile) else ("", [])
    return {"name": setting.profile, "of": setting.owner, "source": source, "differs": differs}


def _part(use: Use, values: Mapping[str, Any]) -> dict[str, Any]:
    part = use.part
    fields = {name: dict(use.given).get(name, part.default(name)) for name in part.fields}
    mixin = (inspect.getdoc(part.mixin) or "").partition("\n")[0] if part.mixin else ""
    return {
        "part": part.name,
        "arguments": {name: values[full] for name, full in part.arguments.items()} | fields,
        "words": list(filter(None, (part.title, mixin))),
    }


def _player(player: Player, game: Game, values: Mapping[str, Any]) -> dict[str, Any]:
    rule = values.get(f"{player.name}_optimiser", values["optimiser"])
    stated = minimised(game, player)
    return {
        "player": player.name,
        "trains": list(player.trains),
        "minimises": stated.first,
        "plus": stated.plus,
        "in all": stated.whole,
        "optimiser": rule,
        "lr": values.get(f"{player.name}_lr", values["lr"]),
        "settings": {name: values[name] for name in RULES[rule].uses},
        "constraint": "" if player.constraint is None else player.constraint.__name__,
        "foresees": list(player.foresees),
        "counts_samples": player.critic,
    }


def _critics(game: Game) -> tuple[Critic, ...]:
    return game.critics if isinstance(game, Adversarial) else ()


def _critic(critic: Critic, spec: DataSpec) -> dict[str, Any]:
    settings = critic.settings
    return {
        "role": critic.role,
        "objective": type(critic.objective).__name__,
        "judges": [_field(space, spec) for space in critic.judges],
        "given": [_field(space, spec) for space in critic.given],
        "classes": critic.classes,
        "normalisation": settings.critic_norm,
        "pac": settings.pac,
        "instance_noise": settings.instance_noise,
        "penalties": [penalty.weight for penalty in critic.penalties],
    }


def _field(space: Space, spec: DataSpec) -> str:
    """Return a space in words, after the name of the field whose space it is."""
    names = [name for name, known in spec.spaces.items() if known is space]
    return f"{names[0]} ({space})" if names else str(space)


def _round(number: int, each: Round) -> dict[str, Any]:
    return {
        "round": number,
        "players": list(each.players),
        "repeat": each.repeat,
        "streams": list(each.streams),
        "noise": list(each.noise),
        "shares": list(each.shares),
        "active": list(each.active),
    }


def _noise(noise: Noise) -> str:
    """Return a law in words: ``normal, 64``."""
    bounds = {
        "uniform": f" on [{noise.low:g}, {noise.high:g})",
        "integers": f" {noise.low:g} to {noise.high - 1:g}",
    }
    size = "x".join(map(str, noise.shape)) or "one for each sample"
    scale = "" if noise.scale == 1.0 else f" times {noise.scale:g}"
    return f"{noise.law}{bounds.get(noise.law, '')}{scale}, {size}"
