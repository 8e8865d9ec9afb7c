"""Pictures of a trained game's abilities: rows of classes or codes, reconstructions, clusters."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from gan_bench.bench.abilities.classes import rows_of_classes
from gan_bench.bench.abilities.codes import clusters
from gan_bench.bench.abilities.subject import Subject
from gan_bench.bench.abilities.traversals import codes_of, traversal
from gan_bench.bench.common.errors import UsageError, check_name
from gan_bench.bench.engine.model import Model, Weights
from gan_bench.bench.planning.ranges import check_memory
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.sampling.generate import check_classes, labelled_ability
from gan_bench.bench.sampling.latents import draw
from gan_bench.bench.sampling.pictures import REAL
from gan_bench.bench.sampling.request import Request
from gan_bench.names import counted
from gan_bench.reports.labels import quantity
from gan_bench.reports.plots.abilities import KINDS as DRAWINGS
from gan_bench.reports.plots.abilities.content import Content
from gan_bench.reports.plots.figure import png, rc

KINDS = {"labels": "classes", "traversal": "traversal", "reconstructions": "beside", "clusters": "clusters"}
"""Picture of a request -> its kind in `reports.plots.abilities.KINDS`."""


@dataclass(frozen=True)
class Pictured:
    """Outputs of one ability, as a picture's arrays.

    Attributes:
        kind: of `reports.plots.abilities.KINDS`.
        arrays: as the kind stores them, raw.
        says: what rows and columns are, for the terminal.
        part: the ability, where a kind shows any of several.
    """

    kind: str
    arrays: dict[str, np.ndarray]
    says: str
    part: str = ""


def picture(request: Request, model: Model, dataset: Any, variant: str) -> Pictured:
    """Return the arrays of a picture of an ability.

    Args:
        request: the options; its picture is one of `KINDS`.
        model: the trained model.
        dataset: of its trial.
        variant: its name, for messages.

    Raises:
        UsageError: if the game lacks the ability or the code, or outputs are not finite.
    """
    if request.ema and not model.has_ema:
        raise UsageError(f"--ema: this trial of {variant} has no averaged weights; train with ema above 0")
    check_memory("-n", request.latents, dataset.shape)
    weights: Weights = "ema" if request.ema else "raw"
    subject = Subject(model, dataset, weights, lambda noise, count: draw(noise, count, request.seed))
    made, says = _MAKERS[request.what](request, subject, variant)
    if not made:
        raise UsageError(f"{variant}: some outputs are not finite and cannot be drawn")
    part = "reconstruct" if request.what == "reconstructions" else ""
    return Pictured(KINDS[request.what], {name: rows.numpy() for name, rows in made.items()}, says, part)


def _classes(request: Request, subject: Subject, variant: str) -> tuple[dict, str]:
    labelled_ability(variant, subject.abilities, "--labels")
    if request.classes is not None:
        check_classes(request.classes, subject.model)
    made = rows_of_classes(subject, request.latents, request.classes)
    shown = ", ".join(map(str, made["class"].tolist())) if made else ""
    return made, f"Rows: classes {shown}. Samples of a column share their latents."


def _traversal(request: Request, subject: Subject, variant: str) -> tuple[dict, str]:
    codes = codes_of(subject)
    if not codes:
        raise UsageError(f"--traverse: {variant} has no codes; {_can(subject)}")
    code = request.traverse
    assert code is not None
    check_name("code", code, codes, "--traverse")
    made = traversal(subject, code, request.steps, request.latents)
    along = {f"{code}.{name}": rows for name, rows in made.items()}
    values = ", ".join(map(quantity, made["values"].tolist())) if made else ""
    several = f" for each coordinate of {code}" if made and len(made["rows"]) > 1 else ""
    return along, f"Columns: {code} = {values}. Rows: {counted(request.latents, 'draw')}, each held{several}."


def _reconstructions(request: Request, subject: Subject, variant: str) -> tuple[dict, str]:
    able = subject.abilities.get("reconstruct")
    if able is None or not able.inputs:
        raise UsageError(f"--reconstruct: {variant} does not reconstruct; {_can(subject)}")
    found = subject.answers("reconstruct", request.latents)
    if found is None:
        return {}, ""
    made, given = found
    arrays = {f"given.{field}": rows for field, rows in given.items()} | {"made": made}
    arrays |= {"target": given[able.makes]} if able.makes in given else {}
    return arrays, f"Rows in pairs: {len(made)} test samples above their reconstructions."


def _clusters(request: Request, subject: Subject, variant: str) -> tuple[dict, str]:
    if "cluster" not in subject.abilities:
        raise UsageError(f"--cluster: {variant} does not cluster; {_can(subject)}")
    made = clusters(subject, request.latents)
    return made, "Rows: clusters, their most confident test samples first."


_MAKERS = {
    "labels": _classes, "traversal": _traversal, "reconstructions": _reconstructions, "clusters": _clusters,
}  # fmt: skip


def _can(subject: Subject) -> str:
    return f"its abilities: {', '.join(sorted(subject.abilities))}"


def png_of(pictured: Pictured, trial: Trial, dataset: Any, context: str) -> bytes:
    """Return a PNG: of images every pixel, row by row with grey lines; of points a plot.

    Raises:
        UsageError: for outputs that have no picture.
    """
    planar = dataset.kind == "planar"
    real = dataset.reference("test", REAL).double().numpy() if planar else None
    content = Content(pictured.arrays, trial.variant, context, real, pictured.part)
    with rc():
        drawing = next(DRAWINGS[pictured.kind](content), None)
        if drawing is None:
            raise UsageError("these outputs have no picture; write an .npz file")
        return png(drawing.figure) if drawing.images is None else _encoded(drawing.images.picture)


def _encoded(picture: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "png")
    return buffer.getvalue()
