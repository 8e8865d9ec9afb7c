"""Measured times of packs by kind of device, from which sizes and ways of packs follow; read from a table.

The division into packs decides the last bits of results. So it depends on this table, which is a part of the
project, and never on a measurement at run time. `python -m bench speed --table FILE` measures it anew.
"""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gan_bench.bench.common.errors import UsageError, one_line
from gan_bench.bench.common.files import read_text

FILE = Path(__file__).with_name("pack_table.toml")
ENOUGH = 0.9
"""Packs are large enough if they train this share of the replicas per second of the best division.

Smaller packs share the work of a run more evenly among workers.
"""

Way = Literal["batched", "products", "streams", "compiled"]
"""Ways to calculate a pack:

- `batched`: by `vmap`, operation by operation; convolutions are grouped convolutions.
- `products`: the same with convolutions as batched matrix products over unfolded patches.
- `streams`: replica by replica, side by side on streams of the device.
- `compiled`: as `batched`, compiled.
"""
Milliseconds = Annotated[dict[int, float], Field(min_length=1)]


class Timing(BaseModel):
    """Times of one variant on one workload, without draws.

    Attributes:
        device: `cpu`, or a part of the model's name: `H200`.
        torch: version.
        date: of the measurement.
        source: the machine, or the document that states the times.
        workload: data, networks and batch size in words.
        variant: its name.
        family: of its networks.
        work: multiply-adds of one pass of a batch, as `bench.engine.rehearsal` estimates them.
        milliseconds: way -> replicas of a pack -> milliseconds of an iteration of all of them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    device: str
    torch: str
    date: str
    source: str
    workload: str
    variant: str
    family: str
    work: float = Field(gt=0)
    milliseconds: dict[Way, Milliseconds]

    def fastest(self, ways: Sequence[Way], count: int) -> tuple[Way, int]:
        """Return the way, and the number of packs, in which one worker trains `count` replicas soonest.

        Args:
            ways: to choose from; those that were not measured are left out, unless none was.
            count: of replicas that could share a pack.
        """
        known = [way for way in ways if way in self.milliseconds] or ["batched"]
        numbers = {way: self.packs(way, count) for way in known}
        best = min(known, key=lambda way: self.of_all(way, count, numbers[way]))
        return best, numbers[best]

    def packs(self, way: Way, count: int) -> int:
        """Return the largest number of packs of `count` replicas that is soon :data:`ENOUGH` done."""
        numbers = range(self.fewest(way, count), count + 1)
        times = {number: self.of_all(way, count, number) for number in numbers}
        return max(number for number, time in times.items() if ENOUGH * time <= min(times.values()))

    def fewest(self, way: Way, count: int) -> int:
        """Return the number of packs of `count` replicas if none is larger than the largest measured one."""
        return math.ceil(count / max(self._times(way)))

    def of_all(self, way: Way, count: int, packs: int) -> float:
        """Return the milliseconds of an iteration of `count` replicas in even packs, one after another.

        Between measured sizes on a straight line; a smaller pack than any is taken to be as slow as that.
        """
        times = self._times(way)
        size, larger = divmod(count, packs)
        smaller, greater = np.interp([size, size + 1], list(times), list(times.values()))
        return float((packs - larger) * smaller + larger * greater)

    def _times(self, way: Way) -> Mapping[int, float]:
        times = self.milliseconds.get(way) or next(iter(self.milliseconds.values()))
        return dict(sorted(times.items()))


Table = Sequence[Timing]


@functools.cache
def table() -> Table:
    """Return the timings of the project's table."""
    return read(FILE)


def read(path: Path) -> Table:
    """Return the timings of a file; raise UsageError, naming it, for one that is damaged or no such table."""
    text = read_text(path, "a table of packs")
    try:
        return TypeAdapter(list[Timing]).validate_python(tomllib.loads(text)["timings"])
    except (ValueError, KeyError) as error:  # of TOML and of pydantic
        missing = "it has no [[timings]]" if isinstance(error, KeyError) else one_line(error)
        raise UsageError(f"{path}: cannot be read as a table of packs: {missing}") from None


def timing(device: str, variant: str, family: str, work: float, timings: Table) -> Timing:
    """Return the timing that is nearest to a workload.

    Args:
        device: as `bench.common.provenance.device_kind` names it.
        variant, family, work: of the workload, as in :class:`Timing`.
        timings: to choose from.

    The device counts first: a card that was not measured is taken to be like any other that was. Then the
    family counts, then the amount of work, then the variant.
    """

    def distance(one: Timing) -> tuple[bool, bool, bool, float, bool]:
        return (
            (device == "cpu") != (one.device == "cpu"),
            one.device.lower() not in device.lower(),
            one.family != family,
            round(abs(math.log(max(work, 1.0) / one.work)), 3),
            one.variant != variant,
        )

    return min(timings, key=distance)
