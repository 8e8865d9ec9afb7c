"""Files of the extractors of this package: weights, and cards that say what they were trained on."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

from safetensors.torch import load
from torch import Tensor

from gan_bench.bench.metrics.base import MetricError

FOLDER = Path(__file__).parent


def card(name: str, folder: Path = FOLDER) -> dict[str, object]:
    """Return the model card `name`.toml: its training data and its accuracy on the test split."""
    with (folder / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def checked(name: str, folder: Path = FOLDER) -> tuple[str, dict[str, Tensor]]:
    """Return the SHA-256 of an extractor's weights, which is compared with that in its card, and the weights.

    Raises:
        MetricError: the weights are missing, or are not the ones that the card describes.
    """
    path = folder / f"{name}.safetensors"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MetricError(f"cannot read the weights of extractor {name}: {path}: {error.strerror}") from error
    found, expected = hashlib.sha256(content).hexdigest(), card(name, folder)["sha256"]
    if found != expected:
        raise MetricError(f"damaged extractor weights {path}: SHA-256 {found}, its card says {expected}")
    return found, load(content)
