"""Laws of every registered dataset, beyond those that `bench check` tries on a user's own."""

from __future__ import annotations

import math
import random
from typing import get_args

import numpy as np
import pytest
import scipy.spatial
import scipy.stats
import torch

from gan_bench import datasets
from gan_bench.bench.checking.datasets import batch, rows_of
from gan_bench.datasets import DatasetError, IndexedSource, SampledSource
from gan_bench.datasets.base import Kind
from gan_bench.datasets.scales import Pixels
from tests.contract.registered import (
    NAMES,
    agrees_with,
    everything,
    fields_of_every_stream,
    load,
    raw_rows,
    read_twice,
)


def test_it_describes_itself(name, dataset):
    entry = datasets.info(name)
    assert entry.title
    assert entry.source
    assert entry.kind == dataset.kind
    assert dataset.kind in get_args(Kind)
    assert dataset.name == name
    assert dataset.stand_in_for is None
    assert len(dataset.shape) == (3 if dataset.kind == "images" else 1)
    if dataset.kind != "images":
        sizes = {"scalar": range(1, 2), "planar": range(2, 3), "vectors": range(3, 100_000)}
        assert dataset.shape[0] in sizes[dataset.kind]
    assert dataset.name in repr(dataset)


@read_twice
def test_the_content_hash_is_stable(plugged_in, name, dataset):
    again = load(name, repetition=1)
    assert again is not dataset
    assert again.content_hash == dataset.content_hash
    assert len(dataset.content_hash) == 64
    int(dataset.content_hash, 16)


def test_no_two_datasets_have_one_content_hash(plugged_in):
    hashes = [dataset.content_hash for dataset in map(load, NAMES) if dataset is not None]
    assert len(hashes) > 10
    assert len({*hashes}) == len(hashes)


def test_every_stream_gives_raw_batches(dataset):
    assert dataset.streams["real"] == ("real",)
    assert (dataset.shape, dataset.bounds) == (dataset.spaces["real"].shape, dataset.spaces["real"].bounds)
    for stream, fields in dataset.streams.items():
        for split in dataset.splits:
            rows = batch(dataset.stream(stream, split), alone=stream)
            assert {*rows} == {*fields}
            for field, values in rows.items():
                space = dataset.spaces[field]
                assert values.shape == (2, 5, *space.shape)
                pixels = isinstance(dataset.scales.get(field), Pixels)
                numbers = torch.uint8 if pixels else torch.float32
                assert values.dtype == (torch.int64 if space.is_label else numbers)
                assert values.device.type == "cpu"


def test_a_stream_of_one_field_has_its_name_and_others_have_one_of_their_own(dataset):
    assert {*dataset.spaces} == {field for _, field in fields_of_every_stream(dataset)}
    for stream, fields in dataset.streams.items():
        assert (fields == (stream,)) == (stream in dataset.spaces)


def test_one_row_and_no_row_are_batches_too(dataset):
    for source in everything(dataset):
        for shape in [(1,), (0,), (3, 1)]:
            rows = batch(source, shape)
            assert all(values.shape[: len(shape)] == shape for values in rows.values())


def test_batches_are_decided_by_the_generator_alone(dataset):
    for source in everything(dataset):
        first = batch(source)
        with torch.random.fork_rng():
            torch.manual_seed(12345)
            for field, rows in batch(source).items():
                assert torch.equal(rows, first[field])


def test_nothing_touches_the_global_generators(dataset):
    before = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    for source in everything(dataset):
        batch(source)
    dataset.restore(dataset.prepare(dataset.reference("test", 10)))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.random.get_state()[1].tolist() == before[1]  # noqa: NPY002
    assert random.getstate() == before[2]


def test_sampled_streams_differ_by_seed_and_follow_the_dtype(dataset):
    source = dataset.stream()
    if not isinstance(source, SampledSource):
        pytest.skip("finite data")
    constant = dataset.truth.std is not None and not any(dataset.truth.std)
    assert constant or not torch.equal(batch(source, seed=1)["real"], batch(source, seed=2)["real"])
    assert batch(source, dtype=torch.float64)["real"].dtype == torch.float64


def test_moving_a_source_keeps_its_data(dataset):
    for source in everything(dataset):
        for field, rows in batch(source.to("cpu")).items():
            assert torch.equal(rows, batch(source)[field])


def test_finite_streams_refuse_indices_out_of_range(dataset):
    for source in everything(dataset):
        if isinstance(source, IndexedSource):
            with pytest.raises((IndexError, RuntimeError)):
                source.gather(torch.tensor([len(source)]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_prepare_and_restore_are_inverses_in_every_field(dataset, dtype):
    for stream, field in fields_of_every_stream(dataset):
        raw, space = raw_rows(dataset, stream, field), dataset.spaces[field]
        kept = raw.clone()
        prepared = dataset.prepare(raw, field, dtype)
        assert torch.equal(raw, kept), "raw data must not be changed in place"
        assert prepared.dtype == (torch.int64 if space.is_label else dtype)
        assert prepared.shape == raw.shape
        if space.bounds is not None:
            low, high = space.bounds
            assert low <= prepared.min()
            assert prepared.max() <= high
        generated = prepared.clone()
        restored = dataset.restore(prepared, field)
        assert torch.equal(prepared, generated), "samples must not be changed in place"
        if raw.is_floating_point():
            torch.testing.assert_close(restored, raw.to(dtype), rtol=1e-5, atol=1e-4)
        else:
            assert restored.dtype == raw.dtype
            assert torch.equal(restored, raw)


def test_labels_are_never_prepared_nor_restored(dataset):
    labels = torch.tensor([0, 1])
    for field, space in dataset.spaces.items():
        if space.is_label:
            assert dataset.prepare(labels, field, torch.float64) is labels
            assert dataset.restore(labels, field) is labels


def test_prepare_gives_single_precision_and_works_inside_vmap(dataset):
    raw = raw_rows(dataset)
    assert dataset.prepare(raw).dtype == torch.float32
    torch.testing.assert_close(torch.func.vmap(dataset.prepare)(raw), dataset.prepare(raw))


@read_twice
@pytest.mark.parametrize("split", ["validation", "test"])
def test_references_are_always_the_same_rows(plugged_in, name, dataset, split):
    rows = dataset.reference(split)
    assert rows.shape[1:] == dataset.shape
    assert len(rows) >= 20
    assert rows.dtype == raw_rows(dataset).dtype
    assert torch.equal(rows, load(name, repetition=1).reference(split))
    assert torch.equal(rows[:11], dataset.reference(split, 11))
    if dataset.reference_labels(split) is not None:
        labels = dataset.reference_labels(split)
        assert labels.shape == (len(rows),)
        assert labels.dtype == torch.int64
        assert labels.unique().tolist() == list(range(dataset.truth.classes))
        assert torch.equal(labels, load(name, repetition=1).reference_labels(split))
    assert (dataset.truth.classes is not None) == (dataset.label_of("real") is not None)


def test_references_can_be_given_to_a_game(dataset):
    given = dataset.given(["real"], "validation", 15)
    assert torch.equal(given["real"], dataset.reference("validation", 15))
    for field, space in dataset.spaces.items():
        assert dataset.given([field], "test", 7)[field].shape == (7, *space.shape)
    if "label" not in dataset.spaces:
        with pytest.raises(DatasetError, match=f"{dataset.name}: there are no labels"):
            dataset.given(["label"])
        return
    both = dataset.given(["label", "real"], "test", 15)
    assert torch.equal(both["label"], dataset.reference_labels("test")[:15])
    rows = 20 * dataset.truth.classes
    alone = dataset.given(["label"], "test", rows)["label"].bincount(minlength=dataset.truth.classes)
    assert alone.sum() == rows
    expected = rows * torch.tensor(dataset.class_weights, dtype=torch.float64)
    assert (alone - expected).abs().max() <= 1


def test_targets_belong_to_what_is_given(dataset):
    assert dataset.paired("real", []) is None, "nothing is given"
    assert torch.equal(
        dataset.paired("real", ["real"], "test", 9), dataset.given(["real"], "test", 9)["real"]
    )
    for fields in dataset.streams.values():
        for field in fields:
            inputs = [other for other in fields if other != field]
            target = dataset.paired(field, inputs, "validation", 9)
            if {*inputs} <= {"label"}:
                assert target is None, "labels alone have no sample of their own"
            else:
                assert torch.equal(target, dataset.given(fields, "validation", 9)[field])


def test_references_are_disjoint_from_training(dataset):
    validation, test = (rows_of(dataset.reference(split)) for split in ("validation", "test"))
    source = dataset.stream()
    if isinstance(source, SampledSource):
        # single values of a continuous law may coincide in single precision, whole references may not
        assert len(validation & test) < len(test) / 100 or not any(dataset.truth.std)
        return
    # Crops overlap and are many: a sample of them, evenly spread, has as much to say.
    size = math.prod(dataset.shape)
    count = len(source) if len(source) * size <= 60_000_000 else max(10_000_000 // size, 1)
    train = rows_of(source.gather(torch.arange(count) * len(source) // count))
    assert not train & validation
    assert not train & test
    assert not validation & test


def test_the_truth_has_the_shape_of_the_data(dataset):
    truth, size = dataset.truth, math.prod(dataset.shape)
    for moments in (truth.mean, truth.std):
        assert moments is None or len(moments) == size
    if truth.modes is not None:
        assert truth.modes.dtype == torch.float64
        assert truth.modes.shape[1] == size
        assert len(truth.modes.unique(dim=0)) == len(truth.modes)
        assert truth.mode_std > 0
        assert truth.quality_sigmas > 0
        nearest = scipy.spatial.distance.pdist(truth.modes).min()
        assert nearest > 2 * truth.quality_sigmas * truth.mode_std, "a sample is near one mode at most"


def test_the_truth_is_true(dataset):
    """On 10,000 reference rows, with a tolerance of five standard errors."""
    truth = dataset.truth
    rows = dataset.reference("test").double().flatten(1).numpy()
    count = len(rows)
    if truth.mean is not None and truth.std is not None:
        spread = np.array(truth.std)
        assert (np.abs(rows.mean(0) - truth.mean) <= 5 * spread / math.sqrt(count)).all()
        fourth = ((rows - truth.mean) ** 4).mean(0)
        error = np.sqrt((fourth - spread**4) / count)
        assert (np.abs(((rows - truth.mean) ** 2).mean(0) - spread**2) <= 5 * error).all()
    if truth.modes is not None:
        distances = scipy.spatial.distance.cdist(rows, truth.modes)
        distance = distances.min(1)
        within = (distance < truth.quality_sigmas * truth.mode_std).mean()
        if rows.shape[1] == 2:
            expected = 1 - math.exp(-(truth.quality_sigmas**2) / 2)  # a Rayleigh law
            assert abs(within - expected) < 5 * math.sqrt(expected * (1 - expected) / count)
        else:
            assert within > 0.98
        if truth.weights is not None:
            agrees_with(distances.argmin(1), truth.weights)
    if truth.weights is not None and truth.classes is not None:
        agrees_with(dataset.reference_labels("test").numpy(), truth.weights)
    if truth.cdf is not None:
        ordered = np.sort(rows[:, 0])
        empirical = np.arange(1, count + 1) / count
        assert np.abs(truth.cdf(ordered) - empirical).max() < 2.5 / math.sqrt(count)
        if truth.quantile is not None:
            np.testing.assert_allclose(truth.quantile(truth.cdf(ordered)), ordered, rtol=1e-6)
    if truth.distance is not None:
        assert truth.distance(rows).shape == (count,)
        assert truth.distance(rows).max() < 1e-3 * np.abs(rows).max()
    for (*inputs, made), mapping in (truth.mapping or {}).items():
        moved = mapping(*(rows.double().numpy() for rows in dataset.given(inputs, "test").values()))
        there = dataset.reference("test", field=made).double().numpy()
        assert moved.shape[1:] == there.shape[1:]
        columns = list(zip(moved.reshape(len(moved), -1).T, there.reshape(len(there), -1).T, strict=True))
        for one, other in columns[:: 1 + len(columns) // 50]:
            assert scipy.stats.ks_2samp(one, other).pvalue > 1e-3
