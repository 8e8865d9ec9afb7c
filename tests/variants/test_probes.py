"""The objectives of games that are not just latent to data, against closed forms on fixed networks."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.special
import torch

import variants
from variants import DataSpec, Play
from variants.joining import join, joined_shape, one_hot

NUMBERS = torch.Generator().manual_seed(0)


def play_of(networks, batch, noise=None, **hp):
    return Play(networks, batch, noise or {}, SimpleNamespace(**hp), {})


def game(name, data, **settings):
    return variants.get(name)(data, SimpleNamespace(**settings))


def bce(scores, target):
    """Mean cross-entropy of logits with a constant target, by SciPy."""
    p = scipy.special.expit(np.asarray(scores, dtype=float))
    return float(np.mean(-target * np.log(p) - (1 - target) * np.log(1 - p)))


# Joining


def test_labels_and_codes_join_samples():
    hot = one_hot(torch.tensor([2, 0]), 3, torch.empty(0, dtype=torch.float64))
    assert hot.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert hot.dtype == torch.float64
    assert join(torch.ones(2, 4), hot).tolist() == [[1, 1, 1, 1, 0, 0, 1], [1, 1, 1, 1, 1, 0, 0]]
    images = join(torch.ones(2, 1, 5, 6), hot)
    assert images.shape == (2, *joined_shape((1, 5, 6), 3))
    assert (images[0, 3] == 1).all()
    assert (images[0, 1:3] == 0).all()


# ACGAN


def acgan_scene():
    data = DataSpec({"real": (2,), "labelled": (2,)}, classes=3)
    out = {"real": torch.randn(4, 4, generator=NUMBERS), "fake": torch.randn(4, 4, generator=NUMBERS)}
    labels, asked = torch.tensor([0, 1, 2, 1]), torch.tensor([2, 2, 0, 1])
    seen = []

    def generator(z):
        seen.append(z)
        return torch.full((4, 2), -1.0)

    networks = {"critic": lambda x: out["real" if x[0, 0] > 0 else "fake"], "generator": generator}
    batch = {"labelled": {"real": torch.ones(4, 2), "label": labels}}
    play = play_of(networks, batch, {"latent": torch.zeros(4, 5), "label": asked}, class_weight=0.7)
    return game("acgan", data, latent_dim=5), play, out, labels, asked, seen


def class_nll(out, labels):
    logits = out[:, 1:].double().numpy()
    picked = logits[np.arange(4), labels] - scipy.special.logsumexp(logits, axis=1)
    return -picked.mean()


def test_acgan_objectives():
    acgan, play, out, labels, asked, seen = acgan_scene()
    classes = class_nll(out["real"], labels) + class_nll(out["fake"], asked)
    expected = bce(out["real"][:, 0], 1) + bce(out["fake"][:, 0], 0) + 0.7 * classes
    assert acgan.critic_loss(play).value.item() == pytest.approx(expected, rel=1e-5)
    expected = bce(out["fake"][:, 0], 1) + 0.7 * class_nll(out["fake"], asked)
    assert acgan.generator_loss(play).value.item() == pytest.approx(expected, rel=1e-5)
    assert torch.equal(seen[0][:, 5:], one_hot(asked, 3, seen[0])), "the generator is told the class"


def test_acgan_samples_the_classes_it_is_given():
    acgan, play, _, _, _, seen = acgan_scene()
    play.batch["label"] = torch.tensor([1, 1, 2, 0])
    acgan.sample_labelled(play)
    assert seen[-1][:, 5:].argmax(1).tolist() == [1, 1, 2, 0]
    acgan.sample(play)
    assert seen[-1][:, 5:].argmax(1).tolist() == [2, 2, 0, 1]


# BiGAN


def test_bigan_objectives_exchange_the_pairs():
    data = DataSpec({"real": (2,)})
    bigan = game("bigan", data, latent_dim=1)
    real, code = torch.randn(6, 2, generator=NUMBERS), torch.randn(6, 1, generator=NUMBERS)
    networks = {
        "generator": lambda z: torch.cat((z, -z), 1),
        "encoder": lambda x: x[:, :1] - x[:, 1:],
        "critic": lambda pair: pair @ torch.tensor([0.5, -1.0, 2.0]),
    }
    play = play_of(networks, {"real": real}, {"latent": code})
    x, z = real.numpy(), code.numpy()
    encoded = 0.5 * x[:, 0] - x[:, 1] + 2 * (x[:, 0] - x[:, 1])
    generated = 0.5 * z[:, 0] + z[:, 0] + 2 * z[:, 0]
    critic, generator = bigan.critic_loss(play).item(), bigan.generator_loss(play).item()
    assert critic == pytest.approx(bce(encoded, 1) + bce(generated, 0), rel=1e-5)
    assert generator == pytest.approx(bce(encoded, 0) + bce(generated, 1), rel=1e-5)
    assert torch.allclose(bigan.reconstruct(play)[:, 0], bigan.encode(play)[:, 0])


# CycleGAN


def test_cyclegan_objectives():
    data = DataSpec({"real": (2,), "domain_a": (2,), "domain_b": (2,)})
    cyclegan = game("cyclegan", data)
    a, b = (torch.randn(5, 2, generator=NUMBERS) for _ in range(2))
    networks = {
        "a_to_b": lambda x: 2 * x,
        "b_to_a": lambda x: x - 1,
        "critic_a": lambda x: x[:, 0],
        "critic_b": lambda x: x[:, 1] + 0.5,
    }
    play = play_of(networks, {"domain_a": a, "domain_b": b}, cycle_weight=10.0, identity_weight=5.0)
    a, b = a.double().numpy(), b.double().numpy()

    def square(values, target):
        return np.mean((values - target) ** 2)

    expected = (
        square(a[:, 0], 1) + square(b[:, 0] - 1, 0) + square(b[:, 1] + 0.5, 1) + square(2 * a[:, 1] + 0.5, 0)
    )
    assert cyclegan.critic_loss(play).item() == pytest.approx(expected / 2, rel=1e-5)
    fooled = square(2 * a[:, 1] + 0.5, 1) + square(b[:, 0] - 1, 1)
    cycle = np.abs(2 * a - 1 - a).mean() + np.abs(2 * (b - 1) - b).mean()
    same = np.abs(b).mean() + 1  # |2b - b| and |a - 1 - a|
    loss = cyclegan.generator_loss(play)
    assert loss.value.item() == pytest.approx(fooled + 10 * cycle + 5 * same, rel=1e-5)
    assert loss.logs["cycle"].item() == pytest.approx(cycle, rel=1e-5)
    assert torch.equal(cyclegan.translate(play), cyclegan.sample(play))


def test_a_perfect_translator_has_only_the_adversarys_share():
    """With exact inverses the cycle term is 0, and constant scores 1/2 leave 2 (1/2)^2 to each player."""
    data = DataSpec({"real": (2,), "domain_a": (2,), "domain_b": (2,)})
    half = {f"critic_{d}": lambda x: torch.full((len(x),), 0.5) for d in "ab"}
    networks = {"a_to_b": lambda x: x + 3, "b_to_a": lambda x: x - 3, **half}
    batch = {"domain_a": torch.zeros(4, 2), "domain_b": torch.ones(4, 2)}
    play = play_of(networks, batch, cycle_weight=10.0, identity_weight=0.0)
    cyclegan = game("cyclegan", data)
    assert cyclegan.critic_loss(play).item() == pytest.approx(0.5)
    assert cyclegan.generator_loss(play).value.item() == pytest.approx(0.5)


# What they need


@pytest.mark.parametrize(
    ("name", "streams", "reason"),
    [
        ("acgan", {"real": (2,)}, "it needs the stream labelled, the data offers real"),
        ("cyclegan", {"real": (2,), "domain_a": (2,)}, "it needs the stream domain_b"),
        ("cyclegan", {"real": (2,), "domain_a": (2,), "domain_b": (3,)}, "equal ones are needed"),
        ("bigan", {"real": (2,)}, ""),
        ("nsgan", {"real": (2,), "labelled": (2,)}, ""),
    ],
)
def test_games_say_what_data_they_need(name, streams, reason):
    said = variants.get(name).refuses(DataSpec(streams))
    assert bool(said) == bool(reason)
    assert reason in said


def test_a_perfect_critic_gains_nothing_from_a_perfect_bigan():
    """Where both pairs have one law, a critic that says 0 everywhere loses 2 log 2, as the generator does."""
    bigan = game("bigan", DataSpec({"real": (1,)}), latent_dim=1)
    networks = {"generator": lambda z: z, "encoder": lambda x: x, "critic": lambda pair: 0 * pair[:, 0]}
    play = play_of(networks, {"real": torch.randn(8, 1)}, {"latent": torch.randn(8, 1)})
    for loss in (bigan.critic_loss, bigan.generator_loss):
        assert loss(play).item() == pytest.approx(2 * math.log(2))
