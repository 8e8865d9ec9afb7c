"""Games with a task learn it at their suite's standard budget: medians over seeds. Not timed."""

from __future__ import annotations

import numpy as np
import pytest

from gan_bench import datasets
from tests.test_it_learns import scores_of

pytestmark = pytest.mark.slow


def median(suite, out, variant, metric):
    scores = scores_of(suite, out, variants=(variant,))["raw"][metric].loc[variant]
    print(suite, metric, scores.to_dict())
    assert len(scores) >= 5
    return scores.median()


def test_reconstruction_on_the_ring(tmp_path):
    points = datasets.load("ring").reference("test", 2_000).double().numpy()
    blind = np.sqrt(np.square(points).mean(1)).mean()  # of the best constant, the centre
    assert median("inference-ring", tmp_path / "out", "bigan", "reconstruction_error") < blind / 3


def test_the_map_between_domains(tmp_path):
    data = datasets.load("turned")
    points = data.given(["domain_a"], "test", 2_000)["domain_a"].double().numpy()
    left_alone = np.linalg.norm(points - data.truth.mapping["domain_a", "domain_b"](points), axis=1).mean()
    assert median("translation-points", tmp_path / "out", "cyclegan", "mapping_error") < left_alone / 3
