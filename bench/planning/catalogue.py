"""Variants, networks, datasets and metrics as the planner asks for them.

The other packages raise errors of their own; they leave here as UsageError (see `user_errors`).
Imports are inside the functions, because a command that needs no torch should not wait for it.
"""

from __future__ import annotations

import contextlib
import inspect
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from gan_bench.bench.common.errors import UsageError, check_name
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.planning.user_errors import placed, usage_errors


def known(what: str, name: str) -> bool:
    """Return whether a variant, dataset (or address of own data) or network family of this name is known."""
    from gan_bench.datasets import registry
    from gan_bench.variants.networks.registry import FAMILIES

    if what == "variant":
        with contextlib.suppress(UsageError):
            return bool(variant(name))
        return False
    return name in FAMILIES if what == "network family" else registry.known(name)


def variant_names() -> list[str]:
    """Return the names of all variants, in the registry's order."""
    return list(_variants().names())


def tuned_kinds(name: str) -> list[str]:
    """Return the kinds of data that a variant has a `tuned` profile for."""
    from gan_bench.variants import profiles

    return profiles.tuned_kinds(name)


def card(name: str) -> dict[str, str]:
    """Return title, equations, parts and source code of a variant; empty texts where it is not registered.

    `inherits` are its `parents` as JSON. The source of a composition is that of the variant whose objective
    it has.
    """
    try:
        entry = variant(name)
    except UsageError:  # a plug-in that is not loaded
        return {"title": "", "equation": "", "parts": "", "source": "", "inherits": "{}"}
    written = variant(entry.origin)
    try:
        source = inspect.getsource(written.written or written.plain or written.game)
    except (OSError, TypeError):  # a class that was made without a file
        source = ""
    facts = {"title": entry.title, "equation": entry.equation, "parts": entry.parts, "source": source}
    return {**facts, "inherits": json.dumps(parents(name))}


def variant_name(name: str, where: str) -> str:
    """Return the name of a variant given by name or alias; raise UsageError with `where` it was written."""
    with placed(where):
        return variant(name).name


def variant(name: str) -> Any:
    """Return the register's entry of a variant; raise UsageError with the nearest name."""
    with usage_errors():
        return _variants().info(name)


def hyperparameters(name: str) -> Mapping[str, Any]:
    """Return the declarations of a variant: hyperparameter -> declaration."""
    return variant(name).game.hyperparameters


def parents(name: str) -> dict[str, str]:
    """Return hyperparameter -> the one whose value it has unless it is given: `critic_lr` -> `lr`."""
    return {key: declared.inherits for key, declared in hyperparameters(name).items() if declared.inherits}


def all_hyperparameters() -> set[str]:
    """Return every hyperparameter that some variant or part declares."""
    from gan_bench.variants.parts import parts

    tables = [hyperparameters(name) for name in variant_names()]
    return {name for table in [*tables, *(part.declared for part in parts().values())] for name in table}


def number(value: Any) -> Any:
    """Return the number that a text stands for in Python; anything else as it is."""
    from gan_bench.variants.hyperparameters import number as read

    return read(value)


def check_hyperparameter(variant_name: str, name: str, value: Any) -> None:
    """Raise UsageError for a value that a hyperparameter of a variant cannot have."""
    with usage_errors():
        hyperparameters(variant_name)[name].check(f"{variant_name}.{name}", value)


def hyperparameter_names(name: str, short: str) -> list[str]:
    """Return the hyperparameters that a name stands for, which may be that of a part's argument."""
    return variant(name).named(short)


def unfit(name: str, data: Any, profile_name: str, searches: Any = None, *, fallback: bool = False) -> str:
    """Return the reason why a variant cannot be trained on a dataset under a profile, or an empty text.

    `searches` and `fallback` are as for `profile`.
    """
    from gan_bench.bench.engine.facts import data_spec
    from gan_bench.variants import profiles

    if refusal := variant(name).game.refuses(data_spec(data)):
        return refusal
    lacking = profiles.missing(name, profile_name, data.kind, searches or profiles.SHIPPED, fallback=fallback)
    return f"it has {lacking}" if lacking else ""


def continuous(name: str) -> set[str]:
    """Return the hyperparameters of a variant that may differ inside a pack."""
    from gan_bench.variants.hyperparameters import continuous as continuous_of

    return set(continuous_of(hyperparameters(name)))


def searches(path: Path | None) -> Any:
    """Return the `variants.profiles.Searches` of a user's file; of None those of this package."""
    from gan_bench.variants import profiles

    with usage_errors():
        return profiles.SHIPPED if path is None else profiles.Searches.of(path)


def profile(name: str, profile_name: str, kind: str, searches: Any = None, *, fallback: bool = False) -> Any:
    """Return the `variants.profiles.Chosen` of a variant, for data of this kind (scalar, planar, images).

    Args:
        name: the variant.
        profile_name: the profile that is asked for.
        kind: of the data.
        searches: searched profiles, see `searches`; None: those of this package.
        fallback: replace a profile that the variant does not have, as `variants.profiles` decides.
    """
    from gan_bench.variants import profiles

    with usage_errors():
        return profiles.choose(name, profile_name, kind, searches or profiles.SHIPPED, fallback=fallback)


def replaced_profile(label: str) -> str:
    """Return the profile that a variant lacks, from the label of the one that is used in its place, or ""."""
    from gan_bench.variants.profiles import replaced_in

    return replaced_in(label)


def resolve(name: str, *layers: Mapping[str, Any]) -> dict[str, Any]:
    """Return every hyperparameter of a variant, from layers in rising precedence; raise UsageError.

    That is for unknown names, for values out of range, and for values that do not go together.
    """
    from gan_bench.variants.hyperparameters import resolve as resolve_layers

    with usage_errors():
        resolved = resolve_layers(hyperparameters(name), *layers, owner=name)
    with placed(name), usage_errors():
        variant(name).game.check(resolved)
    return resolved


def stated(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as trials keep them: without implied hyperparameters at their default."""
    from gan_bench.variants.hyperparameters import stated as as_kept

    return as_kept(hyperparameters(name), settings)


def network(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a network family with every option, checked."""
    from gan_bench.variants.networks import check

    with usage_errors():
        return dict(check(options))


def course(trial: Trial, data: Any) -> Any:
    """Return a trial's `bench.engine.iteration_budget.IterationBudget`: iterations, images and updates."""
    from types import SimpleNamespace

    from gan_bench.bench.engine.facts import data_spec
    from gan_bench.bench.engine.iteration_budget import IterationBudget
    from gan_bench.variants.hyperparameters import completed

    game = variant(trial.variant).game
    settings = completed(game.hyperparameters, trial.hyperparameters)
    return IterationBudget.of(
        game(data_spec(data), SimpleNamespace(**settings)), settings["batch_size"], trial.kimg
    )


def engine_version() -> int:
    """Return the version of the engine's numerics, part of every training key."""
    from gan_bench.bench.engine.streams import NUMERICS_VERSION

    return NUMERICS_VERSION


def check_dataset(name: str, where: str) -> None:
    """Raise UsageError for a name that is neither a dataset's nor the address of own files."""
    from gan_bench.datasets import registry

    if registry.known(name):
        return
    if Path(name).is_dir():
        raise UsageError(f"{where or name}: {name} is a folder; its images are the dataset images:{name}")
    check_name("dataset", name, registry.names(), where)


def whole_dataset_name(name: str) -> str:
    """Return the name by which every process finds a dataset: of own files their whole path."""
    from gan_bench.datasets import registry

    return registry.whole_name(name)


def kind_of(name: str) -> str:
    """Return the kind of a registered dataset, which need not be loaded for it; "" for other names."""
    from gan_bench.datasets import registry

    return registry.info(name).kind if name in registry.names() else ""


def dataset_title(name: str) -> str:
    """Return the title of a registered dataset; of another one, such as a user's own files, its name."""
    from gan_bench.datasets import registry

    return registry.info(name).title if name in registry.names() else name


def dataset_with(name: str, **options: object) -> str:
    """Return the name of own data with options of the command line, such as ``size=64``, ``grey=True``."""
    from gan_bench.datasets import registry

    with usage_errors():
        return registry.with_options(name, **options)


def dataset(name: str, *, roots: Collection[Path] = (), download: bool = True, stand_in: bool = True) -> Any:
    """Return a dataset or its stand-in; raise UsageError for unknown, damaged and unreachable ones."""
    from gan_bench.datasets import registry

    with usage_errors():
        return registry.load(name, roots=list(roots), allow_download=download, stand_in=stand_in)


def cache_folder() -> Path:
    """Return the user's cache folder; it need not exist."""
    from gan_bench.datasets import cache_folder as folder

    return folder()


def _variants() -> Any:
    from gan_bench.variants import registry

    return registry
