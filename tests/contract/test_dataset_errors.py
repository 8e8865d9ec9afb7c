"""Names that a dataset does not know are refused with the nearest that it does."""

from __future__ import annotations

import pytest
import torch

from gan_bench.datasets import DatasetError


def test_unknown_fields_name_the_nearest(dataset):
    for call in (dataset.prepare, dataset.restore):
        with pytest.raises(DatasetError, match=f"{dataset.name}: unknown field 'reel'; did you mean 'real'"):
            call(torch.zeros(2), "reel")
    for call in (lambda: dataset.reference(field="reel"), lambda: dataset.given(["reel"])):
        with pytest.raises(DatasetError, match="unknown field 'reel'"):
            call()
    for pair in (("reel", ["real"]), ("real", ["reel"])):
        with pytest.raises(DatasetError, match="unknown field 'reel'"):
            dataset.paired(*pair)


def test_unknown_streams_and_splits_call_up_the_nearest(dataset):
    with pytest.raises(DatasetError, match=f"{dataset.name}: unknown stream 'reel'; did you mean 'real'"):
        dataset.stream("reel")
    with pytest.raises(DatasetError, match="unknown split 'trian'; did you mean 'train'"):
        dataset.stream("real", "trian")
    for method in (dataset.reference, dataset.reference_labels):
        with pytest.raises(DatasetError, match="unknown reference split 'train'"):
            method("train")
