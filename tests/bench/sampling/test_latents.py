from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import geometric_slerp

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.sampling.latents import Term, combine, draw, interpolate, parse_arithmetic, slerp
from gan_bench.variants.noise import Noise, latent

NORMAL, SPHERE, CUBE, LABEL = (
    latent(5, "normal"),
    latent(5, "sphere"),
    latent(5, "uniform"),
    Noise((), "integers", high=9),
)


@given(st.integers(1, 200), st.integers(1, 200))
def test_the_latent_of_an_index_does_not_depend_on_how_many_are_drawn(few: int, many: int) -> None:
    few, many = sorted((few, many))
    declared = {"latent": NORMAL, "label": LABEL}
    short, long = draw(declared, few, 3), draw(declared, many, 3)
    assert all(torch.equal(short[name], long[name][:few]) for name in declared)
    assert short["latent"].shape == (few, 5)


def test_seeds_and_names_have_streams_of_their_own() -> None:
    first = draw({"a": NORMAL, "b": NORMAL}, 4, 0)
    assert not torch.equal(first["a"], first["b"])
    assert not torch.equal(first["a"], draw({"a": NORMAL}, 4, 1)["a"])


@given(st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_spherical_interpolation_is_scipys(dimensions: int, seed: int) -> None:
    ends = np.random.default_rng(seed).normal(size=(2, dimensions))
    ends /= np.linalg.norm(ends, axis=1, keepdims=True)
    t = np.linspace(0, 1, 7)
    expected = geometric_slerp(*ends, t)
    found = slerp(*torch.from_numpy(ends)[:, None], torch.from_numpy(t))[0]
    assert found.numpy() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("noise", [NORMAL, SPHERE, CUBE], ids=["normal", "sphere", "uniform"])
def test_paths_begin_and_end_at_their_latents(noise: Noise) -> None:
    rows = draw({"latent": noise}, 6, 0)["latent"]
    path = interpolate(noise, rows[::2], rows[1::2], 5)
    assert path.shape == (3, 5, 5)
    assert torch.allclose(path[:, 0], rows[::2], atol=1e-6)
    assert torch.allclose(path[:, -1], rows[1::2], atol=1e-6)


def test_paths_stay_on_the_sphere_and_are_straight_in_the_cube() -> None:
    rows = draw({"latent": SPHERE}, 2, 0)["latent"]
    lengths = interpolate(SPHERE, rows[:1], rows[1:], 9).norm(dim=-1)
    assert lengths.flatten().tolist() == pytest.approx([math.sqrt(5)] * 9, rel=1e-5)
    rows = draw({"latent": CUBE}, 2, 0)["latent"]
    middle = interpolate(CUBE, rows[:1], rows[1:], 3)[0, 1]
    assert torch.allclose(middle, rows.mean(0), atol=1e-6)


def test_a_latent_of_one_number_is_interpolated_straight() -> None:
    one = latent(1, "normal")
    path = interpolate(one, torch.tensor([[1.0]]), torch.tensor([[-3.0]]), 3)
    assert path.flatten().tolist() == pytest.approx([1.0, -1.0, -3.0])


def test_labels_stay_as_at_the_start() -> None:
    path = interpolate(LABEL, torch.tensor([2, 7]), torch.tensor([5, 1]), 4)
    assert path.tolist() == [[2] * 4, [7] * 4]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("3 - 7 + 12", [Term(1, (3,)), Term(-1, (7,)), Term(1, (12,))]),
        ("-3+(1, 2)", [Term(-1, (3,)), Term(1, (1, 2))]),
        ("0", [Term(1, (0,))]),
    ],
)
def test_sums_are_read(text: str, terms: list[Term]) -> None:
    assert parse_arithmetic(text, 13) == terms


@pytest.mark.parametrize("text", ["", "3 7", "3 +", "a - b", "(1, ) + 2", "3 * 4", "1.5"])
def test_what_is_no_sum_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected sums of indices"):
        parse_arithmetic(text, 64)


def test_a_latent_beyond_those_drawn_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no latent 64; -n draws 64, with the numbers 0 to 63"):
        parse_arithmetic("3 - 64", 64)


def test_a_sum_goes_the_way_of_the_vectors_and_comes_back_to_their_length() -> None:
    rows = draw({"latent": NORMAL}, 4, 0)["latent"]
    terms = parse_arithmetic("0 - 1 + (2, 3)", 4)
    out = combine(NORMAL, terms, rows)
    assert torch.allclose(out[0], rows[0], atol=1e-6)
    assert torch.allclose(out[1], rows[1], atol=1e-6)
    plain = rows[0] - rows[1] + rows[2:].mean(0)
    assert torch.nn.functional.cosine_similarity(out[3], plain, dim=0).item() == pytest.approx(1, abs=1e-6)
    assert out[3].norm().item() == pytest.approx(rows.norm(dim=1).mean().item(), rel=1e-6)
    assert out[2].norm().item() == pytest.approx(rows[2:].norm(dim=1).mean().item(), rel=1e-6)


def test_sums_in_the_cube_are_cut_to_it_and_labels_are_the_first() -> None:
    rows = torch.tensor([[0.5] * 5, [-0.9] * 5, [0.2] * 5])
    out = combine(CUBE, parse_arithmetic("0 - 1 + 2", 3), rows)
    assert out[-1].tolist() == [1.0] * 5
    assert combine(LABEL, parse_arithmetic("(2, 0) - 1", 3), torch.tensor([4, 5, 6])).tolist() == [6, 5, 6]
