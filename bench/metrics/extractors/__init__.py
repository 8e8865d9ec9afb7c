"""Feature extractors, and which dataset is measured by which: the only place that says so."""

from __future__ import annotations

from bench.metrics.extractors.base import Extractor, Outputs

__all__ = ["OWN", "Extractor", "Outputs", "own"]

# By the identity of the data really used: digits standing in for mnist is measured by lenet28_digits.
OWN = {"mnist": "lenet28", "fashion-mnist": "lenet28_fashion", "digits": "lenet28_digits"}
STACKED = {"stacked-mnist": "mnist", "stacked-digits": "digits"}
"""Data whose channels are images of another dataset, each read by that one's extractor."""


def own(dataset_name: str, device: str = "cpu") -> Extractor | None:
    """The extractor trained on this dataset; None where there is none (another's is never borrowed)."""
    if dataset_name in STACKED:
        from bench.metrics.extractors.channels import Channels

        single = own(STACKED[dataset_name], device)
        assert single is not None
        return Channels(single)
    if dataset_name not in OWN:
        return None
    from bench.metrics.extractors.lenet import load

    return load(OWN[dataset_name], device)
