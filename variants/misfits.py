"""Networks, data and settings that do not fit together; found while planning."""

from __future__ import annotations


class Misfit(ValueError):
    """A network that cannot be built, or batches that a layer cannot take; the message says why."""
