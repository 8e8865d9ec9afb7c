from __future__ import annotations

from pathlib import Path

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning.suite import load_suite
from gan_bench.bench.speed.workload import reference_variant, settings_text
from tests.bench.speed.conftest import Choose


def test_the_default_workload(choose: Choose) -> None:
    (workload,) = choose(architecture=None, variants=None)
    assert workload.name == "ring, mlp hidden=16x16, batch 256"
    assert workload.trials[0].variant == workload.reference == "nsgan"
    assert len({trial.variant for trial in workload.trials}) == len(workload.trials) > 5
    assert {trial.hyperparameters["n_critic"] for trial in workload.trials} == {1}


def test_a_suite_gives_its_data_networks_and_settings(choose: Choose) -> None:
    ring, grid = (
        choose(suite=name, architecture=None, variants=None, profile="tuned")[0] for name in ("ring", "grid")
    )
    assert (ring.name, grid.name) == ("ring, mlp, batch 256", "grid, mlp, batch 256")
    assert "ema=0.99" in settings_text(ring.trials[0])
    both = choose(suite="toy", architecture=None)
    assert {workload.data.name for workload in both} > {"ring", "grid"}


def test_data_and_networks_are_those_of_the_budget(choose: Choose) -> None:
    """`clustering` has two datasets, of which its budget `quick` uses one."""
    suite = load_suite("clustering")
    used = suite.budgets["quick"].datasets
    assert used is not None
    assert {*used} < {*suite.datasets}
    found = choose(suite="clustering", architecture=None, variants=None, reference=None)
    assert {workload.data.name for workload in found} == {*used}


def test_a_suite_that_searches_gives_one_setting(choose: Choose) -> None:
    (*_, workload) = choose(suite="search-planar", architecture=None)
    assert [trial.variant for trial in workload.trials] == ["nsgan"]


def test_other_data_networks_and_settings(choose: Choose) -> None:
    (workload,) = choose(
        dataset="grid", architecture='mlp, hidden=[4, 8], norm="batch"', changes=["batch_size=32"]
    )
    assert workload.name == "grid, mlp hidden=4x8 norm=batch, batch 32"
    assert workload.data.name == "grid"


def test_networks_of_a_role_are_named_with_their_options(choose: Choose) -> None:
    cyclegan = {"variants": ["cyclegan"], "reference": "cyclegan", "dataset": "inverted-digits"}
    (workload,) = choose(suite="translation-domains", architecture=None, **cyclegan)
    roles = "(translator: unet width=8 depth=2 dropout=0.0) (critic: patch width=16 layers=2)"
    assert workload.name == f"inverted-digits, unet {roles}, batch 16"


def test_different_batches_are_different_workloads(choose: Choose) -> None:
    pair = choose(variants=["nsgan", "lsgan"], changes=["lsgan.batch_size=16"])
    assert [workload.name[-9:] for workload in pair] == ["batch 256", " batch 16"]


def test_the_reference_is_always_measured(choose: Choose) -> None:
    (workload,) = choose(variants=["wgangp", "ragan"])
    assert [trial.variant for trial in workload.trials] == ["nsgan", "wgan-gp", "ragan"]


def test_suites_without_the_usual_reference_compare_with_their_first(choose: Choose) -> None:
    options = {"architecture": None, "reference": None}
    found = choose(suite="translation", **options, variants=None)
    assert {(w.data.name, w.reference) for w in found} == {
        ("turned", "cyclegan"), ("digit-outlines", "pix2pix"),
        ("inverted-digits", "cyclegan"), ("tinted-digits", "cyclegan"),
    }  # fmt: skip
    assert all(w.reference in {trial.variant for trial in w.trials} for w in found)
    (*_, tinted) = choose(suite="translation-domains", **options, variants=["discogan"])
    assert [trial.variant for trial in tinted.trials] == ["cyclegan", "discogan"]
    (ring,) = choose(suite="ring", **options, variants=None)  # its first is gan
    assert ring.reference == "nsgan"


def test_settings_are_those_that_differ_from_the_defaults(choose: Choose) -> None:
    (workload,) = choose(variants=["wgan"], reference="wgan", changes=["beta1=0.25", "n_critic=3"])
    text = settings_text(workload.trials[0])
    assert {"optimiser=rmsprop", "beta1=0.25", "n_critic=3", "batch_size=256"} <= set(text.split())
    assert "clip" not in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"variants": ["nsgam"]}, "--variants.*nsgan"),
        ({"dataset": "rign"}, "ring"),
        ({"architecture": "mlpp"}, "mlp"),
        ({"architecture": "mlp, hiden=[2]"}, "hidden"),
        ({"architecture": "mlp, hidden=2,3"}, "--architecture mlp, hidden=2,3"),
        ({"changes": ["batch=3"]}, "batch_size"),
        ({"profile": "papper"}, "paper"),
    ],
)
def test_what_cannot_be_chosen_is_named(choose: Choose, options: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        choose(**options)


def test_an_unknown_reference() -> None:
    with pytest.raises(UsageError, match=r"--reference.*nsgan"):
        reference_variant("nsgann", load_suite("ring"))


def test_no_variant_is_named_in_the_code() -> None:
    import gan_bench.bench.speed
    from gan_bench.bench.planning import catalogue

    for path in Path(gan_bench.bench.speed.__file__).parent.glob("*.py"):
        words = path.read_text().replace('"', " ").replace("`", " ").replace("'", " ").split()
        names = {"nsgan", "wgan-gp", "lsgan", *catalogue.variant_names()} - {"unit"}  # an ordinary word
        assert not names & set(words), path
