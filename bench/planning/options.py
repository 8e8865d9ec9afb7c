"""Fields of requests that the command line gives as one text: markers and readers.

A request is a dataclass. `Annotated[..., Text(read), typer.Option(...)]` says that a field is read from the
text of its option; `bench.commands.options.reads` makes the command's options from these fields.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from gan_bench.bench.common.errors import UsageError, check_name
from gan_bench.bench.planning.ranges import MOST_PACK
from gan_bench.bench.planning.suite import MOST_TRIALS


@dataclass(frozen=True)
class Text:
    """A field that is read from a text.

    Attributes:
        read: text -> value; raises UsageError, naming the option.
        default: the text of an option that is not given.
    """

    read: Callable[[str], Any]
    default: str = ""


PLUGIN = typer.Option(
    "--plugin", metavar="FILE.py", help="Your own variants, datasets or metrics; repeatable."
)
Plugins = Annotated[tuple[Path, ...], PLUGIN]
DATA = typer.Option("--data-dir", help="A folder of image data in torchvision's layout; repeatable.")
DataDirs = Annotated[tuple[Path, ...], DATA]
WITH = "A file of results to put on the same boards: reference is the package's own; repeatable."
BESIDE = typer.Option("--with", metavar="reference|FILE", help=WITH)
Beside = Annotated[tuple[str, ...], BESIDE]
Changes = Annotated[
    tuple[str, ...],
    typer.Option("--set", metavar="[VARIANT.]NAME=VALUE", help="A hyperparameter; repeatable."),
]


Size = Annotated[
    int | None,
    typer.Option("--size", min=2, metavar="SIDE", help="Crop and resize own images to squares of this side."),
]
Grey = Annotated[bool, typer.Option("--grey", help="Make own images grey.")]


Inception = Annotated[
    str | None,
    typer.Option(
        "--inception",
        metavar="download|FILE",
        help="Inception's weights, for FID and the like: download them, or read torch-fidelity's file.",
    ),
]


def inception_source(given: str | None) -> str | None:
    """Return `download`, the absolute path of a file of weights, or None; raise UsageError for no file."""
    if given in (None, "download"):
        return given
    path = Path(given)
    if not path.is_file():
        raise UsageError(f"--inception {given}: no such file; expected download or a file of weights")
    return str(path.resolve())


def check_device(device: str) -> None:
    """Raise UsageError for a device that no machine has."""
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", device):
        raise UsageError(f"--device {device}: expected auto, cpu or cuda")


def nonempty(text: str) -> str | None:
    """Return a text, or None for an empty one."""
    return text or None


Dataset = Annotated[
    str | None,
    Text(nonempty),
    typer.Option(
        help="In place of the suite's: any (`list datasets`), or own: images:FOLDER, FILE.npz, hf:NAME."
    ),
]
Architecture = Annotated[
    str | None,
    Text(nonempty),
    typer.Option(
        metavar="NAME[, OPTION=VALUE ...]",
        help="A family of networks, or one that the suite names: 'mlp, hidden=[128, 128]', conv.",
    ),
]


def parse_whole(text: str) -> int | None:
    """Return the whole number that a text stands for in Python (`3`, `1_000`, `1e3`), or None."""
    from gan_bench.variants.hyperparameters import whole

    return value if isinstance(value := whole(text), int) else None


def parse_names(text: str) -> tuple[str, ...] | None:
    """`a,b+gp(target=0, weight=1)` -> these two, as commas inside parentheses stay; nothing -> None."""
    return tuple(filter(None, (name.strip() for name in re.split(r",(?![^()]*\))", text)))) or None


def parse_seeds(text: str) -> tuple[int, ...] | None:
    """`5` -> 0 … 4; `0,1,7` and `0-4` -> these; nothing -> None. Raises UsageError."""
    if not text:
        return None
    if (count := parse_whole(text)) is not None:
        spans = [range(count)]
    else:
        spans = []
        for part in filter(None, map(str.strip, text.split(","))):
            first, dash, last = part.partition("-")
            ends = parse_whole(first), parse_whole(last if dash else first)
            if ends[0] is None or ends[1] is None or ends[1] < ends[0]:
                raise UsageError(f"--seeds {text}: expected a count (5), a list (0,1,7) or a range (0-4)")
            spans.append(range(ends[0], ends[1] + 1))
    if sum(max(0, span.stop - span.start) for span in spans) > MOST_TRIALS:
        raise UsageError(f"--seeds {text}: at most {MOST_TRIALS:,} seeds expected")
    if count == 0:
        raise UsageError(
            f"--seeds {text} is a count, of no seeds; expected `--seeds 0,` or `--seeds 0-0` for seed 0, or a"
            " count of at least 1"
        )
    seeds = list(itertools.chain.from_iterable(spans))
    if not seeds or max(seeds) >= 2**63:
        raise UsageError(
            f"--seeds {text}: no seeds below 2^63; expected a count of at least 1, a list or a range"
        )
    return tuple(dict.fromkeys(seeds))


def parse_pack(text: str) -> int | str | None:
    """Return a number of at least 1, `auto`, or None for nothing. Raises UsageError."""
    if text in ("", "auto"):
        return text or None
    if (size := parse_whole(text)) is not None and size > 0:
        return size
    raise UsageError(f"--pack {text}: expected auto or a number of at least 1")


def parse_packs(text: str) -> tuple[int, ...]:
    """`4,16` -> 1, 4, 16: ascending, a single replica always among them. Raises UsageError."""
    sizes = [parse_whole(part) for part in text.split(",")]
    if any(size is None or not 1 <= size <= MOST_PACK for size in sizes):
        raise UsageError(f"--packs {text}: expected numbers from 1 to {MOST_PACK}, separated by commas")
    return tuple(sorted({1, *(size for size in sizes if size is not None)}))


def parse_classes(text: str) -> tuple[int, ...] | None:
    """`3` or `0,1,2` -> these labels; nothing -> None. Raises UsageError."""
    labels = [parse_whole(part) for part in text.split(",")] if text else []
    if any(label is None or label < 0 for label in labels):
        raise UsageError(f"--class {text}: expected labels, which are numbers from 0, separated by commas")
    return tuple(label for label in labels if label is not None) or None


def parse_switch(text: str) -> bool:
    """`on` -> True, `off` -> False. Raises UsageError."""
    if text not in ("on", "off"):
        raise UsageError(f"--compile {text}: expected on or off")
    return text == "on"


EQUAL = ("kimg", "seconds", "flop")
"""Costs in which a report compares trials: the keys of `reports.equal.COSTS`, which loads pandas."""


def choice(option: str, *choices: str) -> Text:
    """Return the marker of an option that takes one of `choices`, or is left out (None)."""

    def read(text: str) -> str | None:
        if text:
            check_name(option, text, choices)
        return text or None

    return Text(read)


Equal = Annotated[
    str | None,
    choice("--equal", *EQUAL),
    typer.Option("--equal", help="Compare at equal kimg, seconds or flop. Default: kimg."),
]
"""The cost in which a report compares trials; None: kimg."""
