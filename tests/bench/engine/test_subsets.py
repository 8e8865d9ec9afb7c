"""Subsets of training rows: drawn per seed, balanced or not, the same for every variant and in every pack."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_bench.bench.engine.facts import data_spec
from gan_bench.bench.engine.feeds import Feeds
from gan_bench.bench.engine.subsets import part_of
from gan_bench.datasets.sources import AlignedSource, ResidentSource
from gan_bench.variants import Player, Round, Subset
from gan_bench.variants.misfits import Misfit
from tests.toys import ToyData, ToyGame
from tests.training import dataset

CLASSES = 5
LABELS = torch.arange(200) % CLASSES


def numbered(labels=LABELS):
    rows = torch.arange(float(len(labels)))[:, None]
    fields = {"real": ResidentSource(rows), "label": ResidentSource(labels)}
    return ToyData(real=rows, labelled=AlignedSource(fields))


def part(subset, seed=0, data=None):
    return part_of((data or numbered()).stream("labelled"), "labelled", subset, seed)


@given(rows=st.integers(1, 200), seed=st.integers(0, 2**62))
def test_a_balanced_subset_has_equally_many_rows_of_each_class_as_far_as_possible(rows, seed):
    found = part(Subset(rows, "label"), seed)
    assert len(found.unique()) == rows
    counts = torch.bincount(LABELS[found], minlength=CLASSES)
    assert counts.max() - counts.min() <= 1


def test_one_drawn_regardless_of_class_has_the_classes_of_a_draw_without_replacement():
    """The number of class 0 (40 of 200 rows) among 20 is hypergeometric: mean 4, variance 2.895."""
    counts = np.array([(LABELS[part(Subset(20), seed)] == 0).sum().item() for seed in range(500)])
    assert counts.mean() == pytest.approx(4, abs=5 * np.sqrt(2.895 / 500))
    assert counts.var() == pytest.approx(2.895, rel=0.3)


def test_every_row_is_as_likely():
    times = torch.zeros(200)
    for seed in range(400):
        times[part(Subset(50, "label"), seed)] += 1
    assert times.mean() == 100
    assert times.std().item() == pytest.approx(np.sqrt(400 * 0.25 * 0.75), rel=0.25)
    assert times.min() > 50


def test_fewer_balanced_rows_are_among_more():
    few, more = (set(part(Subset(rows, "label"), 3).tolist()) for rows in (25, 50))
    assert few < more


def test_seeds_have_rows_of_their_own():
    assert part(Subset(20), 1).tolist() != part(Subset(20), 2).tolist()
    assert part(Subset(20), 1).tolist() == part(Subset(20), 1).tolist()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (201, "201 rows of the stream labelled are asked for, training has 200"),
        (8, "8 balanced rows of the stream labelled need 4 of class 1, training has 2"),
    ],
)
def test_more_rows_than_there_are_do_not_fit(rows, message):
    labels = LABELS if rows > 200 else torch.tensor([0] * 8 + [1] * 2)
    with pytest.raises(Misfit, match=message):
        part(Subset(rows, "label"), data=numbered(labels))


class Reading(ToyGame):
    streams = ("real", "labelled")

    def players(self):
        return [Player("a", ("x",), lambda play: play.batch["labelled"]["real"].sum(), critic=True)]

    def rounds(self):
        return [Round(("a",), streams=("real", "labelled"))]

    def subsets(self):
        return {"labelled": Subset(10, "label")}


def feed(data, seeds, *, solo=False, batch_size=16):
    game = Reading(data_spec(data), None)
    return Feeds(game, data, seeds, batch_size, device=torch.device("cpu"), dtype=torch.float64, solo=solo)


def read(feeds, iterations=8):
    """All labelled rows that some iterations read, [iterations, replicas, batch], and all unlabelled ones."""
    batches = [draws[0][0][0] for _, draws in zip(range(iterations), feeds, strict=False)]
    return [torch.stack([pick(batch).squeeze(-1) for batch in batches]) for pick in (
        lambda batch: batch["labelled"]["real"], lambda batch: batch["real"],
    )]  # fmt: skip


def test_a_replica_reads_its_own_subset_and_all_unlabelled_rows():
    seeds = (4, 9)
    labelled, unlabelled = read(feed(numbered(), seeds), iterations=13)
    for replica, seed in enumerate(seeds):
        own = part(Subset(10, "label"), seed).double()
        assert torch.equal(labelled[:, replica].unique(), own)
        epochs = labelled[:, replica].reshape(-1)[:200].reshape(20, 10)
        assert all(torch.equal(epoch.sort().values, own) for epoch in epochs), "each row once per epoch"
        assert len(unlabelled[:, replica].unique()) == 200


def test_labels_belong_to_their_rows():
    batch = next(iter(feed(numbered(), (5,), solo=True)))[0][0][0]["labelled"]
    assert torch.equal(LABELS[batch["real"].squeeze(-1).long()], batch["label"])


def test_solo_and_packed_read_the_same():
    packed = read(feed(numbered(), (2, 7)))
    for replica, seed in enumerate((2, 7)):
        solo = read(feed(numbered(), (seed,), solo=True))
        assert all(torch.equal(a[:, replica], b) for a, b in zip(packed, solo, strict=True))


@pytest.mark.parametrize("name", ["digits", "ring"])
def test_subsets_of_datasets_are_balanced(name):
    """Of images by index; of a law a few samples, which do not change."""
    data = dataset(name)
    feeds = feed(data, (1, 2))
    batches = [draws[0][0][0]["labelled"] for _, draws in zip(range(4), feeds, strict=False)]
    for replica in range(2):
        rows = torch.cat([batch["real"][replica] for batch in batches]).flatten(1)
        labels = torch.cat([batch["label"][replica] for batch in batches])
        distinct, place = rows.unique(dim=0, return_inverse=True)
        assert len(distinct) == 10
        counts = torch.bincount(torch.stack([labels[place == i][0] for i in range(10)]))
        assert counts.max() - counts.min() <= 1
        assert len(counts) == data.truth.classes
