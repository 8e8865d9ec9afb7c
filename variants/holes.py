"""Games whose generator fills a hole of an image from its context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor

from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Play
from gan_bench.variants.critics import Inputs
from gan_bench.variants.declarations import DataSpec, ability
from gan_bench.variants.hyperparameters import Hyperparameter, HyperparameterError
from gan_bench.variants.noise import Noise, hole

HOLES = {
    "hole_place": Hyperparameter(
        "random", "structural", "place of the hole", choices=("random", "centre")
    ),
    "hole_low": Hyperparameter(
        0.35, "structural", "least side of the hole, as a share of the image's", low=0.0, high=1.0,
        open_low=True,
    ),
    "hole_high": Hyperparameter(
        0.5, "structural", "largest side of the hole, as a share of the image's", low=0.0, high=1.0,
        open_low=True,
    ),
}  # fmt: skip


class Filling(Adversarial):
    """With m = 1 in the hole, x_G = G((1 - m) x) and the filled image is (1 - m) x + m x_G.

    The context of a filled image is the true one. Holes are declared noise of whole native pixels, drawn per
    sample. A subclass states the game.
    """

    drawn: ClassVar[tuple[str, ...]] = ("hole",)
    reads: ClassVar[tuple[str, ...]] = ("real",)
    fields_read = {"generator": ("real",)}

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Refuse sides of holes that do not ascend."""
        super().check(settings)
        if settings["hole_low"] > settings["hole_high"]:
            raise HyperparameterError(
                f"hole_low = {settings['hole_low']}: at most hole_high = {settings['hole_high']} expected"
            )

    @classmethod
    def refuses(cls, data: DataSpec) -> str:
        """Refuse data that are no images."""
        return super().refuses(data) or ("" if data.real.is_image else "it fills holes of images")

    @property
    def holes(self) -> Noise:
        """Return the law of the holes."""
        s, (_, height, width) = self.settings, self.data.real.shape
        centred = s.hole_place == "centre"
        return hole(self.data.grid, (height, width), s.hole_low, s.hole_high, centred=centred)

    def noise(self) -> dict[str, Noise]:
        """Return also the holes, 1 within."""
        return {"hole": self.holes, **super().noise()}

    def beside(self, x: Tensor) -> Inputs:
        """Return what the generator sees of images beside their context."""
        return ()

    def filled(self, play: Play, within: Tensor | None = None) -> Tensor:
        """Return the batch's images with x_G in their holes, or within a mask ``[batch, 1, h, w]``."""
        x, gap = play.batch["real"], play.noise["hole"]
        within = gap if within is None else within
        return (1 - within) * x + within * play.generator((1 - gap) * x, *self.beside(x))

    @ability(inputs=("real",), noise=("hole",))
    def inpaint(self, play: Play) -> Tensor:
        """Return ``play.batch["real"]`` with a part filled from its context; the context is as it was."""
        return self.filled(self.normalised(play, "generator")[0])

    @ability(noise=("hole",), makes="")
    def hole(self, play: Play) -> Tensor:
        """Return the holes that `inpaint` fills, ``[batch, 1, h, w]``: 1 within, 0 elsewhere."""
        return play.noise["hole"]
