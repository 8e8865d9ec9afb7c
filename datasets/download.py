"""Downloads into the cache (first step: none yet)."""

from __future__ import annotations

from datasets.idx import Catalogue
from datasets.places import Places, Unreachable


def fetch(catalogue: Catalogue, places: Places) -> None:
    """Bring the files into the cache."""
    raise Unreachable(f"{catalogue.folder} could not be downloaded to {places.cache}")
