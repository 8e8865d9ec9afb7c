"""Networks whose normalisations follow a style, given beside their input."""

from __future__ import annotations

from torch import Tensor, nn

from gan_bench.spaces import Space
from gan_bench.variants.networks.inputs import Channels, Flat, flat_width, is_map
from gan_bench.variants.networks.norms import AdaptiveNorm


class Sequence(nn.Sequential):
    """A sequence that passes a style to adaptive normalisation, at any depth."""

    def forward(self, x: Tensor, style: Tensor | None = None) -> Tensor:
        """Apply the layers to ``[batch, ...]``; the style is ``[batch, size]``."""
        for layer in self:
            x = layer(x, style) if isinstance(layer, (AdaptiveNorm, Residual)) else layer(x)
        return x


class Residual(nn.Module):
    """The sum of a shortcut and a branch (He et al. 2016, arXiv:1512.03385, equations 1 and 2).

    Args:
        branch: the layers of the branch, which may take a style.
        shortcut: the layers of the shortcut; none: the identity.
    """

    def __init__(self, branch: list[nn.Module], shortcut: list[nn.Module] | None = None) -> None:
        super().__init__()
        self.branch = Sequence(*branch)
        self.shortcut = nn.Sequential(*shortcut or [])

    def forward(self, x: Tensor, style: Tensor | None = None) -> Tensor:
        """Map ``[batch, channels, h, w]`` to a map whose size and channels are the branch's."""
        return self.shortcut(x) + self.branch(x, style)


class Styled(nn.Module):
    """A network whose labels and vectors beside the first input set the statistics of adaptive norms.

    They pass a perceptron of two hidden layers of equal width (MUNIT, networks.py, MLP); the last layer of
    MUNIT's perceptron is shared out over the norms here.

    Args:
        inputs: spaces, in the order of the call: a vector or images first; further images are joined with it.
        layers: of the first input.
        width: of the perceptron; the size of the style that the norms receive.
    """

    def __init__(self, inputs: tuple[Space, ...], layers: list[nn.Module], width: int) -> None:
        super().__init__()
        self.content = [place == 0 or is_map(space) for place, space in enumerate(inputs)]
        others = [space for space, content in zip(inputs, self.content, strict=True) if not content]
        maps = [space for space in inputs if is_map(space)]
        self.read = Channels(maps) if maps else nn.Identity()
        self.style = nn.Sequential(
            nn.Linear(flat_width(others), width), nn.ReLU(), nn.Linear(width, width), nn.ReLU()
        )
        self.flat = Flat(others)
        self.body = Sequence(*layers)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Map tensors ``[batch, *shape]`` to the output of the layers."""
        content = [given for given, of in zip(inputs, self.content, strict=True) if of]
        others = [given for given, of in zip(inputs, self.content, strict=True) if not of]
        return self.body(self.read(*content), self.style(self.flat(*others)))
