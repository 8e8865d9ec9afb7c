"""torch-fidelity's InceptionV3: the extractor behind plain `fid`, `is`, `kid` ..."""

from __future__ import annotations

import hashlib
import pickle
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor

from gan_bench.bench.metrics.base import MetricError
from gan_bench.bench.metrics.extractors.base import Outputs

BATCH = 64
DOWNLOAD = "download"
DOWNLOAD_HASH = "6726825d"  # the first digits of the file's SHA-256, as its own name gives them


class InceptionExtractor:
    """2,048 features and the unbiased logits of the InceptionV3 that FID is defined on, for uint8 images."""

    suffix = ""

    def __init__(self, weights: Path, device: str = "cpu"):
        source = _source()
        self.sha256, state = _read(weights)
        # torch-fidelity unpickles the file it is given without restriction. It is given a copy of the tensors
        # that torch's restricted reader has found in the user's file, so that nothing in there can run.
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "inception.pth"
            torch.save(state, copy)
            try:
                network = source.FeatureExtractorInceptionV3(
                    "inception-v3-compat",
                    ["2048", "logits_unbiased"],
                    feature_extractor_weights_path=str(copy),
                )
            except RuntimeError as error:
                raise MetricError(f"{weights} does not hold InceptionV3's weights: {error}") from error
        self._device = torch.device(device)
        self._network = network.to(self._device)

    def __call__(self, images: Tensor) -> Outputs:
        """Features (n, 2048) and logits (n, 1008) of uint8 images (n, 1 or 3, height, width).

        Raises:
            MetricError: the images have another type or shape.
        """
        shaped = images.ndim == 4 and images.shape[1] in (1, 3) and len(images)
        if images.dtype != torch.uint8 or not shaped:
            raise MetricError(
                f"Inception takes uint8 images of shape (n, 1 or 3, height, width), n > 0, "
                f"got {images.dtype} of shape {tuple(images.shape)}"
            )
        colour = images.expand(-1, 3, -1, -1)  # grey images: the same in all three channels
        with torch.no_grad():
            batches = [self._network(batch.to(self._device)) for batch in colour.split(BATCH)]
        features, logits = (torch.cat(parts) for parts in zip(*batches, strict=True))
        return Outputs(features, logits)


@cache
def load(weights: Path | str, device: str = "cpu") -> InceptionExtractor:
    """Inception from a weights file, or, for "download", from the one that torch-fidelity publishes.

    Raises:
        MetricError: the file cannot be read, holds something else, or cannot be downloaded; torch-fidelity is
            not installed.
    """
    return InceptionExtractor(_download() if weights == DOWNLOAD else Path(weights), device)


def _source() -> ModuleType:
    """Return torch-fidelity's module of the network."""
    try:
        from torch_fidelity import feature_extractor_inceptionv3
    except ImportError as error:
        raise MetricError(
            "Inception's network needs torch-fidelity: pip install 'gan-bench[inception]'"
        ) from error
    return feature_extractor_inceptionv3


def _read(path: Path) -> tuple[str, dict[str, Tensor]]:
    """SHA-256 and tensors of a weights file, read without running anything in it."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return digest, torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise MetricError(f"cannot read the Inception weights {path}: {error.strerror or error}") from error
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise MetricError(
            f"{path} is not a weights file; expected torch-fidelity's weights-inception-2015-12-05-*.pth"
        ) from error


def published() -> Path:
    """Return the place of torch-fidelity's own file in torch's hub folder, whether it is there or not."""
    return Path(torch.hub.get_dir()) / "checkpoints" / _source().URL_INCEPTION_V3.rsplit("/", 1)[1]


def _download() -> Path:
    """torch-fidelity's own file, checked against the hash in its name."""
    address, path = _source().URL_INCEPTION_V3, published()
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(address, str(path), DOWNLOAD_HASH, progress=False)
        except (OSError, RuntimeError) as error:
            raise MetricError(f"cannot download {address}: {error}") from error
    return path
