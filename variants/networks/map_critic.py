"""Critics of images with labels and vectors beside them; one score, or a map of scores."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from gan_bench.spaces import Space
from gan_bench.variants.networks.inputs import is_map
from gan_bench.variants.networks.layers import Stack


class Projection(nn.Module):
    """The part of a critic's score that depends on a label: its embedding times the features.

    Miyato & Koyama 2018 (arXiv:1802.05637; sngan_projection, dis_models/snresnet_64.py).

    Args:
        classes: number of labels.
        features: size of the features.
        window: of maps of scores: side of the square of features that a score is computed from, by a
            convolution of stride 1 and padding 1.
    """

    def __init__(self, classes: int, features: int, window: int = 0) -> None:
        super().__init__()
        self.embed = nn.Embedding(classes, features)
        self.window = window

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Map ``[batch, features]`` and labels ``[batch]`` to ``[batch]``; maps to maps of scores."""
        embedded = self.embed(labels)
        if not self.window:
            return (embedded * features).sum(1)
        means = avg_pool2d(features, self.window, stride=1, padding=1)
        return (embedded[:, :, None, None] * means).sum(1)


class MapCritic(nn.Module):
    """A critic of images: convolutions, a score, and where asked for logits.

    Images and maps of labels are joined as channels. Vectors are embedded and join the features of the
    convolutions (:class:`~gan_bench.variants.networks.inputs.MapJoin`); labels are projected.

    Args:
        inputs: spaces, in the order of the call.
        features: from the joined image to maps of ``width`` channels.
        join: joins vectors with the features, where there are any.
        width: channels of the features.
        window: 0: one score, from the sum of the features over positions; else a map of scores, each from
            such a square of features.
        classes: number of logits, 0 for none.
    """

    def __init__(
        self, inputs: Sequence[Space], features: Stack, join: nn.Module | None, *,
        width: int, window: int, classes: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self.kinds = ["map" if is_map(s) else "label" if s.is_label else "vector" for s in inputs]
        self.features, self.join, self.window = features, join, window
        self.score = nn.Conv2d(width, 1, window, padding=1) if window else nn.Linear(width, 1)
        labels = [s.classes for s in inputs if s.classes is not None and not is_map(s)]
        self.projections = nn.ModuleList(Projection(n, width, window) for n in labels)
        self.logits = nn.Linear(width, classes) if classes else None

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        """Map tensors ``[batch, *shape]`` to scores ``[batch]`` or ``[batch, h, w]``, and logits."""
        x = self.hidden(*inputs)
        judged = x if self.window else x.sum((2, 3))
        scores = self.score(judged).squeeze(1)
        for project, labels in zip(self.projections, self._of("label", inputs), strict=True):
            scores = scores + project(judged, labels)
        return scores if self.logits is None else (scores, self.logits(x.mean((2, 3))))

    def hidden(self, *inputs: Tensor) -> Tensor:
        """Return the feature map ``[batch, width, h, w]`` that scores and logits are computed from."""
        x = self.features(*self._of("map", inputs))
        return x if self.join is None else self.join(x, *self._of("vector", inputs))

    def activations(self, *inputs: Tensor) -> list[Tensor]:
        """Return what each layer with weights reads, but for the first one and for normalisations."""
        found, x = self.features.passed(*self._of("map", inputs))
        return [*found, x, *([] if self.join is None else [self.join(x, *self._of("vector", inputs))])]

    def _of(self, kind: str, inputs: Sequence[Tensor]) -> list[Tensor]:
        return [given for given, of in zip(inputs, self.kinds, strict=True) if of == kind]
