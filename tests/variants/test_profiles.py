import pytest

import variants
from variants import profiles
from variants.profiles import ProfileError, load


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
        ProfileError, match=r"'wgan' has no profile 'tuned' for planar data; one of default, paper"
    ):
        load("wgan", "tuned", "planar")
    with pytest.raises(ProfileError, match=r"'lsgan' has no profile 'tuned' for images data"):
        load("lsgan", "tuned", "images")


def test_a_misspelt_profile_names_the_nearest(searched):
    with pytest.raises(ProfileError, match=r"one of default, paper, tuned \(nearest: paper\)"):
        load("wgan", "papers", "images")


def test_the_shipped_file_holds_valid_settings_only():
    from variants.hyperparameters import resolve

    shipped = profiles.tuned()["tuned"]
    assert set(shipped) == {"scalar", "planar", "images"}
    for found in shipped.values():
        assert found
        for variant, settings in found.items():
            assert resolve(variants.get(variant).hyperparameters, settings)


def test_the_paper_profiles_hold_the_papers_numbers():
    """Read off the papers: algorithm 1 of both WGANs, section 4.2 of BEGAN, section 6 of R1's, and so on."""
    numbers = {
        "gan": {"optimiser": "sgd", "latent_law": "uniform"},
        "dcgan": {"lr": 2e-4, "beta1": 0.5, "batch_size": 128, "latent_dim": 100, "critic_norm": "batch"},
        "wgan": {"lr": 5e-5, "clip": 0.01, "n_critic": 5, "optimiser": "rmsprop", "batch_size": 64},
        "wgan-gp": {"lr": 1e-4, "beta1": 0.0, "beta2": 0.9, "penalty_weight": 10.0, "n_critic": 5},
        "wgan-div": {"div_weight": 2.0},
        "began": {"lr": 1e-4, "batch_size": 16, "latent_law": "uniform"},
        "ebgan-pt": {"pulling_away": 0.1},
        "ragan": {"lr": 2e-4, "beta1": 0.5, "n_critic": 1},
        "sngan": {"critic_norm": "spectral", "n_critic": 5},
        "r1gan": {"r1_gamma": 10.0, "lr": 1e-4, "optimiser": "rmsprop", "ema": 0.999},
        "unrolled": {"unroll_steps": 5, "batch_size": 512, "generator_lr": 1e-3, "critic_lr": 1e-4},
        "pacgan": {"pac": 2},
    }
    for name, expected in numbers.items():
        paper = variants.get(name).profiles["paper"]
        assert {key: paper[key] for key in expected} == expected, name
