"""The registered feature extractors, open to plug-ins; a dataset names the one that measures it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import torch

from gan_bench.bench.common.plugins import sentence_of
from gan_bench.bench.metrics.base import MetricError
from gan_bench.bench.metrics.extractors.base import Extractor
from gan_bench.datasets.base import Dataset
from gan_bench.errors import UnknownEntry
from gan_bench.names import Registry

Make = Callable[[str], Extractor]

PROBE = 2  # images that an extractor is tried on


class UnknownExtractor(MetricError, UnknownEntry):
    """No extractor has this name; the message gives the nearest that exists."""


EXTRACTORS: Registry[Make] = Registry("extractor", refused=MetricError, unknown=UnknownExtractor)


def register_extractor(name: str) -> Callable[[Make], Make]:
    """Register a function ``device -> Extractor`` under `name`, which is the extractor's `suffix`, too.

    Raises:
        MetricError: for a name that is taken, or is not made of letters, digits and underscores.
    """

    def add(make: Make) -> Make:
        if not name.isidentifier():
            raise MetricError(f"extractor name {name!r} must be letters, digits and underscores")
        EXTRACTORS.add(name, make, make)
        return make

    return add


def extractor_names() -> tuple[str, ...]:
    """Return the names of all registered extractors, in order of registration."""
    return EXTRACTORS.names()


@cache
def extractor(name: str, device: str = "cpu") -> Extractor:
    """Return the extractor called `name`, on `device`.

    Raises:
        UnknownExtractor: there is none; the message gives the nearest name.
        MetricError: its weights are missing or damaged, or it does not say which network it is.
    """
    make = EXTRACTORS.get(name)
    try:
        made = make(device)
    except MetricError:
        raise
    except Exception as error:
        raise MetricError(f"extractor {name} cannot be made: {sentence_of(error)}") from error
    if getattr(made, "suffix", None) != name:
        raise MetricError(
            f"extractor {name}: its suffix is {getattr(made, 'suffix', None)!r}, expected its name"
        )
    if not re.fullmatch("[0-9a-f]{64}", str(getattr(made, "sha256", ""))):
        raise MetricError(
            f"extractor {name}: its sha256 is {getattr(made, 'sha256', None)!r}, expected the 64 hexadecimal "
            "digits of the SHA-256 of its weights"
        )
    return made


def of_dataset(dataset: Dataset, device: str = "cpu") -> Extractor | None:
    """Return the extractor that a dataset names; None where it names none.

    Raises:
        MetricError: as `extractor` does.
    """
    if dataset.extractor is None:
        return None
    try:
        return extractor(dataset.extractor, device)
    except MetricError as error:
        raise type(error)(f"dataset {dataset.name}: {error}") from error


def try_out(chosen: Extractor, dataset: Dataset) -> None:
    """Try an extractor on two images of a dataset.

    Raises:
        MetricError: if the extractor does not take them, or gives no features and logits of the classes.
    """
    images = dataset.reference("test", PROBE)
    name = f"extractor {chosen.suffix or 'Inception'} on dataset {dataset.name}"
    try:
        outputs = chosen(images)
    except MetricError:
        raise
    except Exception as error:
        raise MetricError(f"{name}: {sentence_of(error)}") from error
    for part in ("features", "logits"):
        found = getattr(outputs, part, None)
        shape = tuple(found.shape) if isinstance(found, torch.Tensor) else type(found).__name__
        if not isinstance(found, torch.Tensor) or found.ndim != 2 or len(found) != len(images):
            raise MetricError(f"{name}: {part} are {shape}, expected a tensor of shape ({len(images)}, any)")
        if not found.isfinite().all():
            raise MetricError(f"{name}: {part} of real images are not finite")
    classes = dataset.truth.classes
    if chosen.suffix == dataset.extractor and classes not in (None, outputs.logits.shape[1]):
        raise MetricError(
            f"{name}: it tells {outputs.logits.shape[1]} classes apart, the data have {classes}"
        )
