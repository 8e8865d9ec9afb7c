"""Spaces: the type of one field of data, for datasets, games and networks alike."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Space:
    """The values that one field of data can take.

    Attributes:
        shape: of one sample; ``(channels, height, width)`` for images, ``()`` for labels.
        bounds: lowest and highest prepared value, ``None`` where there is no bound.
        classes: number of classes of labels, which are whole numbers from 0 (int64); ``None`` for numbers.
        unit: unit of the raw values, for axes; empty for pure numbers.

    Raises:
        ValueError: for a size or a number of classes below 1, bounds that do not ascend, or labels with
            bounds.
    """

    shape: tuple[int, ...] = ()
    bounds: tuple[float, float] | None = None
    classes: int | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", tuple(self.shape))
        if any(size < 1 for size in self.shape):
            raise ValueError(f"a space of shape {self.shape}: sizes of at least 1 expected")
        if self.classes is not None and (self.classes < 1 or self.bounds is not None):
            raise ValueError(
                f"{self.classes} classes within {self.bounds}: labels have classes and no bounds"
            )
        if self.bounds is not None and not self.bounds[0] < self.bounds[1]:
            raise ValueError(f"bounds {self.bounds}: the first must be below the second")

    @property
    def is_label(self) -> bool:
        """Return whether the values are labels: integers by declaration, never prepared or restored."""
        return self.classes is not None

    @property
    def is_image(self) -> bool:
        """Return whether a sample has channels, height and width."""
        return len(self.shape) == 3

    def __str__(self) -> str:
        """Return the words of messages: ``labels of 10 classes``, ``1x28x28 in [-1, 1]``."""
        if self.is_label:
            of = "x".join(map(str, self.shape))
            return f"labels of {self.classes} classes" + (f", {of} each" if of else "")
        size = "x".join(map(str, self.shape)) or "one number"
        return size if self.bounds is None else f"{size} in [{self.bounds[0]:g}, {self.bounds[1]:g}]"


Span = tuple[int, int]
"""The first pixel, and the one after the last."""


@dataclass(frozen=True)
class Grid:
    """The native pixels of enlarged images, each by the rows and columns of pixels that depend on it.

    A hole in an enlarged image has to cover every pixel that depends on a native pixel within: the others
    would show something of it.

    Attributes:
        rows: for each native row, the rows of pixels.
        columns: for each native column, the columns of pixels.
    """

    rows: tuple[Span, ...]
    columns: tuple[Span, ...]

    @classmethod
    def plain(cls, height: int, width: int) -> Grid:
        """Return the grid of images that are not enlarged: every pixel depends on itself."""
        return cls(*(tuple((place, place + 1) for place in range(size)) for size in (height, width)))
