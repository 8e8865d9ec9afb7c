"""Profiles with their source: a paper's or a program's settings, and what is known to differ from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Profile(Mapping[str, Any]):
    """Settings of a variant, as its source has them.

    Args:
        settings: hyperparameter -> value, or another profile that this one goes on from.
        source: where the values are written: a section of the paper, or `github:OWNER/NAME` and a file.
        differs: what of the source's training is not in the settings, each with the reason; also values that
            could not be confirmed. Networks, their initialisation and the data are the suite's, and so are
            not named here.
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
