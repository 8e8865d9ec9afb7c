"""U-Nets between images of equal size (Ronneberger et al. 2015), as in pix2pix (Isola et al. 2017)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_bench.spaces import Space
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.networks.blocks import Recipe
from gan_bench.variants.networks.family import Family
from gan_bench.variants.networks.layers import Dropout
from gan_bench.variants.networks.maps import Apart, Size, common_size, ends, tiled
from gan_bench.variants.networks.norms import NORMS
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


@register_family("unet", version=2, init="normal")
class UNets(Family):
    """Translators with skips, of convolutions of 4x4, stride 2, down to one row or column.

    Sides need not be powers of two: rows and columns that a halving drops are added by the doubling.
    Images and maps of labels among the inputs are joined as channels. Labels, as one-hot vectors, and
    vectors become constant channels of every halving layer, as BicycleGAN joins codes (models/networks.py,
    G_Unet_add_all), or of the first.
    """

    channels_last = True
    declared = {
        "width": Hyperparameter(
            64, "structural", "channels of the outermost layer; inner ones have up to 8 times as many", low=1
        ),
        "depth": Hyperparameter(0, "structural", "halvings; 0: as many as the shorter side allows", low=0),
        "norm": Hyperparameter(
            "batch", "structural", "of all but the outermost layers and the innermost halving", choices=NORMS
        ),
        "affine": Hyperparameter(False, "structural", "trained scales and shifts of instance norms"),
        "dropout": Hyperparameter(
            0.5, "structural", "share of features dropped after the three innermost doublings; of fewer than "
            "six doublings, after the inner half",
            low=0.0, high=1.0, open_high=True,
        ),
        "codes": Hyperparameter(
            "every", "structural", "halving layers that vectors and labels join", choices=("every", "first")
        ),
    }  # fmt: skip

    def translator(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return pix2pix's generator (phillipi/pix2pix, models.lua, defineG_unet).

        The outermost and the innermost halving, and the last doubling, have no norm.
        """
        sizes, apart = self._sizes(inputs, makes), Apart(inputs)
        depth = len(sizes) - 1
        widths = [self.options.width * min(2**n, 8) for n in range(depth)]
        downs = [self._down(n, apart, widths, sizes) for n in range(depth)]
        ups = [self._up(n, widths, sizes) for n in reversed(range(1, depth))]
        last = self._double(Recipe(), widths[0] * (2 if ups else 1), makes.shape[0], sizes[1], sizes[0])
        ups.append(nn.Sequential(nn.ReLU(), *last, *ends(makes)))
        return UNet(apart, downs, ups, self.options.codes == "every")

    def _down(self, n: int, apart: Apart, widths: list[int], sizes: list[Size]) -> nn.Module:
        """Return the layers from size ``n`` to the next smaller one."""
        channels = widths[n - 1] if n else apart.channels
        if n == 0 or self.options.codes == "every":
            channels += apart.width
        recipe = Recipe() if n in (0, len(widths) - 1) else self._recipe
        active = [nn.LeakyReLU(0.2)] if n else []
        return nn.Sequential(*active, *recipe.strided(channels, widths[n], 4, sizes[n + 1]))

    def _up(self, n: int, widths: list[int], sizes: list[Size]) -> nn.Module:
        """Return the layers to size ``n`` from the next smaller one."""
        inner = len(widths) - 1 - n  # doublings before this one
        channels = widths[n] * (2 if inner else 1)
        layers = self._double(self._recipe, channels, widths[n - 1], sizes[n + 1], sizes[n])
        if self.options.dropout > 0.0 and inner < min(3, len(widths) // 2):
            layers.append(Dropout((widths[n - 1], *sizes[n]), self.options.dropout))
        return nn.Sequential(nn.ReLU(), *layers)

    def _double(self, recipe: Recipe, channels: int, features: int, size: Size, to: Size) -> list[nn.Module]:
        """Return a layer that doubles the size, with the rows and columns that the doubling lacks."""
        odd = (to[0] - 2 * size[0], to[1] - 2 * size[1])
        return recipe.transposed(channels, features, 4, to, odd)

    @property
    def _recipe(self) -> Recipe:
        return Recipe(self.options.norm, self.options.affine)

    def _sizes(self, inputs: tuple[Space, ...], makes: Space) -> list[Size]:
        """Return the size of the images, and after each halving."""
        size = common_size(inputs)
        if size is None or size != common_size((makes,)) or min(size) < 2:
            why = f"images of one size are expected, which {makes} must have too; mlp takes any shape"
            raise self.lacks("translator", inputs, why)
        chain = [size]
        while min(chain[-1]) > 1 and (self.options.depth == 0 or len(chain) <= self.options.depth):
            chain.append((chain[-1][0] // 2, chain[-1][1] // 2))
        return chain


@register_family("unet-nearest", version=2, init="normal")
class NearestUNets(UNets):
    """As `unet`, but nearest neighbours and convolutions of 3x3 double the size.

    Transposed convolutions leave checkerboards, which take long to vanish (Odena et al. 2016, Deconvolution
    and Checkerboard Artifacts, https://distill.pub/2016/deconv-checkerboard).
    """

    def _double(self, recipe: Recipe, channels: int, features: int, size: Size, to: Size) -> list[nn.Module]:
        return [nn.Upsample(to), *recipe.same(channels, features, 3, to)]
