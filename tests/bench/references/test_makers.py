"""Outputs of each reference row, by name."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans

from gan_bench import datasets
from gan_bench.bench.engine.train import Trainer
from gan_bench.bench.metrics.clusters import accuracy
from gan_bench.bench.metrics.outputs import queries
from gan_bench.bench.planning.packs import Pack, job_of
from gan_bench.bench.references import Ask, Start, info
from gan_bench.datasets.images import ImageDataset, Split
from tests.bench.conftest import TINY
from tests.bench.references.planned import planned

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")


def made(name: str, data: Any, count: int = 200, draw: int = 0) -> torch.Tensor:
    """The rows that a reference makes in answer to the first query of its ability."""
    maker = info(name).start(Start(data, None, draw, "cpu"))  # type: ignore[arg-type]
    (ability, asked), *_ = maker.abilities.items()
    query = list(queries(ability, {ability: asked}, data, count))[-1]
    generator = torch.Generator().manual_seed(draw)
    return maker(Ask(data, ability, count, query.given, generator, query.paired(query.makes))).rows


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
