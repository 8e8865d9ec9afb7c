import re

import pytest

from gan_bench import variants
from gan_bench.variants import profiles
from gan_bench.variants.hyperparameters import resolve
from gan_bench.variants.profiles import ProfileError, load
from gan_bench.variants.schedules import Schedule
from gan_bench.variants.sources import OWN_BATCHES, Profile


@pytest.fixture
def searched(monkeypatch):
    """A search that found something for wgan on images and nothing else."""
    found = {"tuned": {"images": {"wgan": {"lr": 1e-3, "clip": 0.03}}}}
    monkeypatch.setattr(profiles, "tuned", lambda: found)
    return found


def test_profiles_by_name():
    assert load("wgan", "default", "images") == {}
    assert load("wgan", "paper", "images") == variants.get("wgan").profiles["paper"]
    assert load("wgangp", "paper", "planar")["penalty_weight"] == 10.0


def test_what_is_returned_is_a_copy(searched):
    load("wgan", "paper", "images")["lr"] = 1.0
    load("wgan", "tuned", "images")["lr"] = 1.0
    assert load("wgan", "paper", "images")["lr"] == 5e-5
    assert load("wgan", "tuned", "images")["lr"] == 1e-3


def test_tuned_profiles_are_found_per_kind(searched):
    assert load("wgan", "tuned", "images") == {"lr": 1e-3, "clip": 0.03}
    with pytest.raises(
        ProfileError, match=r"'wgan' has no profile 'tuned' for planar data; choose from: default, paper"
    ):
        load("wgan", "tuned", "planar")
    with pytest.raises(ProfileError, match=r"'lsgan' has no profile 'tuned' for images data"):
        load("lsgan", "tuned", "images")


def test_a_misspelt_profile_names_the_nearest(searched):
    with pytest.raises(ProfileError, match=r"did you mean 'paper'"):
        load("wgan", "papers", "images")


def test_the_shipped_file_holds_valid_settings_only():
    shipped = profiles.tuned()["tuned"]
    assert set(shipped) == {"scalar", "planar", "images"}
    for found in shipped.values():
        assert found
        for variant, settings in found.items():
            assert resolve(variants.get(variant).hyperparameters, settings)


def test_the_variants_of_a_shipped_search_had_equally_many_settings_and_the_best_was_chosen():
    shipped = profiles.tuned()
    for kind, searches in shipped["provenance"].items():
        counted = {name: count for facts in searches for name, count in facts["settings"].items()}
        assert set(counted) == set(shipped["tuned"][kind]) == set(shipped["search"][kind])
        for suite in {name for facts in searches for name in facts["suites"]}:
            facts = [each for each in searches if suite in each["suites"]]
            assert len({count for each in facts for count in each["settings"].values()}) == 1, suite
            for key in ("datasets", "architectures", "primary", "kimg", "seeds"):
                assert all(each[key] == facts[0][key] for each in facts), (suite, key)
        for variant, rows in shipped["search"][kind].items():
            assert len(rows) == counted[variant], variant
            (chosen,) = (row for row in rows if row.get("chosen"))
            assert chosen["rank"] == min(row["rank"] for row in rows), variant


NUMBERS = {
    "gan": {
        "optimiser": "sgd", "momentum": {"schedule": "linear", "start": 0.5, "end": 0.7}, "batch_size": 100,
        "updates": "simultaneous", "latent_dim": 100, "latent_law": "uniform", "latent_scale": 3**0.5,
    },
    "dcgan": {"lr": 2e-4, "beta1": 0.5, "batch_size": 128, "latent_dim": 100, "critic_norm": "batch"},
    "lsgan": {"lr": 1e-3, "beta1": 0.5, "batch_size": 64, "latent_dim": 1024, "latent_law": "uniform"},
    "wgan": {
        "lr": 5e-5, "clip": 0.01, "n_critic": 5, "optimiser": "rmsprop", "batch_size": 64, "latent_dim": 100,
    },
    "wgan-gp": {
        "lr": 1e-4, "beta1": 0.0, "beta2": 0.9, "penalty_weight": 10.0, "n_critic": 5, "latent_dim": 128,
    },
    "wgan-div": {"div_weight": 2.0, "n_critic": 4, "latent_dim": 128},
    "hinge": {"optimiser": "rmsprop", "lr": 2e-4, "n_generator": 10, "latent_dim": 100, "batch_size": 64},
    "bgan": {"latent_law": "uniform", "latent_scale": 0.5, "latent_dim": 128, "lr": 1e-4},
    "bgan-discrete": {"latent_law": "uniform", "latent_scale": 0.5, "latent_dim": 64, "samples": 20},
    "bigan": {
        "lr": {"schedule": "exponential", "start": 2e-4, "end": 2e-6, "begin": 0.5},
        "updates": "simultaneous", "latent_law": "uniform", "latent_dim": 50, "batch_size": 128,
    },
    "began": {"lr": 1e-4, "batch_size": 16, "latent_law": "uniform", "latent_dim": 64, "gamma": 0.5},
    "ebgan-pt": {"pulling_away": 0.1},
    "dragan": {"lr": 1e-4, "beta1": 0.5, "beta2": 0.9, "batch_size": 128, "latent_law": "uniform"},
    **{
        name: {
            "lr": 2e-4, "beta1": 0.5, "n_critic": 1, "batch_size": 32, "critic_norm": "spectral",
            "latent_dim": 128,
        }
        for name in ("rsgan", "ragan", "rlsgan", "ralsgan", "rhinge", "rahinge")
    },
    "sngan": {
        "lr": {"schedule": "linear", "start": 2e-4, "end": 0.0}, "beta1": 0.0, "beta2": 0.9,
        "critic_norm": "spectral", "n_critic": 5, "latent_dim": 128,
    },
    "r1gan": {"r1_gamma": 10.0, "lr": 1e-4, "optimiser": "rmsprop", "ema": 0.999, "latent_dim": 256},
    "r2gan": {"r2_gamma": 10.0, "lr": 1e-4, "optimiser": "rmsprop", "ema": 0.999, "latent_dim": 256},
    "cyclegan": {
        "lr": {"schedule": "linear", "start": 2e-4, "end": 0.0, "begin": 0.5}, "batch_size": 1, "pool": 50,
        "cycle_weight": 10.0, "updates": "simultaneous",
    },
    "discogan": {
        "lr": 2e-4, "weight_decay": 1e-5, "batch_size": 64, "n_generator": 2, "feature_share": 0.9,
    },
    "dualgan": {
        "optimiser": "rmsprop", "lr": 5e-5, "decay": 0.9, "batch_size": 1, "cycle_weight": 500.0,
        "clip": 0.01,
    },
    "stargan": {
        "lr": {"schedule": "linear", "start": 1e-4, "end": 0.0, "begin": 0.5}, "batch_size": 16,
        "n_critic": 5, "class_weight": 1.0, "cycle_weight": 10.0, "penalty_weight": 10.0,
    },
    "cogan": {"lr": 2e-4, "weight_decay": 5e-4, "batch_size": 64, "latent_dim": 100, "class_weight": 20.0},
    "pixelda": {
        "batch_size": 32, "latent_dim": 10, "latent_law": "uniform", "adversarial_weight": 0.01132,
        "task_weight": 0.01010,
    },
    "context-encoder": {
        "critic_lr": 2e-4, "generator_lr": 2e-3, "beta1": 0.5, "batch_size": 64, "overlap": 4,
    },
    "srresnet": {"lr": 1e-4, "beta1": 0.9, "batch_size": 16},
    "srgan": {
        "lr": {"schedule": "step", "start": 1e-4, "end": 1e-5, "until": 0.92}, "batch_size": 16,
        "features": "vgg19", "feature_layer": "5,4", "feature_weight": 0.006, "adversarial_weight": 1e-3,
        "pixel_weight": 0.0,
    },
    "rrdb": {"beta1": 0.9, "beta2": 0.99, "batch_size": 16, "ema": 0.999},
    "esrgan": {
        "lr": 1e-4, "beta1": 0.9, "beta2": 0.99, "batch_size": 16, "ema": 0.999, "feature_weight": 1.0,
        "pixel_weight": 1e-2, "adversarial_weight": 5e-3,
    },
    "consensus": {"optimiser": "rmsprop", "lr": 1e-4, "consensus_weight": 10.0, "latent_dim": 256},
    "unrolled": {
        "unroll_steps": 5, "unroll_by": "optimiser", "batch_size": 512, "generator_lr": 1e-3,
        "critic_lr": 1e-4, "updates": "simultaneous",
    },
    "pacgan": {"pac": 2, "n_generator": 2, "batch_size": 128, "latent_dim": 100},
}  # fmt: skip
"""Read off the papers and the authors' programs that the profiles name."""


@pytest.mark.parametrize("name", NUMBERS)
def test_the_paper_profiles_hold_the_papers_numbers(name):
    paper = variants.get(name).profiles["paper"]
    assert {key: paper[key] for key in NUMBERS[name]} == NUMBERS[name]


def test_nsgan_is_trained_as_gan_is_and_r3gan_is_averaged():
    gan, nsgan = (variants.get(name).profiles["paper"] for name in ("gan", "nsgan"))
    assert gan == nsgan
    assert variants.get("r3gan").profiles["paper"]["ema"] > 0


def test_the_first_gans_rate_falls_as_pylearn2_lets_it_fall():
    """0.1 / 1.000004^t at the update t of 250 epochs of 500 updates; the critic's loss is halved there."""
    paper = variants.get("gan").profiles["paper"]
    whole, half = Schedule.parse(paper["lr"]), Schedule.parse(paper["critic_lr"])
    for epoch in (0, 1, 100, 250):
        rate = 0.1 / 1.000004 ** (500 * epoch)
        assert whole.at(epoch / 250) == pytest.approx(rate, rel=2e-3)
        assert half.at(epoch / 250) == pytest.approx(rate / 2, rel=2e-3)


OWN = [n for n in variants.names() if variants.get(n).__module__.startswith("gan_bench.variants.")]


@pytest.mark.parametrize("name", OWN)
def test_every_paper_profile_states_its_source_and_holds_valid_settings(name):
    game = variants.get(name)
    paper = game.profiles["paper"]
    assert isinstance(paper, Profile)
    assert re.search(r"arXiv:\d{4}\.\d{4,5}|github:[\w.-]+/[\w.-]+", paper.source)
    assert all(len(text) > 20 for text in paper.differs)
    game.check(resolve(game.hyperparameters, paper))


SCALED = ("bigan", "cogan", "discogan", "munit", "unit", "vaegan")
"""Profiles with weight decay whose losses have another factor than the program's, or decay other weights."""


def test_what_becomes_of_weight_decay_is_stated():
    papers = {name: variants.get(name).profiles["paper"] for name in OWN}
    assert {name for name, paper in papers.items() if "weight_decay" in paper} == {*SCALED}
    for name in SCALED:
        assert any("decay" in re.sub("RMSProp's decay", "", text) for text in papers[name].differs), name
    for name, paper in papers.items():
        assert not any("optimisers" in text for text in paper.differs), name  # they have it: weight_decay


def test_the_step_of_latent_regression_is_stated():
    assert any("second step" in text for text in variants.get("bicyclegan").profiles["paper"].differs)


@pytest.mark.parametrize(
    "name", ["pix2pix", "munit", "unit", "dualgan", "stargan", "context-encoder", "esrgan"]
)
def test_players_of_a_program_that_share_a_batch_are_stated(name):
    paper = variants.get(name).profiles["paper"]
    assert paper.get("updates", "alternating") == "alternating"
    assert OWN_BATCHES in paper.differs


@pytest.mark.parametrize(
    ("chosen", "replaced"),
    [
        (profiles.Chosen("default", {}, replaced="tuned"), "tuned"),
        (profiles.Chosen("default", {}), ""),
        (profiles.Chosen("tuned", {}, file="mine (no tuned).toml"), ""),
    ],
)
def test_a_label_tells_which_profile_is_replaced(chosen: profiles.Chosen, replaced: str) -> None:
    assert profiles.replaced_in(chosen.label) == replaced
    assert profiles.replaced_in(f"{chosen.label}, lr=0.1") == replaced
