"""Images of low resolution and what a trained game makes of them in high resolution, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gan_bench.bench.abilities.bounded import BYTES
from gan_bench.bench.metrics.tiles import assembled

if TYPE_CHECKING:
    from gan_bench.bench.metrics.outputs import Output, Query

IMAGES = 3


def enlarged(output: Output, kept_as: str) -> dict[str, np.ndarray]:
    """Return a few images in low resolution, with what was made of them and the truth, as whole images.

    Images that the data hold in tiles are put together; those of more than 1 MB are left out.

    Args:
        output: of an ability with inputs.
        kept_as: the name of the weights in a record: `final` or `ema`.

    Returns:
        `enlarged.KEPT_AS.ABILITY.I.given` (channels, height, width), `.made` and, where the data have it,
        `.target`, for the images I = 0, 1 ... Nothing for an ability that does not make larger images of
        smaller ones, and where outputs are not finite.
    """
    query = output.query
    factor = _factor(output)
    if factor < 2:
        return {}
    target = query.paired(query.makes)
    large = {"made": output.first} | ({} if target is None else {"target": target})
    rows = {"given": next(iter(query.given.values())), **large}
    arrays = {name: raw.cpu().float().numpy() for name, raw in rows.items()}
    kept: dict[str, np.ndarray] = {}
    for place, images in enumerate(_whole(arrays, query, factor)):
        for name, image in images.items():
            kept[f"enlarged.{kept_as}.{query.name}.{place}.{name}"] = image
        if place + 1 == IMAGES:
            break
    return kept


def _factor(output: Output) -> int:
    """Return how many times larger images made are than the images given; 0 for other outputs."""
    given = [*output.query.given.values()]
    if output.broken or not output.query.makes or len(given) != 1:
        return 0
    small, large = given[0].shape[1:], output.first.shape[1:]
    if len(small) != 3 or len(large) != 3:
        return 0
    factor = large[-1] // small[-1]
    return factor if [*large[1:]] == [factor * side for side in small[1:]] else 0


def _whole(arrays: dict[str, np.ndarray], query: Query, factor: int) -> Iterator[dict[str, np.ndarray]]:
    """Yield images by name, each (channels, height, width), that fit a record."""
    place = query.paired("place")
    if place is None:
        rows: Iterator[dict[str, np.ndarray]] = (
            {name: of[row] for name, of in arrays.items()} for row in range(len(arrays["given"]))
        )
    else:
        rows = _of_tiles(arrays, place.cpu().numpy(), factor)
    for images in rows:
        pixels = {name: _pixels(image) for name, image in images.items()}
        if max(image.nbytes for image in pixels.values()) <= BYTES:
            yield pixels


def _of_tiles(
    arrays: dict[str, np.ndarray], place: np.ndarray, factor: int
) -> Iterator[dict[str, np.ndarray]]:
    low = place / np.array([1, *[factor] * 4])
    parts = [assembled(tiles, low if name == "given" else place) for name, tiles in arrays.items()]
    for images in zip(*parts, strict=True):
        yield dict(zip(arrays, images, strict=True))


def _pixels(image: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)
