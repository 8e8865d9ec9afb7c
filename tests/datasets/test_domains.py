"""Domains of digits: what is paired, what is known, what training must not see."""

import numpy as np
import pytest
import torch

from gan_bench.datasets import load
from gan_bench.datasets.photographs import photographs

TWO = ("inverted-digits", "tinted-digits", "inverted-tinted-digits")


def rows_of(data, field, split="train"):
    source = data.stream(data.home(field), split)
    rows = source.gather(torch.arange(len(source)))
    return rows[field] if isinstance(rows, dict) else rows


def test_inverted_digits_are_unpaired_in_training_and_paired_by_the_map_elsewhere():
    data, digits = load("inverted-digits"), load("digits")
    names = ("domain_a", "domain_b", "real")
    train = {name: data.stream(name).gather(torch.arange(len(data.stream(name)))) for name in names}
    both = torch.cat([train["domain_a"], 255 - train["domain_b"]]).flatten(1)
    everything = digits.stream().gather(torch.arange(len(digits.stream()))).flatten(1)
    assert len(both) == len(everything)
    as_rows = [sorted(map(bytes, rows.numpy())) for rows in (both, everything)]
    assert as_rows[0] == as_rows[1]  # every digit once, in one domain only
    assert torch.equal(train["real"], train["domain_b"])
    for split in ("validation", "test"):
        given, wanted = data.reference(split, field="domain_a"), data.reference(split, field="domain_b")
        assert torch.equal(wanted, 255 - given)
        mapped = data.truth.mapping["domain_a", "domain_b"](given.numpy())
        assert np.array_equal(mapped, wanted.numpy())


@pytest.mark.parametrize("name", TWO)
def test_maps_of_both_directions_are_inverse_and_right(name):
    data = load(name)
    a, b = (data.reference("test", field=f"domain_{side}").numpy() for side in "ab")
    there, back = data.truth.mapping["domain_a", "domain_b"], data.truth.mapping["domain_b", "domain_a"]
    assert np.array_equal(there(a), b)
    assert np.array_equal(back(b), a)
    assert np.abs(there(a).astype(float) - a).mean() > 10  # the identity is not the map


@pytest.mark.parametrize("name", [*TWO, "blended-digits"])
def test_training_domains_share_no_digit_and_have_their_labels(name):
    data, digits = load(name), load("digits")
    labels = digits.stream("labelled").gather(torch.arange(len(digits.stream())))["label"]
    assert torch.equal(rows_of(data, "label_a"), labels[0::2])
    assert torch.equal(rows_of(data, "label_b"), labels[1::2])
    assert data.label_of("domain_a") == "label_a"
    assert data.label_of("domain_b") == data.label_of("real") == "label_b"
    assert data.truth.classes == 10


def test_blended_digits_are_photographs_where_the_digit_is_black():
    data, digits = load("blended-digits"), load("digits")
    image = rows_of(data, "domain_b", "test").int()
    digit = digits.reference("test").int()
    patch = torch.where(image + digit <= 255, image + digit, digit - image)  # |p - d| has one or two roots
    assert (patch >= 0).all()
    black = (digit == 0).expand_as(image)
    assert image[black].float().std() > 20
    pictures = photographs()
    first = image[0, :, :3].numpy()  # three rows above every digit
    found = [
        np.all(
            np.lib.stride_tricks.sliding_window_view(p, (3, 28), axis=(1, 2)) == first[:, None, None],
            (0, 3, 4),
        ).any()
        for p in pictures
    ]
    assert any(found)


def test_tints_turn_by_their_labels():
    data = load("three-tints")
    rows = data.given(["real", "target", "moved", "domain"], "test")
    real, moved = rows["real"].int(), rows["moved"].int()
    assert (rows["target"] != rows["domain"]).all()
    step = (rows["target"] - rows["domain"]) % 3
    turned = torch.stack([image.roll(int(by), 0) for image, by in zip(real, step, strict=True)])
    assert torch.equal(turned, moved)
    assert (torch.bincount(rows["domain"]) >= 118).all()


def test_an_outline_lies_on_the_stroke_and_encloses_it():
    data = load("digit-outlines")
    given = data.given(["a", "b"], "test")
    outline, digit = given["a"][:, 0].numpy() == 255, given["b"][:, 0].numpy() >= 128
    assert set(np.unique(given["a"])) == {0, 255}
    assert (outline <= digit).all()
    grown = np.pad(digit, ((0, 0), (1, 1), (1, 1)))
    dark = ~(grown[:, :-2, 1:-1] & grown[:, 2:, 1:-1] & grown[:, 1:-1, :-2] & grown[:, 1:-1, 2:])
    assert np.array_equal(outline, digit & dark)  # by hand: a neighbour above, below, left or right is dark
    assert torch.equal(data.paired("b", ["a"]), data.reference("test"))
    assert data.label_of("a") == "label"
