"""Two domains of images with a known map."""

import numpy as np
import torch

from gan_bench.datasets import load


def test_inverted_digits_are_unpaired_in_training_and_paired_by_the_map_elsewhere():
    data, digits = load("inverted-digits"), load("digits")
    train = {name: data.stream(name).gather(torch.arange(len(data.stream(name)))) for name in data.streams}
    both = torch.cat([train["domain_a"], 255 - train["domain_b"]]).flatten(1)
    everything = digits.stream().gather(torch.arange(len(digits.stream()))).flatten(1)
    assert len(both) == len(everything)
    as_rows = [sorted(map(bytes, rows.numpy())) for rows in (both, everything)]
    assert as_rows[0] == as_rows[1]  # every digit once, in one domain only
    assert torch.equal(train["real"], train["domain_b"])
    for split in ("validation", "test"):
        given, wanted = data.reference(split, field="domain_a"), data.reference(split, field="domain_b")
        assert torch.equal(wanted, 255 - given)
        mapped = data.truth.mapping(given.numpy())
        assert np.array_equal(mapped, wanted.numpy())


def test_both_domains_have_their_space():
    data = load("inverted-digits")
    assert {str(data.spaces[name]) for name in data.streams} == {"1x28x28 in [-1, 1]"}
    prepared = data.prepare(data.reference("test", 2, "domain_b"), "domain_b")
    assert prepared.max() == 1.0  # the background is white
    assert data.class_weights is None
