"""Rehearsals of variants with networks and settings while planning, and those that do not fit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from gan_bench.bench.common import keys
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.common.memory import is_lack_of_memory
from gan_bench.bench.common.plugins import in_plugin, is_settings, sentence_of
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.user_errors import usage_errors

if TYPE_CHECKING:
    from gan_bench.bench.engine.rehearsal import Fault, Rehearsal


_rehearsals: dict[tuple[Any, ...], Rehearsal] = {}


def rehearsal_of(
    name: str, network: Mapping[str, Any], hyperparameters: Mapping[str, Any], data: Any
) -> Rehearsal:
    """Return the rehearsal of a variant with these networks, settings and data.

    Continuous hyperparameters do not change shapes: settings that differ only in them are rehearsed once.

    Raises:
        UsageError: for an error in the code of the variant or its networks, with file and line of a plug-in.
    """
    from gan_bench.bench.engine.rehearsal import Fault, rehearse

    key = structure_key(name, network, hyperparameters, data)
    if key not in _rehearsals:
        with usage_errors():
            try:
                _rehearsals[key] = rehearse(name, network, hyperparameters, data)
            except Fault as fault:
                raise UsageError(f"variant {name}: {_sentence(name, fault)}") from fault.__cause__
    return _rehearsals[key]


def _sentence(name: str, fault: Fault) -> str:
    """Return what was played and why that fails."""
    cause = fault.__cause__ or fault
    if is_lack_of_memory(cause) or "Overflow" in str(cause):  # also of sizes that no tensor has
        return f"{fault} needs more memory than there is here; expected fewer or smaller batches or networks"
    if isinstance(cause, AttributeError) and is_settings(cause.obj):
        declared = catalogue.hyperparameters(name).get(cause.name or "")
        if declared is not None and declared.kind == "continuous":
            return (
                f"{fault} uses the continuous hyperparameter {cause.name!r}, which has a value in losses "
                "only; declare it as structural, or use it there"
            )
    return f"{fault} {'fails at' if in_plugin(cause) else 'raises'} {sentence_of(cause)}"


def structure_key(
    name: str, network: Mapping[str, Any], hyperparameters: Mapping[str, Any], data: Any
) -> tuple[Any, ...]:
    """Return a key of all that decides shapes: of hyperparameters the continuous ones do not."""
    free = catalogue.continuous(name)
    structure = {key: value for key, value in hyperparameters.items() if key not in free}
    return (
        catalogue.variant(name).game,
        data.name,
        data.content_hash,
        keys.digest([dict(network), structure]),
    )


class Rehearsals:
    """Rehearsals on one dataset.

    Args:
        data: the dataset.
        where: the plan, for messages.
    """

    def __init__(self, data: Any, where: str) -> None:
        self.data, self.where = data, where
        self._fitting: set[str] = set()
        self._omitted: dict[tuple[str, str, str], None] = {}

    def fits(
        self, variant: str, label: str, network: Mapping[str, Any], hyperparameters: Mapping[str, Any]
    ) -> bool:
        """Return True if a variant can be trained with these networks, named `label`, and settings."""
        if reason := rehearsal_of(variant, network, hyperparameters, self.data).reason:
            self._omitted[variant, label, reason] = None
            return False
        self._fitting.add(variant)
        return True

    def report(self, named: Collection[str], notice: Callable[[str], None]) -> None:
        """Call `notice` for every omitted combination.

        Raises:
            UsageError: for a variant of `named` without any combination left.
        """
        for variant, label, reason in self._omitted:
            if variant in named and variant not in self._fitting:
                raise UsageError(
                    f"{self.where}: {variant} cannot be trained on {self.data.name} with {label}: {reason}"
                )
            notice(f"{self.where}: {variant} with {label} is left out on {self.data.name}: {reason}")
