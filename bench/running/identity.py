"""Identity of a pack's training: what its bits and rows depend on beside its trials' keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_bench.bench.common import keys
from gan_bench.bench.common.devices import is_gpu
from gan_bench.bench.common.provenance import device_kind, provenance
from gan_bench.bench.planning.evaluators import protocol_of
from gan_bench.bench.planning.packs import Pack
from gan_bench.bench.results.unfinished import ENDS, Unfinished
from gan_bench.bench.running.task import RunContext


def end_of(pack: Pack, results: Path, identity: Mapping[str, Any]) -> Unfinished:
    """Return the place of the end of a pack's training, which is that of shorter and longer ones, too."""
    courses = tuple(trial.course for trial in pack.trials)
    return Unfinished(results, keys.digest([*courses, pack.way]), courses, identity, ENDS)


def identity_of(pack: Pack, context: RunContext, evaluator: Any) -> dict[str, Any]:
    """Return it as plain values: way, kind of device, code and plug-ins, versions, protocol."""
    facts = provenance(context.device, context.plugins)
    device = device_kind(context.device) if is_gpu(context.device) else "cpu"
    return {
        "way": pack.way,
        "device": device,
        "code": facts["code"],
        "versions": facts["versions"],
        "plugins": facts["plugins"],
        "protocol": keys.digest(protocol_of(evaluator)),
    }
