"""Generated images above the training images nearest to them: copies can be told by eye."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from gan_bench.reports.frames import ENTRY
from gan_bench.reports.labels import number, short
from gan_bench.reports.plots.board import Board
from gan_bench.reports.plots.figure import WIDTH, Plot, finish, frame
from gan_bench.reports.plots.samples import WEIGHTS, load
from gan_bench.reports.sheets import as_images
from gan_bench.reports.style import INK

SEEDS = 3  # of an entry; all have the same shape, and the eye learns nothing from more
LEFT, RIGHT = 0.75, 0.08  # inches
HEAD, FOOT = 0.2, 0.24  # inches above and below each pair of rows
KINDS = tuple(f"{what}_{kind}" for kind in WEIGHTS for what in ("nearest", "distance"))


def copies(board: Board) -> Iterator[Plot]:
    """Yield a figure per entry: generated images of its first seeds, nearest training images, distances."""
    if not board.frames.trials["kind"].eq("images").any():
        return
    for label in board.shown:
        trials = board.frames.trials[board.frames.trials["label"] == label].sort_values("seed")
        lines = []
        for _, trial in trials[trials["samples"] != ""].head(SEEDS).iterrows():
            arrays = load(trial["samples"], (*WEIGHTS, *KINDS, "distance_test"))
            lines += [(trial, kind, arrays) for kind in WEIGHTS if f"nearest_{kind}" in arrays]
        if lines and as_images(lines[0][2]["nearest_final"]) is not None:
            yield _copies(board, label, lines)


def _copies(board: Board, label: str, lines: list[tuple[pd.Series, str, dict[str, np.ndarray]]]) -> Plot:
    first = _pairs(lines[0][2], lines[0][1])
    inches = (WIDTH - LEFT - RIGHT) * first.shape[0] / first.shape[1]
    title = f"Generated images of {short(label, 40)} and the training images nearest to them"
    usual = float(np.median(lines[0][2]["distance_test"]))
    context = (
        f"{board.context}. Numbers: root mean square difference of pixels (0 to 255) between the two; "
        f"test images are {number(usual, 3)} from their nearest training image (median)."
    )
    figure, (bottom, height) = frame(title, context, len(lines) * (inches + HEAD + FOOT), below=0.05)
    step = height / len(lines)
    tall = step * inches / (inches + HEAD + FOOT)
    tables = []
    for index, (trial, kind, arrays) in enumerate(lines):
        picture = _pairs(arrays, kind)
        base = bottom + height - (index + 1) * step + step * FOOT / (inches + HEAD + FOOT)
        axes = figure.add_axes((LEFT / WIDTH, base, 1 - (LEFT + RIGHT) / WIDTH, tall))
        axes.imshow(picture, aspect="auto", interpolation="none")
        distances = arrays[f"distance_{kind}"]
        count, side = len(distances), picture.shape[1] / len(distances)
        axes.set_xticks([(place + 0.5) * side - 0.5 for place in range(count)],
                        [number(distance, 3) for distance in distances])  # fmt: skip
        rows = picture.shape[0]
        axes.set_yticks([rows / 4, 3 * rows / 4], ["generated", "nearest\nin training"])
        axes.tick_params(length=0, labelsize=6.5)
        axes.grid(False)
        for spine in axes.spines.values():
            spine.set_visible(False)
        head = f"seed {trial['seed']:.0f}, {WEIGHTS[kind]}"
        axes.annotate(head, (0, 1), (0, 3), "axes fraction", "offset points", size=7.5, color=INK)
        table = pd.DataFrame({"place": range(count), "distance": distances})
        for at, name in enumerate(["trial", "seed", *ENTRY]):
            table.insert(at, name, trial[name])
        tables.append(table.assign(weights={"final": "raw"}.get(kind, kind), distance_test_median=usual))
    data = pd.concat(tables, ignore_index=True)
    alt = (
        f"{title}, {len(lines)} lines of {len(data) // len(lines)}; {board.title}. Median distance "
        f"{number(float(data['distance'].median()), 3)}, of test images {number(usual, 3)}."
    )
    return finish(figure, name=board.name("copies", label), title=title, alt=alt, data=data, label=label,
                  further=board.further(label))  # fmt: skip


def _pairs(arrays: dict[str, np.ndarray], kind: str) -> np.ndarray:
    """Return two rows of images with a grey pixel between them, [height, width, 3] uint8."""
    near = as_images(arrays[f"nearest_{kind}"])
    generated = as_images(arrays[kind][: len(arrays[f"nearest_{kind}"])])
    assert near is not None
    assert generated is not None
    rows = []
    for images in (generated, near):
        colour = np.repeat(images, 3, 1) if images.shape[1] == 1 else images
        framed = np.pad(colour, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=128)
        rows.append(np.concatenate(list(framed.transpose(0, 2, 3, 1)), axis=1))
    return np.concatenate(rows)
