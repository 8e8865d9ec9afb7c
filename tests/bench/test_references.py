from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.cluster import KMeans

from gan_bench import datasets
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.compare import frame_of
from gan_bench.bench.engine.train import Trainer
from gan_bench.bench.metrics.clusters import accuracy
from gan_bench.bench.metrics.outputs import queries
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.evaluators import protocol_of
from gan_bench.bench.planning.packs import Pack, job_of
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import Suite, load_suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.bench.references import Ask, Start, info, names, register, wanted_rows
from gan_bench.bench.references.planning import Wanted
from gan_bench.bench.references.registry import REFERENCES
from gan_bench.bench.results import frames
from gan_bench.bench.results.store import Store
from gan_bench.datasets.images import ImageDataset, Split
from tests.bench.conftest import TINY
from tests.bench.conftest import Start as Session

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")


def made(name: str, data: Any, count: int = 200, draw: int = 0) -> torch.Tensor:
    """The rows that a reference makes in answer to the first query of its ability."""
    maker = info(name).start(Start(data, None, draw, "cpu"))  # type: ignore[arg-type]
    (ability, asked), *_ = maker.abilities.items()
    query = list(queries(ability, {ability: asked}, data, count))[-1]
    generator = torch.Generator().manual_seed(draw)
    return maker(Ask(data, ability, count, query.given, generator, query.paired(query.makes))).rows


def planned(text: str, folder: Path) -> tuple[Suite, list[Trial]]:
    path = folder / "mine.toml"
    path.write_text(text)
    suite = load_suite(str(path))
    return suite, plan(suite, catalogue.dataset)


# What each makes


def test_noise_fills_the_range_of_pixels_or_of_the_data() -> None:
    pixels = made("noise", datasets.load("digits"))
    assert pixels.dtype == torch.uint8
    assert pixels.shape == (200, 1, 28, 28)
    shares = torch.bincount(pixels.flatten().long(), minlength=256) / pixels.numel()
    assert (shares - 1 / 256).abs().max() < 0.001
    points = made("noise", datasets.load("ring"), 5000)
    # The ring's modes lie at radius 1: its square is filled, corners too.
    assert points.abs().max() < 1.1
    assert (points.abs().min(1).values > 0.9).any()


def test_real_data_are_training_rows_without_repetition() -> None:
    data = datasets.load("digits")
    train = data.stream("real", "train")
    everything = train.gather(torch.arange(len(train)))
    rows = made("real", data, 5000)
    assert len(rows) == len(train)  # fewer than were asked for
    assert sorted(map(bytes, rows.numpy())) == sorted(map(bytes, everything.numpy()))
    fresh = made("real", datasets.load("ring"), 5000)
    assert len(fresh) == 5000
    assert not torch.equal(fresh, datasets.load("ring").reference("test", 5000))


@pytest.mark.parametrize("name", ["digits", "ring"])
def test_real_data_by_class_are_of_the_class_that_is_asked_for(name: str) -> None:
    data = datasets.load(name)
    maker = info("real-by-class").start(Start(data, None, 0, "cpu"))  # type: ignore[arg-type]
    ((ability, _),) = maker.abilities.items()
    asked = torch.tensor([3, 3, 0, 1] * 25)
    rows = maker(Ask(data, ability, 100, {"label": asked}, torch.Generator().manual_seed(0))).rows
    if name == "ring":
        assert torch.equal(torch.cdist(rows.double(), data.truth.modes.double()).argmin(1), asked)
        return
    train = data.stream("labelled", "train").gather(torch.arange(1085))
    images = map(bytes, train["real"].numpy())
    label_of = dict(zip(images, train["label"].tolist(), strict=True))
    assert [label_of[bytes(image)] for image in rows.numpy()] == asked.tolist()
    assert len({bytes(image) for image in rows.numpy()}) == 100  # each once, before any is repeated


def test_more_real_data_of_a_class_than_there_are_repeat_it_and_a_missing_class_is_any() -> None:
    images = torch.arange(4, dtype=torch.uint8).reshape(4, 1, 1, 1).expand(4, 1, 8, 8)
    part = Split.of(images.numpy(), np.array([0, 0, 1, 1]))
    data = ImageDataset("few", {"train": part, "validation": part, "test": part}, classes=3)
    maker = info("real-by-class").start(Start(data, None, 0, "cpu"))  # type: ignore[arg-type]
    asked = torch.tensor([0, 0, 0, 0, 1, 2])
    rows = maker(Ask(data, "sample_labelled", 6, {"label": asked}, torch.Generator().manual_seed(0))).rows
    values = rows[:, 0, 0, 0].tolist()
    assert sorted(values[:4]) == [0, 0, 1, 1]
    assert values[4] in (2, 3)
    assert len(values) == 6


@pytest.mark.parametrize("name", ["kmeans", "kmeans-train"])
def test_k_means_clusters_the_modes_of_a_ring(name: str) -> None:
    data = datasets.load("ring")
    clusters = made(name, data, 400).argmax(1).numpy()
    modes = data.reference("test", 400, "label").numpy()
    assert accuracy(clusters, modes) > 0.99


def test_k_means_is_fitted_on_the_rows_that_its_name_says() -> None:
    data, test = datasets.load("digits"), datasets.load("digits").reference("test").flatten(1).numpy()
    train = data.stream("real", "train")
    rows = train.gather(torch.arange(len(train))).flatten(1).numpy()
    for name, fitted in (("kmeans", test), ("kmeans-train", rows)):
        prepared, wanted = (data.prepare(torch.from_numpy(x)).double().numpy() for x in (fitted, test))
        expected = KMeans(10, n_init=10, random_state=0).fit(prepared).predict(wanted)
        assert (made(name, data, 355).argmax(1).numpy() == expected).all()


def test_known_map_and_identity_are_what_they_say() -> None:
    data = datasets.load("turned")
    given = data.given(("domain_a",), "test", 100)
    assert torch.equal(made("identity", data, 100), given["domain_a"])
    there = data.truth.mapping["domain_a", "domain_b"](given["domain_a"].numpy())
    np.testing.assert_allclose(made("known-map", data, 100).numpy(), there, rtol=1e-6)


def test_both_directions_have_their_trivial_rows() -> None:
    data = datasets.load("tinted-digits")
    maker = info("known-map").start(Start(data, None, 0, "cpu"))  # type: ignore[arg-type]
    assert maker.abilities.keys() == {"translate", "translate_back"}
    asked = queries("translate_back", maker.abilities, data, 50)
    query = list(asked)[-1]
    target = query.paired("domain_a")
    ask = Ask(data, "translate_back", 50, query.given, torch.Generator(), target)
    assert torch.equal(maker(ask).rows, data.reference("test", 50, "domain_a"))
    assert not info("known-map").applies(datasets.load("blended-digits"))


def test_the_mean_image_and_the_nearest_pair_come_from_training() -> None:
    data = datasets.load("digit-outlines")
    pairs = data.stream("pairs").gather(torch.arange(len(data.stream("pairs"))))
    mean = made("mean-image", data, 20)
    assert torch.equal(mean[3], pairs["b"].double().mean(0).round().byte())
    given = data.given(["a"], "test", 20)["a"]
    distances = torch.cdist(given.flatten(1).double(), pairs["a"].flatten(1).double())
    for row, distance in zip(made("nearest-pair", data, 20), distances, strict=True):
        least = torch.isclose(distance, distance.min())  # outlines are black or white: there are ties
        assert any(torch.equal(row, pairs["b"][other]) for other in least.nonzero()[:, 0])
    assert not info("nearest-pair").applies(datasets.load("inverted-digits"))
    assert not info("bicubic").applies(data)


def test_untrained_networks_are_those_that_training_starts_from(tmp_path: Path) -> None:
    _, (trial, *_) = planned(TINY, tmp_path)
    data = datasets.load("ring")
    samples = []
    for seed in range(2):
        start = Start(data, trial, seed, "cpu")
        maker = info("untrained").start(start)
        samples.append(maker(Ask(data, "sample", 50, {}, torch.Generator())).rows)
        job = job_of(Pack((dataclasses.replace(trial, seed=seed),)), "cpu")
        (model,) = Trainer(job, data).models(0.0)
        assert model is not None
        assert torch.equal(samples[-1], model.make("sample", 50).rows)
    assert not torch.equal(*samples)


# Which a suite has


def wanted(text: str, folder: Path) -> list[str]:
    suite, trials = planned(text, folder)
    return [row.reference.name for row in wanted_rows(suite, trials, catalogue.dataset)]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ("ring", ["noise", "untrained", "real"]),
        ("digits", ["noise", "untrained", "real"]),
        ("dirac", []),  # a point mass is judged by the path to it
    ],
)
def test_every_kind_of_data_has_rows_by_default(data: str, rows: list[str], tmp_path: Path) -> None:
    assert wanted(TINY.replace('"ring"', f'"{data}"'), tmp_path) == rows


def test_translation_has_maps_by_default(tmp_path: Path) -> None:
    text = TINY.replace('"ring"', '"turned"').replace('"nsgan", "lsgan"', '"cyclegan"')
    text = text.replace('profile = "paper"', 'profile = "default"')
    assert wanted(text, tmp_path) == ["untrained", "identity", "known-map"]


def test_a_suite_names_its_rows(tmp_path: Path) -> None:
    assert wanted('references = ["real"]\n' + TINY, tmp_path) == ["real"]
    assert wanted("references = []\n" + TINY, tmp_path) == []


@pytest.mark.parametrize(
    ("named", "message"),
    [
        (
            "untraind",
            r"suite mine, `references`: unknown reference row 'untraind'; did you mean 'untrained'\?",
        ),
        ("identity", r"suite mine, `references`: 'identity' is meant for none of the datasets ring"),
    ],
)
def test_a_name_that_nothing_takes_is_told_while_planning(named: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        wanted(f'references = ["{named}"]\n{TINY}', tmp_path)


def test_a_dry_run_tells_it_too(session: Session, suite_file: Path, tmp_path: Path) -> None:
    suite_file.write_text('references = ["nois"]\n' + TINY)
    with pytest.raises(UsageError, match="did you mean 'noise'"):
        session(dry_run=True)
    assert not (tmp_path / "out").exists()


def test_an_including_suite_leaves_them_to_the_included(suite_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "both.toml"
    path.write_text(f'title = "t"\ninclude = ["{suite_file}"]\nreferences = ["noise"]\n')
    with pytest.raises(UsageError, match="ranking, metrics and references of the included suites"):
        load_suite(str(path))


def test_networks_have_rows_of_their_own(tmp_path: Path) -> None:
    text = TINY + '\n[architectures.wide]\nfamily = "mlp"\nhidden = [16]\n'
    assert wanted(text, tmp_path) == ["noise", "untrained", "untrained", "real"]


# What a run leaves


@pytest.fixture
def done(session: Session, engine: Any, tmp_path: Path) -> Store:
    assert session()[0] == 0
    return Store(tmp_path / "out")


def test_a_run_measures_them_once(done: Store, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sorted(row.name for row in done.references()) == ["noise", "real", "untrained"]
    monkeypatch.setattr(Wanted, "measure", None)  # not called again
    assert session()[0] == 0


def test_they_are_measured_as_trials_are(done: Store) -> None:
    (evaluation, *_) = done.evaluations(next(iter(done)))
    final = {(row["metric"], row["split"]) for row in evaluation.rows if row["when"] == "final"}
    for row in done.references():
        assert row.protocol == evaluation.protocol
        assert {(one["metric"], one["split"]) for one in row.rows} == final
        assert {one["samples"] for one in row.rows} == {100}
        draws = {one["draw"] for one in row.rows}
        assert draws == set(range(info(row.name).draws))
        assert bool(row.network) == (row.name == "untrained")


def test_a_score_begins_to_mean_something_between_them(done: Store) -> None:
    found = frames.load(done).references
    found = found[(found["split"] == "test") & (found["metric"] == "high_quality")]
    means = found.groupby("reference")["value"].mean()
    assert means["real"] > 0.95
    assert means["noise"] < 0.1
    assert means["untrained"] < 0.1


def test_they_stand_beside_the_boards_and_in_no_statistic(done: Store, tmp_path: Path) -> None:
    with_rows, judged = frames.load(done), frame_of(done)
    board = ["suite", "dataset", "stand_in_for", "architecture", "kimg"]
    assert len(with_rows.references[board].drop_duplicates()) == 1
    for path in (tmp_path / "out" / "references").iterdir():
        path.unlink()
    (tmp_path / "out" / "references").rmdir()  # as a store of an earlier version
    without = frames.load(done)
    assert without.references.empty
    for name in ("trials", "scores", "history"):
        pd.testing.assert_frame_equal(getattr(with_rows, name), getattr(without, name))
    pd.testing.assert_frame_equal(judged, frame_of(done))


def test_rows_of_another_protocol_are_not_shown(done: Store, session: Session, suite_file: Path) -> None:
    suite_file.write_text(TINY.replace("samples = 100", "samples = 120"))
    assert session()[0] == 0
    assert len(done.references()) == 6
    shown = frames.load(done).references
    assert set(shown["samples"]) == {120}


def test_of_two_measured_the_newest_is_shown_and_a_run_shows_its_own(done: Store) -> None:
    old = next(row for row in done.references() if row.name == "noise")
    rows = [{**row, "value": 7.0} for row in old.rows]
    done.add_reference(dataclasses.replace(old, key="f" * 20, rows=rows, created="9999"))
    shown = frames.load(done).references
    assert (shown.loc[shown["reference"] == "noise", "value"] == 7).all()
    mine = frames.load(done, None, None, [old.key]).references
    assert set(mine["reference"]) == {"noise"}
    assert not (mine["value"] == 7).any()


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"schema": 1, "key": "another"}'])
def test_a_damaged_file_is_named_set_aside_and_measured_again(
    content: str, done: Store, session: Session, tmp_path: Path
) -> None:
    path = next((tmp_path / "out" / "references").iterdir())
    path.write_text(content)
    with pytest.raises(UsageError, match=path.name):
        done.references()
    done.look_through()
    assert len(done.references()) == 2  # a report is made of the others
    assert session()[0] == 0
    assert len(Store(tmp_path / "out").references()) == 3
    assert next((tmp_path / "out" / "set-aside").rglob(path.name)).read_text() == content


def test_the_key_holds_what_the_rows_depend_on(tmp_path: Path) -> None:
    _, (trial, *_) = planned(TINY, tmp_path)
    protocol = protocol_of(catalogue.evaluator(datasets.load("ring"), 100, 100, (), (), None, "cpu"))
    wide = dataclasses.replace(trial, network={**trial.network, "hidden": [16]})
    fitting = [name for name in names() if {*info(name).per} <= {*trial.hyperparameters}]
    assert {"pca", "prior", "untrained"} <= {*fitting}
    for name in fitting:
        row = Wanted(info(name), trial)
        key = row.key(protocol)
        assert key == Wanted(info(name), dataclasses.replace(trial, seed=9)).key(protocol)
        assert key != row.key({**protocol, "sampling": "another"})
        assert key != Wanted(info(name), dataclasses.replace(trial, content_hash="another")).key(protocol)
        newer = dataclasses.replace(info(name), version=99)
        assert key != Wanted(newer, trial).key(protocol)
        assert (key != Wanted(info(name), wide).key(protocol)) == info(name).of_networks


def test_a_plug_ins_function_is_a_row(session: Session, engine: Any, tmp_path: Path) -> None:
    with REFERENCES.restored():

        @register("origin", title="the origin", meaning="every sample at 0", kinds=("planar",))
        def origin(ask: Ask) -> torch.Tensor:
            return torch.zeros(ask.count, *ask.dataset.shape)

        assert session()[0] == 0
        with pytest.raises(UsageError, match="is registered already, by"):
            register("origin", title="", meaning="")(origin)
    found = frames.load(Store(tmp_path / "out")).references
    values = found[(found["reference"] == "origin") & (found["split"] == "test")]
    assert values.set_index("metric")["value"]["modes"] == 0
    assert values.set_index("metric")["value"]["off_mode"] == 1
