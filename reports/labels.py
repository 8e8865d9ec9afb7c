"""Texts of labels, of values with their spread, and of file names."""

from __future__ import annotations

import math
import re
import textwrap
import unicodedata
from collections.abc import Iterable

BELOW = 38  # characters of a metric's axis label that lies below its axis
LEGEND = 60  # characters in a line of a legend
HORIZONTAL = "real images seen (kimg = thousands)"  # x axis of the curves


def clean(text: object, limit: int | None = None) -> str:
    """Return one line without control characters (XML forbids them), cut with an ellipsis after `limit`."""
    line = " ".join(str(text).split())
    line = "".join(char for char in line if unicodedata.category(char) not in ("Cc", "Cs", "Cn", "Cf"))
    if limit is not None and len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return line


def short(name: object, limit: int) -> str:
    """Return a name in one line; a longer one lacks its middle, as its end tells it from others."""
    line = clean(name)
    if len(line) <= limit:
        return line
    end = (limit - 1) // 2
    return f"{line[: limit - 1 - end].rstrip()}…{line[-end:].lstrip()}"


def stacked(text: object, width: int = 26) -> str:
    """Return a name on an axis or in a legend, whole: in as many lines of `width` characters as it needs."""
    return "\n".join(textwrap.wrap(clean(text), width)) or " "


def most_lines(names: Iterable[str]) -> int:
    """Return the lines of the highest of these names."""
    return max((name.count("\n") + 1 for name in names), default=1)


def number(value: float, digits: int = 4) -> str:
    """Return a value with `digits` significant digits, without an exponent where that stays short; 5 is 5."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == round(value) and abs(value) < 10**digits:
        return f"{value + 0.0:.0f}"  # and never -0
    size = math.floor(math.log10(abs(value)))
    if -4 <= size < 6:
        return f"{value:,.{max(0, digits - 1 - size)}f}"
    return f"{value:.{max(0, digits - 2)}e}"


def spread(mean: float, std: float, count: int) -> str:
    """Return `12.34 ± 0.56`: as many decimals as two digits of the spread need; no ± from a single value."""
    if count == 0 or not math.isfinite(mean):
        return "–"
    if count == 1 or not math.isfinite(std) or std == 0:
        return number(mean) + (" ± 0" if count > 1 and std == 0 else "")
    size = math.floor(math.log10(std))
    if size < -5:
        return f"{number(mean)} ± {std:.1e}"
    if size >= 6 or abs(mean) >= 1e7:
        return f"{mean:.2e} ± {std:.1e}"
    decimals = min(6, max(0, 1 - size))
    return f"{mean:,.{decimals}f} ± {std:,.{decimals}f}"


def quantity(value: float) -> str:
    """Return a count or a rate in three digits and a magnitude, up to peta: 1234567 -> `1.23M`."""
    if value is None or not math.isfinite(value):
        return "–"
    for size, letter in ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 0.9995 * size:  # what would be rounded to 1000 of the smaller magnitude
            return f"{value / size:.3g}{letter}"
    if 0 < abs(value) < 0.9995e-3:
        return re.sub(r"\.?0*e-0?", "e-", f"{value:.2e}")  # 1e-4: short enough to stand at an axis
    return f"{value:.3g}"


def count(value: float) -> str:
    """Return a whole number with commas, or a dash where it is missing: 12000 -> `12,000`."""
    return f"{value:,.0f}" if math.isfinite(value) else "–"


def duration(seconds: float) -> str:
    """Return seconds in the unit that suits them: `45 s`, `4.5 min`, `2.3 h`."""
    for size, unit in ((3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def time_axis(packed: bool) -> str:
    """Return axis label of training time; trials that are trained together share the time of their pack."""
    return f"training time{' of a pack' if packed else ''} (s, evaluation excluded)"


def slug(text: str) -> str:
    """Return lower-case letters, digits, dots and dashes only: safe as a file name on any system."""
    plain = unicodedata.normalize("NFKD", str(text)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9.]+", "-", plain).strip("-.")[:60] or "unnamed"


class FileNames:
    """Unique slugs of names: a counter is appended to the second of two equal slugs."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self._taken: set[str] = set()

    def __call__(self, parts: Iterable[str]) -> str:
        """Return file stem for a plot named by `parts`, not given out before."""
        stem = self.prefix + "--".join(slug(part) for part in parts if str(part))
        candidate, count = stem, 2
        while candidate in self._taken:
            candidate, count = f"{stem}-{count}", count + 1
        self._taken.add(candidate)
        return candidate
