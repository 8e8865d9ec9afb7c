import math

import pytest

from gan_bench.bench.engine import Budget, Job


def test_a_budget_and_its_points():
    assert Budget(96.0, (24.0, 48.0, 96.0)).points[-1] == 96.0
    assert Budget(0.3, (0.1, 0.1 + 0.2)).kimg == 0.3  # rounding of the last point is forgiven


@pytest.mark.parametrize(
    ("kimg", "points"),
    [
        (1.0, ()),
        (1.0, (0.5,)),
        (1.0, (0.5, 0.5, 1.0)),
        (1.0, (0.7, 0.3, 1.0)),
        (1.0, (0.0, 1.0)),
        (1.0, (0.5, 2.0)),
        (0.0, (0.0,)),
        (-1.0, (-1.0,)),
        (math.nan, (math.nan,)),
        (math.inf, (1.0, math.inf)),
    ],
)
def test_impossible_budgets_are_refused(kimg, points):
    with pytest.raises(ValueError, match="points must ascend from above 0 to the budget"):
        Budget(kimg, points)


@pytest.mark.parametrize(("seeds", "sets"), [((), ()), ((1,), ()), ((1, 2), ({},))])
def test_one_seed_and_one_set_of_hyperparameters_per_replica(seeds, sets):
    with pytest.raises(ValueError, match="one seed and one set of hyperparameters per replica"):
        Job("nsgan", {"family": "mlp"}, sets, seeds, Budget(1.0, (1.0,)))
