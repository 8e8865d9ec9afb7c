"""Datasets by name: registration (also of plug-ins), look-up and loading."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, get_args

from gan_bench.datasets import own
from gan_bench.datasets.base import Dataset, DatasetError, Kind, choose
from gan_bench.datasets.checks import check
from gan_bench.datasets.folders import Folders, Unreachable
from gan_bench.errors import UnknownEntry
from gan_bench.names import Registry

Factory = TypeVar("Factory", bound=Callable[..., Dataset])


class UnknownName(DatasetError, UnknownEntry):
    """No dataset has this name; the message gives the nearest that exists."""


@dataclass(frozen=True)
class Info:
    """One entry of the registry: facts about a dataset that need no loading.

    Attributes:
        name: the name it is registered under.
        kind: ``"scalar"``, ``"planar"``, ``"vectors"`` or ``"images"``.
        title: its name in tables.
        source: a paper, a library or an address.
        files: its factory needs files, and is called with the `Folders` to look in.
        stand_in: name of the dataset that replaces it if these files cannot be reached.
        factory: the class or function that makes it.
    """

    name: str
    kind: Kind
    title: str
    source: str
    files: bool
    stand_in: str | None
    factory: Callable[..., Dataset]


ORDER = (
    "gaussian1d", "dirac", "quadratic", "ring", "grid", "sine", "two-curves", "spiral", "pinwheel",
    "turned", "mixture-1200d", "digit-outlines", "inverted-digits", "tinted-digits",
    "inverted-tinted-digits", "three-tints", "hued-digits", "photographs-x4", "blended-digits",
    "blended-mnist", "digits", "mnist", "fashion-mnist", "cifar10", "usps", "mnist-usps", "usps-mnist",
    "facades", "facades-256", "facade-labels", "sr-x4", "sr-x2", "sr-x4-set14", "stacked-digits",
    "stacked-mnist",
)  # fmt: skip
"""The datasets of this package in the order of lists and tables; plug-ins' follow in their kind."""

DATASETS: Registry[Info] = Registry("dataset", refused=DatasetError, unknown=UnknownName, order=ORDER)


def register_dataset(
    name: str,
    *,
    kind: Kind,
    title: str | None = None,
    source: str = "",
    files: bool = False,
    stand_in: str | None = None,
) -> Callable[[Factory], Factory]:
    """Register a Dataset class, or a function that returns one, under `name`.

    It is called without arguments, or with one `Folders` if `files` is true; it then raises `Unreachable`
    if it finds nothing, and `stand_in` is loaded instead.

    Raises:
        DatasetError: if the name is taken, or the kind unknown.
    """
    choose("kind", kind, get_args(Kind), name)

    def add(factory: Factory) -> Factory:
        entry = Info(name, kind, title or name, source, files, stand_in, factory)
        DATASETS.add(name, entry, factory)
        return factory

    return add


def names() -> tuple[str, ...]:
    """Return the names of all datasets, simplest kind first, in each kind in the order of `ORDER`."""
    kinds = get_args(Kind)
    return tuple(sorted(DATASETS, key=lambda name: kinds.index(DATASETS.get(name).kind)))


def known(name: str) -> bool:
    """Return whether `load` takes a name: a registered one, or the address of a user's own files."""
    return name in DATASETS or own.is_address(name)


def whole_name(name: str) -> str:
    """Return a name by which every process finds a dataset: of own files their whole path."""
    address = None if name in DATASETS else own.Address.parse(name)
    return name if address is None else str(address.absolute())


def with_options(name: str, **given: object) -> str:
    """Return the name of own data with further options: ``size=64``, ``grey=True``; None and False are none.

    Raises:
        DatasetError: for options of a dataset that has none.
    """
    words = {key: own.FLAG if value is True else str(value) for key, value in given.items() if value}
    if not words:
        return name
    address = None if name in DATASETS else own.Address.parse(name)
    if address is None:
        options = " and ".join(f"--{key}" for key in words)
        raise DatasetError(
            f"{options}: {name} has its own; expected own images, as in --dataset images:FOLDER"
        )
    return str(address.with_options(words))


def info(name: str) -> Info:
    """Return the entry of a dataset, without loading it.

    Raises:
        UnknownName: with the nearest name.
    """
    return DATASETS.get(name)


def load(
    name: str,
    *,
    roots: Sequence[Path | str] = (),
    cache: Path | None = None,
    allow_download: bool = True,
    stand_in: bool = True,
) -> Dataset:
    """Load a dataset.

    Args:
        name: one of `names()`, or the address of a user's own files, see `datasets.own`.
        roots: folders in torchvision's layout, searched first and never written to; default: those in the
            environment variable BENCH_DATA.
        cache: folder of downloads; default `datasets.folders.cache_folder()`.
        allow_download: whether downloads are allowed.
        stand_in: whether another dataset may replace one that cannot be reached; the result has its name in
            `stand_in_for`.

    Raises:
        UnknownName: for a name that is neither registered nor an address.
        DatasetError: for a damaged or incomplete file, a missing root, data that cannot be reached, or that
            fail the checks of `datasets.checks`.
    """
    if name not in DATASETS and own.is_address(name):
        made = own.load(whole_name(name), Folders.of(roots, cache, allow_download))
        check(made)
        return made
    entry = info(name)
    try:
        return _make(entry, (Folders.of(roots, cache, allow_download),) if entry.files else ())
    except Unreachable as error:
        if not (stand_in and entry.stand_in):
            raise
        reason = str(error)
    substitute = load(entry.stand_in, roots=roots, cache=cache, allow_download=allow_download, stand_in=False)
    substitute.stand_in_for, substitute.stand_in_reason = name, reason
    return substitute


def _make(entry: Info, arguments: tuple[Folders, ...]) -> Dataset:
    """Call the factory and check the dataset; an error of a plug-in names the dataset and its line."""
    own = getattr(entry.factory, "__module__", "").startswith("gan_bench.datasets.")
    try:
        made = entry.factory(*arguments)
        if not isinstance(made, Dataset):
            raise DatasetError(
                f"'{entry.name}' is no Dataset: its factory {entry.factory!r} returned {type(made).__name__}"
            )
        if made.kind != entry.kind:
            raise DatasetError(f"'{entry.name}' is registered as {entry.kind} but is {made.kind}")
        check(made)
    except Unreachable:
        raise
    except Exception as error:
        if own:
            raise
        kind = "" if isinstance(error, DatasetError) else f"{type(error).__name__}: "
        raise DatasetError(f"dataset '{entry.name}'{_line(entry, error)}: {kind}{error}") from error
    return made


def _line(entry: Info, error: Exception) -> str:
    """Return the place of an error in the factory's file, as `` (mine.py, line 12)``."""
    try:
        file = inspect.getsourcefile(getattr(entry.factory, "func", entry.factory))
    except TypeError:  # made without a file
        return ""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f" ({Path(file).name}, line {lines[-1]})" if file and lines else ""
