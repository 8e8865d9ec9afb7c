"""Names: the nearest valid one for an error message, and registries that look entries up by name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

LIKENESS = 0.6
"""Least `difflib` ratio of a name that is suggested."""

Entry = TypeVar("Entry")

_file: ContextVar[str] = ContextVar("_file", default="")
"""The plug-in that is being loaded; empty while the package's own modules register their entries."""


@contextlib.contextmanager
def registering(file: str) -> Iterator[None]:
    """Name `file` as the owner of all that is registered inside a `with` block; for plug-ins."""
    token = _file.set(file)
    try:
        yield
    finally:
        _file.reset(token)


def nearest(name: object, choices: Iterable[str]) -> str | None:
    """Return the choice that is most like a name, whatever their case, or None where none is near."""
    texts = list(choices)
    if near := get_close_matches(str(name), texts, n=1, cutoff=LIKENESS):
        return near[0]
    folded = {text.casefold(): text for text in reversed(texts)}
    near = get_close_matches(str(name).casefold(), folded, n=1, cutoff=LIKENESS)
    return folded[near[0]] if near else None


def suggestion(name: object, choices: Iterable[object], also: Iterable[object] = ()) -> str:
    """Return the end of an error message: the nearest valid choice, or all choices where none is near.

    Args:
        name: the text that is not valid.
        choices: the valid texts, in the order in which the message lists them.
        also: other valid texts, such as aliases: suggested where no choice is near, never listed.
    """
    texts = [str(choice) for choice in choices]
    if near := nearest(name, texts) or nearest(name, map(str, also)):
        return f"did you mean {near!r}?"
    return f"choose from: {', '.join(texts)}" if texts else "there is none to choose from"


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: `1 trial`, `2,000 trials`; `plural` unless it is the noun with an s."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


class Registry(Generic[Entry]):
    """Entries by name, open to plug-ins. Iterate over it, or use `in`, for the names in their order.

    Args:
        noun: the kind of entry, for messages: "variant".
        refused: the error raised for a name that is taken.
        unknown: the error raised for a name that is not registered.
        order: names in the order of lists and tables, whatever order their modules are imported in. Names
            outside it follow in order of registration.
    """

    def __init__(
        self, noun: str, *, refused: type[Exception], unknown: type[Exception], order: Sequence[str] = ()
    ) -> None:
        self.noun, self.order = noun, tuple(order)
        self._refused, self._unknown = refused, unknown
        self._entries: dict[str, Entry] = {}
        self._aliases: dict[str, str] = {}
        self._owners: dict[str, str] = {}

    def add(self, name: str, entry: Entry, owner: Any = None, aliases: Iterable[str] = ()) -> None:
        """Register an entry under a name and its aliases.

        Args:
            name: unique among names and aliases.
            entry: the entry.
            owner: the class or function behind the entry. The error for a taken name names it, or the
                plug-in that registered it.
            aliases: other names that lead to the entry.

        Raises:
            Exception: of the class `refused`, if a name is taken; nothing is registered then.
        """
        aliases = tuple(aliases)
        for key in (name, *aliases):
            if key in self:
                by = self.owner(key)
                raise self._refused(f"{self.noun} {key!r} is registered already{by and f', by {by}'}")
        self._entries[name] = entry
        self._owners[name] = _place(owner)
        self._aliases.update(dict.fromkeys(aliases, name))

    def canonical(self, name: str) -> str:
        """Return the name that an alias stands for; any other name as it is."""
        return self._aliases.get(name, name)

    def get(self, name: object, where: str = "") -> Entry:
        """Return an entry by name or alias.

        Args:
            name: the name.
            where: the place at which the user wrote it, for the message.

        Raises:
            Exception: of the class `unknown`, with the nearest name or alias.
        """
        if name in self:
            return self._entries[self.canonical(str(name))]
        place = f"{where}: " if where else ""
        raise self._unknown(
            f"{place}unknown {self.noun} {str(name)!r}; {suggestion(name, self, self._aliases)}"
        )

    def owner(self, name: str) -> str:
        """Return the file of the plug-in that registered an entry, else the module and name of its owner."""
        return self._owners[self.canonical(name)]

    def names(self) -> tuple[str, ...]:
        """Return all names: those of `order` first, then the others in order of registration."""
        declared = [name for name in self.order if name in self._entries]
        return (*declared, *(name for name in self._entries if name not in self.order))

    def aliases(self) -> tuple[str, ...]:
        """Return all aliases, in order of registration."""
        return tuple(self._aliases)

    def entries(self) -> list[Entry]:
        """Return all entries, in the order of their names."""
        return [self._entries[name] for name in self]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name in self._entries or name in self._aliases)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    @contextlib.contextmanager
    def restored(self, *without: str) -> Iterator[None]:
        """Undo at the end of a `with` block all that was registered in it; for tests.

        Args:
            without: names that the block does without.
        """
        tables: tuple[dict[str, Any], ...] = (self._entries, self._aliases, self._owners)
        kept = [dict(table) for table in tables]
        for name in without:
            self._entries.pop(name, None)
            for alias in [alias for alias, meant in self._aliases.items() if meant == name]:
                del self._aliases[alias]
        try:
            yield
        finally:
            for table, before in zip(tables, kept, strict=True):
                table.clear()
                table.update(before)


def _place(owner: Any) -> str:
    """Return the plug-in being loaded, else module and name of a class, function or partial's function."""
    if file := _file.get():
        return file
    owner = getattr(owner, "func", owner)
    if owner is None:
        return ""
    return f"{owner.__module__}.{getattr(owner, '__qualname__', type(owner).__qualname__)}"
