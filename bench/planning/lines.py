"""Lines of the keys of a TOML file, for messages about their values."""

from __future__ import annotations

import re
from collections.abc import Sequence

_KEY = r"""(?:"[^"]*"|'[^']*'|[\w-]+)"""
_KEYS = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_KEYS})\s*\]")
_ENTRY = re.compile(rf"\s*({_KEYS})\s*=")


def line_of(text: str, location: Sequence[str]) -> int | None:
    """Return the first line of the key at `location`, else of the nearest table above it, else None.

    Tables of an array have their number, from 0, behind its name: `("published", "1", "source")`.
    """
    tables: dict[tuple[str, ...], int] = {}
    table: list[str] = []
    best, best_depth = None, 0
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            *above, last = _split(header[2])
            if header[1] == "[[":
                array = (*_numbered(above, tables), last)
                tables[array] = tables.get(array, -1) + 1
            table = path = _numbered([*above, last], tables)
        elif key := _ENTRY.match(line):
            path = table + _split(key[1])
        else:
            continue
        depth = min(len(path), len(location))
        if path[:depth] == list(location[:depth]) and depth > best_depth:
            best, best_depth = number, depth
    return best


def _numbered(keys: Sequence[str], tables: dict[tuple[str, ...], int]) -> list[str]:
    """Return a path of keys with the number of the latest table behind the name of each array."""
    path: list[str] = []
    for key in keys:
        path.append(key)
        if (number := tables.get(tuple(path))) is not None:
            path.append(str(number))
    return path


def _split(keys: str) -> list[str]:
    """Return the parts of a dotted key, which may be quoted: `search.space."base+part(option=0.3)"`."""
    return [part.strip("\"'") for part in re.findall(_KEY, keys)]
