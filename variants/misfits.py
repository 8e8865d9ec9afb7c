"""Networks, data and settings that do not go together: found while planning, told in one sentence."""

from __future__ import annotations


class Misfit(ValueError):
    """A network that cannot be built, or batches that a layer cannot take; the message says why."""
