"""U-Nets between images of equal size (Ronneberger et al. 2015), as in pix2pix (Isola et al. 2017)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_bench.spaces import Space
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.networks.blocks import Recipe
from gan_bench.variants.networks.family import Family
from gan_bench.variants.networks.inputs import channel_count, is_map
from gan_bench.variants.networks.layers import NORMS, Dropout
from gan_bench.variants.networks.maps import Apart, Size, ends, size_of, tiled
from gan_bench.variants.networks.registry import register_family


class UNet(nn.Module):
    """An encoder and a decoder whose layers at equal sizes are joined.

    Args:
        apart: joins the inputs to an image and a vector.
        downs: layers that halve the size, outermost first.
        ups: layers that double it, innermost first; each but the first also receives the output of the
            halving layer of its size.
        everywhere: the vector joins every halving layer, not only the outermost.
    """

    def __init__(self, apart: Apart, downs: list[nn.Module], ups: list[nn.Module], everywhere: bool) -> None:
        super().__init__()
        self.apart, self.everywhere = apart, everywhere
        self.downs, self.ups = nn.ModuleList(downs), nn.ModuleList(ups)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Map tensors ``[batch, *shape]`` to ``[batch, channels, h, w]``."""
        x, vector = self.apart(*inputs)
        skips: list[Tensor] = []
        for down in self.downs:
            x = down(tiled(x, vector if self.everywhere or not skips else None))
            skips.append(x)
        x = self.ups[0](skips.pop())
        for up in list(self.ups)[1:]:
            x = up(torch.cat((skips.pop(), x), dim=1))
        return x


@register_family("unet", init="normal")
class UNets(Family):
    """Translators with skips, of convolutions of 4x4, stride 2, down to one row or column.

    Sides need not be powers of two: rows and columns that a halving drops are added by the doubling.
    Images and maps of labels among the inputs are joined as channels. Labels, as one-hot vectors, and
    vectors become constant channels of every halving layer, as BicycleGAN joins codes (models/networks.py,
    G_Unet_add_all), or of the first.
    """

    declared = {
        "width": Hyperparameter(
            64, "structural", "channels of the outermost layer; they double inwards, to 8 times as many", low=1
        ),
        "depth": Hyperparameter(0, "structural", "halvings; 0: as many as the shorter side allows", low=0),
        "norm": Hyperparameter(
            "batch", "structural", "of all but the outermost layers and the innermost halving", choices=NORMS
        ),
        "affine": Hyperparameter(False, "structural", "trained scales and shifts of instance norms"),
        "dropout": Hyperparameter(
            0.5, "structural", "share of features dropped after the three innermost doublings, at most half of all",
            low=0.0, high=1.0, open_high=True,
        ),
        "codes": Hyperparameter(
            "every", "structural", "halving layers that vectors and labels join", choices=("every", "first")
        ),
    }  # fmt: skip

    def translator(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return pix2pix's generator (models.lua, defineG_unet; section 6.1.1 of the paper)."""
        o, apart = self.options, None
        sizes = self._sizes(inputs, makes)
