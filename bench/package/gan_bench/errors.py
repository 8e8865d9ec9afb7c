"""The common base of errors that are the user's to mend; every package derives its own from it."""

from __future__ import annotations


class UserError(Exception):
    """A request that cannot be met. The message is one sentence: problem, place, nearest valid choice."""


class UnknownEntry(UserError):
    """A registry has no entry of this name; a plug-in that is not loaded may register it."""
