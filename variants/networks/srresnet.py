"""SRResNet, the residual network of super-resolution (Ledig et al. 2017, arXiv:1609.04802)."""

from __future__ import annotations

from torch import nn

from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.networks.enlarging import SKIP, Around, Enlarging, Layers, last
from gan_bench.variants.networks.norms import norm_layer
from gan_bench.variants.networks.registry import register_family

NORMS = ("none", "batch")  # those that hold for images of any size, as the network does
WIDE = 9  # side of the first and the last kernel


@register_family("srresnet", version=2)
class SRResNet(Enlarging):
    """Residual blocks at low resolution, then doublings by PixelShuffle (figure 4 of the paper).

    Options that differ from the paper by default: the bicubic image is added (``skip = none`` is the
    paper's), without BatchNorm (``norm = batch``), and all doublings are one PixelShuffle into the image, as
    in ESPCN (``enlarge = once``; the paper's ``stages`` has one of 4 * width channels each, and a convolution
    of 9x9 at high resolution). These learn within minutes on a CPU what the paper's form needs hours for.
    """

    declared = {
        "width": Hyperparameter(64, "structural", "channels", low=1),
        "blocks": Hyperparameter(16, "structural", "residual blocks", low=0),
        "norm": Hyperparameter("none", "structural", "after convolutions of the blocks", choices=NORMS),
        "enlarge": Hyperparameter(
            "once", "structural", "one PixelShuffle into the image, or one for each doubling before it",
            choices=("once", "stages"),
        ),
        **SKIP,
    }  # fmt: skip

    def layers(self, channels: int, makes: int, times: int, faint: bool) -> Layers:
        """Return the generator of figure 4."""
        w, staged = self.options.width, self.options.enlarge == "stages"
        body = [*(self._block() for _ in range(self.options.blocks)), *self._same()]
        start = [nn.Conv2d(channels, w, WIDE, padding=WIDE // 2), nn.PReLU(), Around(body)]
        if not staged:
            pixels = 4**times * makes
            return [*start, last(w, pixels, 3, faint), nn.PixelShuffle(2**times)]
        stages = ([nn.Conv2d(w, 4 * w, 3, padding=1), nn.PixelShuffle(2), nn.PReLU()] for _ in range(times))
        return [*start, *(layer for stage in stages for layer in stage), last(w, makes, WIDE, faint)]

    def _block(self) -> nn.Module:
        return Around([*self._same(), nn.PReLU(), *self._same()])

    def _same(self) -> Layers:
        o = self.options
        conv = nn.Conv2d(o.width, o.width, 3, padding=1, bias=o.norm == "none")
        return [conv, *norm_layer(o.norm, o.width, (1, 1))]
