"""Content hashes of datasets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import numpy as np

from gan_bench.datasets.scales import Scale
from gan_bench.spaces import Space


def declarations(spaces: Mapping[str, Space], scales: Mapping[str, Scale]) -> dict[str, object]:
    """Return the facts about fields that content hashes cover: shapes, bounds, classes and conversions."""
    return {
        "spaces": {field: [space.shape, space.bounds, space.classes] for field, space in spaces.items()},
        "scales": {field: scale.definition for field, scale in scales.items()},
    }


def hash_of(definition: object, *arrays: np.ndarray) -> str:
    """Return the SHA-256 of a JSON-able definition and of the types, shapes and bytes of arrays, in order."""
    digest = hashlib.sha256(json.dumps(definition, sort_keys=True).encode())
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
