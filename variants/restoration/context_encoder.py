"""Context encoders (Pathak, Krahenbuhl, Donahue, Darrell & Efros 2016)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d

from gan_bench.spaces import Space
from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.base import Loss, Play
from gan_bench.variants.critics import Critic, Inputs, Judged
from gan_bench.variants.declarations import Build, Networks
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.holes import HOLES, Filling
from gan_bench.variants.hyperparameters import Hyperparameter, HyperparameterError
from gan_bench.variants.registry import register
from gan_bench.variants.sources import OWN_BATCHES, Profile


@register("context-encoder", paper="arXiv:1604.07379", year=2016, equation="eq. 1 to 3")
class ContextEncoder(Filling):
    """Context encoder: a hole filled from its context, by squared error and an adversary (eq. 3).

    reconstruction_weight times E |x - G|^2 in the hole, mean over its pixels (eq. 1), + adversarial_weight
    times the objective against a critic without a condition (eq. 2). The critic judges whole images with
    their holes filled or, as in the authors' program, the centre alone. With ``overlap`` the region that is
    compared and judged reaches so many pixels into the context, where errors count overlap_weight times.
    """

    objective = NSGAN()
    hyperparameters = {
        **Adversarial.hyperparameters,
        **HOLES,
        "hole_place": replace(HOLES["hole_place"], default="centre"),
        "hole_low": replace(HOLES["hole_low"], default=0.5),
        "judged": Hyperparameter(
            "image", "structural", "what the critic sees: the filled image, or its hole alone",
            choices=("image", "hole"),
        ),
        "adversarial_weight": Hyperparameter(0.001, doc="lambda_adv", low=0.0),
        "reconstruction_weight": Hyperparameter(0.999, doc="lambda_rec", low=0.0),
        "overlap": Hyperparameter(
            0, "structural", "pixels of context in which the error counts as well", low=0
        ),
        "overlap_weight": Hyperparameter(10.0, doc="weight of the error there", low=0.0),
    }  # fmt: skip
    profiles = {
        "paper": Profile(
            {
                "critic_lr": 2e-4, "generator_lr": 2e-3, "beta1": 0.5, "batch_size": 64, "overlap": 4,
                "critic_norm": "batch", "judged": "hole", "hole_low": 0.4375, "hole_high": 0.4375,
            },
            source="arXiv:1604.07379, section 3; github:pathak22/context-encoder, train.lua",
            differs=("the hole is grey, not the mean colour of ImageNet", OWN_BATCHES),
        )
    }  # fmt: skip

    @classmethod
    def check(cls, settings: Mapping[str, Any]) -> None:
        """Refuse a critic of holes that differ in place or size."""
        super().check(settings)
        one = settings["hole_place"] == "centre" and settings["hole_low"] == settings["hole_high"]
        if settings["judged"] == "hole" and not one:
            raise HyperparameterError(
                "judged = hole: hole_place = centre and hole_low = hole_high expected, or judged = image"
            )

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic of images, or of their holes."""
        real = self.data.real
        shape = self.seen(torch.empty((1, *real.shape), device="meta"))[0].shape[1:]
        return (self.critic("critic", Space(tuple(shape), real.bounds)),)

    def makers(self, build: Build) -> Networks:
        """Return the generator (image with a hole to image)."""
        return {"generator": build.translator(self.data.real, makes=self.data.real)}

    def region(self, gap: Tensor) -> Tensor:
        """Return the mask of holes with their overlap, of the shape of ``gap``."""
        reach = self.settings.overlap
        return max_pool2d(gap, 2 * reach + 1, stride=1, padding=reach) if reach else gap

    @cached_property
    def window(self) -> tuple[slice, slice]:
        """Return rows and columns of the region, of holes that are all the same."""
        holes = self.holes.draw(1, 1, torch.Generator().manual_seed(0))[0]
        (mask,) = self.region(holes)[0]
        rows, columns = (mask.any(axis).nonzero().flatten().tolist() for axis in (1, 0))
        return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)

    def seen(self, images: Tensor) -> Inputs:
        """Return what is judged of images, or of masks."""
        if self.settings.judged == "image":
            return (images,)
        rows, columns = self.window
        return (images[..., rows, columns],)

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return images without holes."""
        return {"critic": self.seen(play.batch["real"])}

    def fakes(self, play: Play) -> dict[str, Inputs]:
        """Return images with their region filled."""
        return {"critic": self.seen(self.filled(play, self.region(play.noise["hole"])))}

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return the squared error in the region; elsewhere filled images have none."""
        ((x,), (made,)), gap = (self.seen(play.batch["real"]), fakes["critic"]), play.noise["hole"]
        region, hole = (self.seen(mask)[0] for mask in (self.region(gap), gap))
        weight = hole + play.hp.overlap_weight * (region - hole)
        error = (weight * (made - x).square()).sum() / (x.shape[1] * region.sum())
        return Loss(play.hp.reconstruction_weight * error, {"reconstruction": error})
