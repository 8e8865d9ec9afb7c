"""Profiles with their source: settings of a paper or program, and known differences from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Profile(Mapping[str, Any]):
    """Settings of a variant, as its source has them.

    Args:
        settings: values by hyperparameter, or another profile to copy.
        source: place of the values: a section of the paper, or `github:OWNER/NAME` and a file.
        differs: differences from the source's training, each with the reason, and values that could not be
            confirmed. Networks, their initialisation and the data are not listed: the suite sets them.
    """

    def __init__(self, settings: Mapping[str, Any], *, source: str, differs: tuple[str, ...] = ()) -> None:
        self._settings = dict(settings)
        self.source, self.differs = source, differs

    def __getitem__(self, name: str) -> Any:
        """Return a setting."""
        return self._settings[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the settings."""
        return iter(self._settings)

    def __len__(self) -> int:
        """Count the settings."""
        return len(self._settings)

    def __repr__(self) -> str:
        """Show settings and source."""
        return f"Profile({self._settings}, source={self.source!r})"


NO_BATCHNORM = (
    "no BatchNorm in the critic, where the authors have it: critics are equal unless a variant is about it"
)
"""A difference that several profiles share."""
OWN_BATCHES = (
    "every update has a batch of its own, where the program's generators learn on the batch that the critics "
    "have just seen"
)
"""A difference that several profiles share."""
