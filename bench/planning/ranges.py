"""Ranges of the numbers of requests, and the memory that samples may take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, get_args, get_type_hints

from gan_bench.bench.common.errors import UsageError

MOST_SEED = 2**63 - 1
MOST_PACK = 4096
"""Replicas of a pack that is timed."""
MOST_STEPS = 10_000_000
MOST_BYTES = 2**33
"""Size of samples that are held at once."""


def check_ranges(request: Any) -> None:
    """Raise UsageError where a number of a request is not in the range of its option."""
    for name, hint in get_type_hints(type(request), include_extras=True).items():
        value = getattr(request, name)
        for option in get_args(hint)[1:] if isinstance(value, int | float) else ():
            low, high = getattr(option, "min", None), getattr(option, "max", None)
            # Written so that NaN, which is in no range, fails too.
            if not ((low is None or value >= low) and (high is None or value <= high)):
                words = " and ".join(
                    f"{word} {end:,}"
                    for word, end in (("at least", low), ("at most", high))
                    if end is not None
                )
                raise UsageError(f"{_flag(name, option)} {value:g}: expected a number of {words}")


def _flag(name: str, option: Any) -> str:
    given = [text for text in (option.default, *(option.param_decls or ())) if isinstance(text, str)]
    return next(iter(given), f"--{name.replace('_', '-')}")


def check_memory(option: str, count: int, shape: Sequence[int], what: str = "samples") -> None:
    """Raise UsageError where so many samples (or `what`) of a shape, in float32, are too many to be held."""
    if (size := 4 * count * math.prod(shape)) > MOST_BYTES:
        raise UsageError(
            f"{option} {count:,}: {what} of shape {tuple(shape)} take {size / 2**30:,.0f} GiB; at most "
            f"{MOST_BYTES // (4 * math.prod(shape)):,} are made at once"
        )
