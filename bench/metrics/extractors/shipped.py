"""The extractors that come with the project: LeNets, LeNets of stacks, and the judge."""

from __future__ import annotations

from functools import partial

from gan_bench.bench.metrics.extractors.base import Extractor
from gan_bench.bench.metrics.extractors.registry import extractor, register_extractor

LENETS = ("lenet28", "lenet28_fashion", "lenet28_digits", "lenet28_domains")
STACKED = ("lenet28", "lenet28_digits")


def _lenet(name: str, device: str) -> Extractor:
    from gan_bench.bench.metrics.extractors.lenet import load

    return load(name, device)


def _channels(name: str, device: str) -> Extractor:
    from gan_bench.bench.metrics.extractors.channels import Channels

    return Channels(extractor(name, device))


@register_extractor("grain")
def _judge(device: str) -> Extractor:
    from gan_bench.bench.metrics.extractors.judge import load

    return load(device)


for _name in LENETS:
    register_extractor(_name)(partial(_lenet, _name))
for _name in STACKED:
    register_extractor(f"{_name}x3")(partial(_channels, _name))
