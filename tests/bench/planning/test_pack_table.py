from __future__ import annotations

import itertools

import pytest

from gan_bench.bench.planning.pack_table import Timing, table, timing


def timed(**changes) -> Timing:
    facts = {
        "device": "cpu", "torch": "2", "date": "2026-11-27", "source": "a test", "workload": "ring",
        "variant": "nsgan", "family": "mlp", "work": 1e6, "milliseconds": {"batched": {1: 1.0}},
    }  # fmt: skip
    return Timing.model_validate(facts | changes)


@pytest.mark.parametrize(
    ("milliseconds", "count", "packs"),
    [
        ({1: 1.0, 4: 1.1, 16: 1.6, 64: 4.0}, 64, 1),  # 4, 4.8 in two packs
        ({1: 1.0, 4: 1.1, 16: 1.6, 64: 6.0}, 64, 4),
        ({1: 1.0, 4: 4.2, 16: 17.0}, 10, 10),
        ({1: 1.0, 4: 2.0, 16: 8.0}, 5, 1),  # 2.5; 3 in two packs, of 3 and 2
        ({1: 1.0, 4: 1.0}, 3, 1),
        ({1: 1.0, 4: 1.0}, 9, 3),  # nothing is known of packs above 4
        ({64: 1.7}, 5, 1),  # nor of smaller ones than 64, except that they take no longer
    ],
)
def test_the_most_packs_within_ten_per_cent_of_the_least_time(milliseconds, count, packs) -> None:
    assert timed(milliseconds={"batched": milliseconds}).packs("batched", count) == packs


def test_between_two_sizes_the_time_is_on_a_straight_line() -> None:
    one = timed(milliseconds={"batched": {1: 1.0, 4: 2.5, 16: 14.5}})
    assert one.of_all("batched", 10, 1) == pytest.approx(8.5)
    assert one.of_all("batched", 5, 2) == pytest.approx(2.0 + 1.5)


def test_the_fastest_way_is_that_of_least_time() -> None:
    one = timed(milliseconds={"batched": {1: 3.0, 10: 5.0}, "streams": {10: 3.0}, "compiled": {1: 0.1}})
    assert one.fastest(("batched", "products", "streams"), 10) == ("streams", 1)
    assert one.fastest(("batched",), 10) == ("batched", 1)
    assert one.fastest(("products",), 10)[0] == "batched"


def test_device_family_work_and_variant_count_in_this_order() -> None:
    table = [
        timed(device=device, family=family, work=work, variant=variant)
        for device, family, work, variant in itertools.product(
            ("cpu", "H100", "H200"), ("mlp", "conv"), (1e5, 1e9), ("nsgan", "wgan-gp")
        )
    ]

    def chosen(*workload):
        one = timing(*workload, table)
        return one.device, one.family, one.work, one.variant

    assert chosen("NVIDIA H200", "wgan-gp", "conv", 1e8) == ("H200", "conv", 1e9, "wgan-gp")
    assert chosen("cpu", "lsgan", "mlp", 10.0) == ("cpu", "mlp", 1e5, "nsgan")
    assert chosen("cpu", "wgan-gp", "unet", 1e9) == ("cpu", "mlp", 1e9, "wgan-gp")
    assert chosen("NVIDIA A100", "nsgan", "mlp", 1e5)[0] != "cpu"
    assert chosen("NVIDIA H100 80GB HBM3", "nsgan", "mlp", 1e5)[0] == "H100"


def test_the_shipped_table_has_processors_and_cards() -> None:
    devices = {one.device for one in table()}
    assert "cpu" in devices
    assert devices - {"cpu"}
