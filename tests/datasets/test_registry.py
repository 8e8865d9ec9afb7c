from __future__ import annotations

import pytest

from gan_bench import datasets
from gan_bench.datasets import Dataset, DatasetError, UnknownName, registry
from gan_bench.datasets.toy import gaussian1d


@pytest.fixture(autouse=True)
def restored():
    with registry.DATASETS.restored():
        yield


def test_the_shipped_datasets_are_in_order():
    shipped = ["gaussian1d", "dirac", "quadratic", "ring", "grid", "sine", "two-curves", "spiral", "pinwheel"]
    shipped += [
        "turned",
        "mixture-1200d",
        "digits",
        "mnist",
        "fashion-mnist",
        "stacked-digits",
        "stacked-mnist",
    ]
    assert [name for name in datasets.names() if name in shipped] == shipped


@pytest.mark.parametrize(
    ("typo", "meant"), [("rimg", "ring"), ("Ring", "ring"), ("fashion_mnist", "fashion-mnist")]
)
def test_an_unknown_name_calls_up_the_nearest(typo, meant):
    for look_up in (datasets.info, datasets.load):
        with pytest.raises(UnknownName, match=f"unknown dataset '{typo}'; did you mean '{meant}'"):
            look_up(typo)


def test_a_name_like_none_gets_the_list():
    with pytest.raises(DatasetError, match=r"'zzz'; choose from: gaussian1d, .*stacked-mnist"):
        datasets.load("zzz")


def test_a_plug_in_registers_a_dataset():
    @datasets.register_dataset("mine", kind="scalar", title="Mine", source="a test")
    def mine() -> Dataset:
        """A shipped dataset under another name."""
        return gaussian1d()

    entry = datasets.info("mine")
    assert (entry.kind, entry.title, entry.source, entry.factory) == ("scalar", "Mine", "a test", mine)
    assert datasets.load("mine").kind == "scalar"
    assert "mine" in datasets.names()


def test_a_taken_name_is_refused():
    with pytest.raises(DatasetError, match=r"'ring' is registered already, by gan_bench.datasets.toy.ring"):
        datasets.register_dataset("ring", kind="planar")(gaussian1d)


def test_a_factory_with_a_wrong_result_is_named():
    datasets.register_dataset("nothing", kind="scalar")(lambda: None)
    datasets.register_dataset("wrong", kind="planar")(gaussian1d)
    with pytest.raises(DatasetError, match=r"'nothing' is no Dataset: its factory .* returned NoneType"):
        datasets.load("nothing")
    with pytest.raises(DatasetError, match="'wrong' is registered as planar but is scalar"):
        datasets.load("wrong")


def test_an_unknown_kind_is_refused():
    with pytest.raises(DatasetError, match="unknown kind 'plane'; did you mean 'planar'"):
        datasets.register_dataset("mine", kind="plane")
