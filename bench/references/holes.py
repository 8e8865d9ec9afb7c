"""Reference rows of games that fill holes: the mean image, and the nearest pixels of the context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gan_bench.bench.references.codes import mean_row
from gan_bench.bench.references.declarations import Ask, Start
from gan_bench.bench.references.makers import untrained_model
from gan_bench.bench.references.registry import register

if TYPE_CHECKING:
    from torch import Tensor

    from gan_bench.datasets.finite import Restored
    from gan_bench.variants.declarations import Ability

_HOLES: dict[str, Any] = {
    "beside": "inpaint",
    "per": ("hole_place", "hole_low", "hole_high"),
    "kinds": ("images",),
    "default": False,
}


class Filling:
    """The holes of a trial's game, filled by a rule. A subclass states it.

    The holes are those of evaluation, which all trials with these settings fill.
    """

    def __init__(self, start: Start) -> None:
        self.dataset, self.model = start.dataset, untrained_model(start)

    @property
    def abilities(self) -> Mapping[str, Ability]:
        """Return the filling of holes, and the holes."""
        return {name: self.model.abilities[name] for name in ("inpaint", "hole")}

    def __call__(self, ask: Ask) -> Restored:
        """Return the holes, or the inputs with their holes filled."""
        import torch

        from gan_bench.datasets.finite import Restored

        holes = self.model.make("hole", ask.count)
        if ask.ability == "hole":
            return holes
        images, within = ask.given["real"], holes.rows.bool()
        return Restored(torch.where(within, self.fill(images, within).to(images), images), 0)

    def fill(self, images: Tensor, within: Tensor) -> Tensor:
        """Return raw values for the holes of raw images."""
        raise NotImplementedError


@register(
    "mean-fill",
    title="hole filled with the mean image",
    meaning="the mean of the training images in every hole: the best that ignores the context",
    **_HOLES,
)
class MeanFill(Filling):
    """Each pixel's mean over the training images, rounded to a byte."""

    def fill(self, images: Tensor, within: Tensor) -> Tensor:  # noqa: ARG002 - the rule is the same everywhere
        """Return the mean image for each input."""
        return mean_row(self.dataset).expand(images.shape)


@register(
    "nearest-context",
    title="hole filled from the nearest context",
    meaning="for each pixel of a hole the nearest pixel outside of it: context without learning",
    **_HOLES,
)
class NearestContext(Filling):
    """SciPy's distance transform finds the nearest pixel of the context."""

    def fill(self, images: Tensor, within: Tensor) -> Tensor:
        """Return the nearest pixels of the context, in Euclidean distance."""
        import torch
        from scipy import ndimage

        filled = images.clone()
        for image, hole in zip(filled, within[:, 0].cpu().numpy(), strict=True):
            rows, columns = torch.from_numpy(
                ndimage.distance_transform_edt(hole, return_distances=False, return_indices=True)
            ).long()
            image.copy_(image[:, rows, columns])
        return filled
