"""Every variant that can do more than sample has pictures of it, on images and on points."""

import matplotlib as mpl
import pytest

from gan_bench import variants
from gan_bench.bench.abilities.classes import labelled
from gan_bench.bench.abilities.kinds import KINDS, pictures
from gan_bench.bench.abilities.subject import Subject, evaluation_draws
from gan_bench.bench.abilities.traversals import codes_of
from gan_bench.reports.plots.abilities import KINDS as DRAWN
from gan_bench.reports.plots.abilities.content import Content
from tests.training import MLP, dataset, ground, make_job, trained

mpl.use("agg")
ABLE = [name for name in variants.names() if len(variants.info(name).game.abilities()) > 1]
GROUNDS = {"points": ("ring", "turned"), "images": ("digits", "inverted-digits")}
ASKS = {"codes": "encode", "clusters": "cluster", "confusion": "classify"}


@pytest.mark.parametrize("variant", ABLE)
@pytest.mark.parametrize("data", GROUNDS)
def test_every_ability_is_kept_and_drawn(variant, data):
    source = dataset(ground(variant, GROUNDS[data]))
    model = trained(make_job(variant, iterations=1, architecture=MLP), source).models(1.0)[0]
    kept = pictures(model, source, "raw", "final")
    found = {kind for kind in KINDS if any(name.startswith(f"{kind}.") for name in kept)}
    subject = Subject(model, source, "raw", evaluation_draws(source.name))
    classes = "label" in source.spaces
    expected = {kind for kind, ability in ASKS.items() if ability in model.abilities}
    expected -= set() if classes else {"confusion"}
    expected |= {"classes"} if classes and labelled(model.abilities) else set()
    codes = set(codes_of(subject)) - ({"label"} if labelled(model.abilities) else set())
    expected |= {"traversal"} if codes else set()
    assert found == expected
    real = None if source.kind == "images" else source.reference("test").double().numpy()
    for kind in found - {"clusters"}:
        arrays = {n.removeprefix(f"{kind}.final."): a for n, a in kept.items() if n.startswith(f"{kind}.")}
        drawn = [*DRAWN[kind](Content(arrays, variant, "a test", real))]
        assert drawn, kind
        if kind in ("classes", "traversal"):
            assert all((drawing.images is not None) == (source.kind == "images") for drawing in drawn)
