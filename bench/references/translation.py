"""Reference rows of translation and restoration: what trivial methods make of the inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gan_bench.bench.references.declarations import Ask, Start
from gan_bench.bench.references.registry import register

if TYPE_CHECKING:  # torch loads slowly, and planning needs no more than the list of rows
    from torch import Tensor

    from gan_bench.bench.metrics.directions import Tasks
    from gan_bench.datasets.base import Dataset
    from gan_bench.datasets.finite import Restored
    from gan_bench.variants.declarations import Ability

Method = Callable[[Ask, str], "Tensor"]
"""A function of a request and the name of the field to make, which returns its rows."""


@dataclass
class _Trivial:
    """A method in the place of a trained translator, in every direction that it has for the data."""

    method: Method
    tasks: Tasks

    @property
    def abilities(self) -> Mapping[str, Ability]:
        from gan_bench.variants.declarations import Ability

        return {name: Ability(inputs, makes) for name, (inputs, makes) in self.tasks.items()}

    def __call__(self, ask: Ask) -> Restored:
        import torch

        from gan_bench.datasets.finite import Restored

        _, makes = self.tasks[ask.ability]
        made = self.method(ask, makes)
        return Restored(made if ask.draws == 1 else torch.stack([made] * ask.draws), 0)


def trivial(
    name: str, *, fits: Callable[[Dataset, tuple[str, ...], str], bool], **fields: Any
) -> Callable[[Method], Method]:
    """Register a method as a reference row of the data that it fits.

    Args:
        name: of the row.
        fits: of a dataset, the fields that are read and the one that is made: whether there is such a row.
        fields: as in `register`.
    """

    def fitting(dataset: Dataset) -> Tasks:
        from gan_bench.bench.metrics.directions import tasks_of

        return {task: of for task, of in tasks_of(dataset).items() if fits(dataset, *of)}

    def add(method: Method) -> Method:
        @register(name, fits=lambda dataset: bool(fitting(dataset)), **fields)
        class Row(_Trivial):
            def __init__(self, start: Start) -> None:
                super().__init__(method, fitting(start.dataset))

        return method

    return add


def _alike(dataset: Dataset, inputs: tuple[str, ...], makes: str) -> bool:
    return dataset.spaces[inputs[0]].shape == dataset.spaces[makes].shape


def _of_images(dataset: Dataset, _inputs: tuple[str, ...], makes: str) -> bool:
    return dataset.spaces[makes].is_image


def _of_pairs(_dataset: Dataset, inputs: tuple[str, ...], _makes: str) -> bool:
    return inputs == ("a",)


def _enlarged(_dataset: Dataset, inputs: tuple[str, ...], _makes: str) -> bool:
    return inputs == ("low",)


@trivial("identity", fits=_alike, title="identity", meaning="every input left as it is")
def identity(ask: Ask, _makes: str) -> Tensor:
    """Return the inputs."""
    return next(iter(ask.given.values()))


@trivial(
    "known-map",
    fits=lambda dataset, inputs, makes: dataset.truth.map_of(inputs, makes) is not None,
    title="known map",
    meaning="every input taken where it belongs",
)
def known_map(ask: Ask, _makes: str) -> Tensor:
    """Return the images of the inputs under the map that the dataset's truth knows."""
    assert ask.target is not None
    return ask.target.to(next(iter(ask.given.values())))


@trivial(
    "mean-image",
    fits=_of_images,
    title="mean image",
    meaning="the mean of the training images, whatever the input; "
    "a translation that is no better has not read its input",
)
def mean_image(ask: Ask, makes: str) -> Tensor:
    """Return the mean training image of the field, once for each input."""
    import torch

    from gan_bench.bench.metrics.seen import seen_rows

    rows = seen_rows(ask.dataset, makes)
    mean = rows.sum(0, dtype=torch.float64) / len(rows)
    return mean.round().byte().expand(ask.count, *mean.shape)


@trivial(
    "nearest-pair",
    fits=_of_pairs,
    title="nearest pair",
    meaning="the output of the training pair whose input is nearest by its pixels; "
    "a translation that is no better could as well look up its training data",
)
def nearest_pair(ask: Ask, makes: str) -> Tensor:
    """Return the output of the training pair whose input has the smallest Euclidean distance."""
    from sklearn.neighbors import NearestNeighbors

    from gan_bench.bench.metrics.pairing import training_rows
    from gan_bench.bench.metrics.seen import seen_count

    ((field, given),) = ask.given.items()
    pairs = training_rows(ask.dataset, (field, makes), seen_count(ask.dataset))
    search = NearestNeighbors(n_neighbors=1).fit(pairs[field].flatten(1).double().numpy())
    return pairs[makes][search.kneighbors(given.flatten(1).double().numpy(), return_distance=False)[:, 0]]


@trivial(
    "bicubic",
    fits=_enlarged,
    title="bicubic",
    meaning="the input enlarged by cubic interpolation as MATLAB's imresize does; "
    "the least that super-resolution must exceed",
)
def bicubic(ask: Ask, makes: str) -> Tensor:
    """Return the inputs enlarged by bicubic interpolation, rounded."""
    from gan_bench.datasets.resizing import enlarge

    return _pixels(enlarge(ask.given["low"].double(), ask.dataset.spaces[makes].shape[-2:]))


@trivial(
    "bicubic-torch",
    fits=_enlarged,
    title="bicubic (PyTorch)",
    meaning="the input enlarged by PyTorch's bicubic interpolation, whose parameter is -0.75, MATLAB's -0.5; "
    "the image to which networks with a bicubic skip add details",
)
def bicubic_of_torch(ask: Ask, makes: str) -> Tensor:
    """Return the inputs enlarged by PyTorch's bicubic interpolation, rounded."""
    from torch.nn.functional import interpolate

    size = ask.dataset.spaces[makes].shape[-2:]
    return _pixels(interpolate(ask.given["low"].double(), size, mode="bicubic"))


@trivial(
    "nearest-neighbour",
    fits=_enlarged,
    title="nearest neighbour",
    meaning="every pixel of the input repeated",
)
def nearest_neighbour(ask: Ask, makes: str) -> Tensor:
    """Return the inputs with every pixel repeated."""
    low, size = ask.given["low"], ask.dataset.spaces[makes].shape[-2:]
    times = [large // small for large, small in zip(size, low.shape[-2:], strict=True)]
    return _pixels(low.repeat_interleave(times[0], 2).repeat_interleave(times[1], 3))


def _pixels(values: Tensor) -> Tensor:
    return values.round().clamp(0, 255).byte()
