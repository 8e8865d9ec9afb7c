import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_bench.variants.schedules import Schedule


@pytest.mark.parametrize(
    ("shape", "quarter", "half"),
    [("linear", 7.0, 6.0), ("cosine", 8 - 2 * (1 - math.cos(math.pi / 4)), 6.0), ("step", 8.0, 8.0)],
)
def test_values_along_the_way(shape, quarter, half):
    schedule = Schedule(shape, 8.0, 4.0)
    assert [schedule.at(t) for t in (0.0, 0.25, 0.5, 1.0)] == pytest.approx([8.0, quarter, half, 4.0])


def test_an_exponential_schedule_falls_by_one_factor_to_its_floor():
    """As pylearn2's ExponentialDecay: the rate divided by a factor after each update, at least a floor."""
    factor, updates, floor = 1.01, 1000, 0.02
    needed = math.log(0.1 / floor) / math.log(factor)  # updates until the floor
    schedule = Schedule("exponential", 0.1, floor, until=needed / updates)
    for done in (0, 1, 77, 161, 162, 1000):
        assert schedule.at(done / updates) == pytest.approx(max(0.1 / factor**done, floor))
    assert schedule.at(1.0) == floor


@pytest.mark.parametrize("ends", [(1.0, 0.0), (0.0, 1.0), (-1.0, -2.0)])
def test_an_exponential_schedule_has_no_way_to_0(ends):
    with pytest.raises(ValueError, match=r"never reaches 0: start and end above 0 expected"):
        Schedule("exponential", *ends)


def test_nothing_moves_outside_the_interval():
    schedule = Schedule("linear", 1.0, 0.0, begin=0.5, until=0.75)
    assert [schedule.at(t) for t in (0.0, 0.5, 0.625, 0.75, 1.0)] == pytest.approx([1, 1, 0.5, 0, 0])
    jump = Schedule("step", 1.0, 0.0, until=0.3)
    assert [jump.at(t) for t in (0.29, 0.3)] == [1.0, 0.0]


@given(
    shape=st.sampled_from(["linear", "cosine", "step", "exponential"]),
    ends=st.tuples(st.floats(-10, 10), st.floats(-10, 10)),
    first=st.floats(-1, 2),
    second=st.floats(-1, 2),
)
def test_schedules_are_monotone_and_stay_between_their_ends(shape, ends, first, second):
    if shape == "exponential":
        ends = tuple(math.exp(end) for end in ends)
    schedule = Schedule(shape, *ends)
    early, late = schedule.at(min(first, second)), schedule.at(max(first, second))
    low, high = min(ends), max(ends)
    assert low - 1e-9 <= early <= high + 1e-9
    assert (late - early) * (ends[1] - ends[0]) >= -1e-9


def test_a_mapping_there_and_back():
    mapping = {"schedule": "cosine", "start": 1, "end": 0, "until": 0.5}
    schedule = Schedule.parse(mapping)
    assert schedule == Schedule("cosine", 1.0, 0.0, 0.0, 0.5)
    assert Schedule.parse(schedule.to_dict()) == schedule


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"schedule": "lin", "start": 1, "end": 0}, r"unknown schedule 'lin'; did you mean 'linear'"),
        ({"schedule": "linear", "start": 1, "stop": 0}, r"unknown: \['stop'\], missing: \['end'\]"),
        ({"schedule": "linear", "start": 1, "end": 0, "begin": 0.5, "until": 0.5}, r"begin < until"),
        ({"schedule": "linear", "start": 1, "end": 0, "until": 1.5}, r"until=1\.5"),
        ({"schedule": "linear", "start": 1, "end": 0, "begin": float("nan")}, r"begin=nan"),
    ],
)
def test_malformed_schedules_are_refused(mapping, message):
    with pytest.raises(ValueError, match=message):
        Schedule.parse(mapping)
