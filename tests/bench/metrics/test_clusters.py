"""Agreement of clusters and labels: by hand, by brute force and by the rule of ClusterGAN's authors."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.cluster import KMeans

from gan_bench import datasets
from gan_bench.bench.metrics import Evaluator, Undefined
from gan_bench.bench.metrics.clusters import accuracy, k_means, mutual_information, purity, rand_index
from gan_bench.bench.metrics.outputs import answer
from gan_bench.datasets.finite import Restored
from gan_bench.variants.declarations import Ability

DIGITS = datasets.load("digits")
ABILITIES = {"cluster": Ability(("real",), makes=""), "encode": Ability(("real",), makes="")}
pairs = st.integers(5, 30).flatmap(
    lambda n: st.tuples(
        arrays(np.int64, n, elements=st.integers(0, 3)), arrays(np.int64, n, elements=st.integers(0, 3))
    )
)


def measured(game, ability, split="test"):
    """The measurements of one ability of a game: a function of a query."""
    evaluator = Evaluator(DIGITS, samples=400, final_samples=400)
    query = next(q for q in evaluator.queries(ABILITIES) if q.name == ability and q.split == split)
    return {m.metric: m for m in evaluator.measure(answer(query, game), final=True)}


@settings(max_examples=50)
@given(pair=pairs)
def test_the_accuracy_is_that_of_the_best_of_all_assignments(pair):
    clusters, classes = pair
    best = max(np.mean(np.array(order)[clusters] == classes) for order in itertools.permutations(range(4)))
    assert accuracy(clusters, classes) == pytest.approx(best)


@settings(max_examples=50)
@given(pair=pairs)
def test_purity_is_that_of_the_authors_program_and_at_least_the_accuracy(pair):
    """metric.py of sudiptodip15/ClusterGAN: the most frequent class of each cluster, counted."""
    clusters, classes = pair
    counted = sum(np.bincount(classes[clusters == c]).max() for c in np.unique(clusters))
    assert purity(clusters, classes) == pytest.approx(counted / len(classes))
    assert purity(clusters, classes) >= accuracy(clusters, classes)


def test_by_hand():
    classes = np.array([0, 0, 0, 1, 1, 1])
    clusters = np.array([5, 5, 2, 2, 2, 2])
    assert accuracy(clusters, classes) == purity(clusters, classes) == pytest.approx(5 / 6)
    split = np.array([0, 0, 1, 2, 2, 2])  # two clusters of one class: only one of them is right
    assert accuracy(split, classes) == pytest.approx(5 / 6)
    assert purity(split, classes) == 1
    # Two clusters in two classes, [[2, 0], [1, 3]]: 7 pairs within clusters, 6 within classes, 4 within both,
    # and 15 pairs in all (Hubert & Arabie 1985).
    assert rand_index(clusters, classes) == pytest.approx((4 - 7 * 6 / 15) / ((7 + 6) / 2 - 7 * 6 / 15))
    information = sum(p * np.log(p / q) for p, q in ((1 / 3, 1 / 6), (1 / 6, 1 / 3), (1 / 2, 1 / 3)))
    entropies = [-sum(p * np.log(p) for p in law) for law in ((1 / 3, 2 / 3), (1 / 2, 1 / 2))]
    assert mutual_information(clusters, classes) == pytest.approx(information / np.mean(entropies))


@pytest.mark.parametrize("split", ["test", "validation"])
def test_the_games_own_categories_are_compared_with_labels_of_the_same_rows(split):
    """Categories are the labels under other numbers, for all but the first ten rows."""
    labels = DIGITS.reference("validation" if split == "validation" else "test", field="label")

    def game(query):
        wrong = torch.arange(query.count) < 10
        category = torch.where(wrong, (labels[: query.count] + 1) % 10, labels[: query.count])
        return Restored(torch.eye(10)[(3 * category) % 10] - 7.0, 0)

    found = measured(game, "cluster", split)
    expected = 1 - 10 / len(labels)
    for name in ("cluster_accuracy", "cluster_purity"):
        assert found[name].value == pytest.approx(expected)
    assert found["cluster_nmi"].value > 0.9
    assert found["cluster_ari"].value > 0.9


def test_categories_that_know_nothing_have_the_index_0():
    found = measured(
        lambda q: Restored(torch.randn(q.count, 10, generator=torch.Generator().manual_seed(0)), 0), "cluster"
    )
    assert found["cluster_ari"].value == pytest.approx(0, abs=0.01)
    assert (
        0.1 < found["cluster_accuracy"].value < 0.25
    )  # the best assignment of random clusters is above 1 / 10
    one = measured(lambda q: Restored(torch.eye(10)[torch.zeros(q.count, dtype=torch.int64)], 0), "cluster")
    assert one["cluster_nmi"].value == one["cluster_ari"].value == 0


def test_k_means_is_fitted_on_the_rows_that_the_name_says():
    """Codes of training rows lie elsewhere: what is fitted there puts all held-out codes into one cluster."""
    labels = DIGITS.reference("test", field="label")

    def game(query):
        if query.split is None:  # training rows
            return Restored(torch.randn(query.count, 2, generator=torch.Generator().manual_seed(1)), 0)
        codes = torch.eye(10)[labels[: query.count]] @ torch.arange(20.0).reshape(10, 2) + 1000.0
        return Restored(codes, 0)

    found = measured(game, "encode")
    for name in ("kmeans_accuracy", "kmeans_purity", "kmeans_nmi", "kmeans_ari"):
        assert found[name].value == pytest.approx(1)
    biggest = max(np.bincount(labels.numpy())) / len(labels)
    assert found["kmeans_train_accuracy"].value == pytest.approx(biggest)


def test_k_means_is_scikit_learns_with_its_seed():
    rows = np.random.default_rng(0).normal(size=(80, 3))
    expected = KMeans(n_clusters=4, n_init=10, random_state=0).fit(rows).labels_
    assert (k_means(rows, rows, 4) == expected).all()


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (np.zeros((20, 2)), "k-means of 3 clusters needs as many different points, there are 1"),
        (np.full((20, 2), 1e200), "the squares of the points overflow"),
    ],
)
def test_codes_without_clusters_have_no_value(rows, reason):
    with pytest.raises(Undefined, match=reason), np.errstate(over="ignore"):
        k_means(rows, rows, 3)
