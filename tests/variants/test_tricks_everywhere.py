"""Every variant takes every trick; in games of more networks, critics still see what the trick says."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from gan_bench import variants
from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.parts import CompositionError, parts
from tests.contract.test_variants import SHORT, short_job
from tests.training import dataset, ground, trained, weights
from tests.variants.forms import FORMS, of_scores
from tests.variants.scenes import Scene
from tests.variants.test_closed_forms import OWN

seeds = st.integers(0, 2**32 - 1)
TRICKS = [
    "sn", "bn", "bn(batches=joint)", "ln", "vbn", "pac(2)", "noise", "ema", "history", "simultaneous", "adam",
    "rmsprop", "sgd",
]  # fmt: skip
"""As parts. Smoothing is for those whose critic has a target for real scores."""
TARGETS = {"gan", "nsgan", "lsgan", "rsgan", "cgan", "acgan", "infogan", "bigan", "cyclegan", "veegan"}
ADVERSARIAL = [name for name in OWN if issubclass(variants.get(name), Adversarial)]
SHAPES = ["cgan", "acgan", "infogan", "clustergan", "bigan", "cyclegan", "veegan"]
"""Games of more than a latent, a generator and a critic of samples."""


def test_the_tricks_are_all_parts_but_penalties_and_lookahead():
    others = {"gp", "dragan", "div", "r1", "r2", "clip", "smooth", "unrolled", "consensus"}
    assert {trick.partition("(")[0] for trick in TRICKS} | others == parts().keys()


@pytest.mark.parametrize("trick", TRICKS)
def test_every_variant_takes_every_trick(trick):
    assert {"cyclegan", "pix2pix", "sgan"} <= set(ADVERSARIAL)
    for name in ADVERSARIAL:
        composed = variants.info(f"{name}+{trick}")
        assert trick.partition("(")[0] in [u.part.name for u in composed.uses]
        assert composed.origin == variants.info(name).origin


@pytest.mark.parametrize("name", [name for name in OWN if name not in ADVERSARIAL])
def test_games_without_an_adversary_refuse_them(name):
    with pytest.raises(CompositionError, match="sn is for games of Adversarial"):
        variants.info(f"{name}+sn")


def test_every_critic_with_a_target_for_real_scores_can_smooth_it():
    able = {name for name in OWN if "label_smoothing" in variants.get(name).hyperparameters}
    assert able >= TARGETS
    assert not able & {"wgan", "wgan-gp", "hinge", "began", "ebgan", "softmax-gan"}


@pytest.mark.parametrize("variant", SHAPES)
@pytest.mark.parametrize("trick", [t for t in TRICKS if "(" in t or t in ("sn", "vbn", "noise", "history")])
def test_games_of_other_forms_train_with_it(variant, trick):
    run = trained(short_job(f"{variant}+{trick}"), dataset(ground(variant)))
    outcome = run.outcome(0)
    assert (outcome.status, outcome.critic_updates) == ("finished", SHORT)
    assert all(w.isfinite().all() for w in weights(run).values())


# Instance noise


def noisy(scene, x, side, which=""):
    """Return samples, or other judged inputs, as a critic sees them."""
    return x + scene.hp.instance_noise_std * getattr(scene, f"{side}_noise{which}")


@settings(max_examples=10)
@given(seed=seeds)
def test_critics_of_pairs_see_noise_on_samples_and_codes(seed):
    scene = Scene("bigan+noise", seed)
    pairs = (scene.real, scene.encoder(scene.real)), (scene.fake, scene.latent)
    real, fake = (
        scene.critic(noisy(scene, sample, side), noisy(scene, code, side, "_2"))
        for side, (sample, code) in zip(("real", "fake"), pairs, strict=True)
    )
    critic = of_scores("nsgan", scene.hp, real, fake)["critic"]
    scene.hp.label_smoothing = 0.0
    generator = of_scores("nsgan", scene.hp, fake, real)["critic"]  # the labels exchanged
    assert scene.losses()["generator"] == pytest.approx(generator)
    scene = Scene("bigan+noise", seed)
    assert scene.losses()["critic"] == pytest.approx(critic)


@settings(max_examples=10)
@given(seed=seeds)
def test_both_critics_of_cyclegan_see_noise_of_their_own(seed):
    scene = Scene("cyclegan+noise", seed)
    a, b = scene.domain_a, scene.domain_b
    target = 1 - scene.hp.label_smoothing
    expected, fooled = 0.0, 0.0
    for domain, judge, real, fake in (
        ("a", scene.critic_a, a, scene.b_to_a(b)),
        ("b", scene.critic_b, b, scene.a_to_b(a)),
    ):
        own = f"/critic_{domain}"
        scores = judge(noisy(scene, fake, "fake", own))
        expected += ((judge(noisy(scene, real, "real", own)) - target) ** 2).mean() / 2
        expected += (scores**2).mean() / 2
        fooled += scene.hp.adversarial_weight / 2 * ((scores - 1) ** 2).mean()
    scene.hp.cycle_weight = scene.hp.identity_weight = 0.0
    assert scene.losses() == pytest.approx({"critic": expected, "generator": fooled})


@settings(max_examples=10)
@given(seed=seeds)
def test_noise_on_each_of_several_samples_of_a_latent(seed):
    scene = Scene("bgan-discrete+noise", seed)
    total = 0.0
    for chance, uniforms, noise in zip(scene.fake, scene.bits, scene.several_noise, strict=True):
        bits = uniforms < chance  # [M, dimensions]
        seen = np.where(bits, 1.0, -1.0) + scene.hp.instance_noise_std * noise
        chances = np.where(bits, chance, 1 - chance)
        total -= softmax(scene.critic(seen)) @ np.log(chances).sum(1)
    assert scene.losses()["generator"] == pytest.approx(total / len(scene.fake))


# Packs


def paired(x):
    """Neighbours side by side."""
    return np.hstack([x[::2], x[1::2]])


@settings(max_examples=10)
@given(seed=seeds)
def test_a_critic_of_packs_reads_the_label_of_every_sample(seed):
    scene = Scene("cgan", seed, pac=2)
    asked, given = np.eye(3)[scene.label], np.eye(3)[scene.labelled["label"]]
    real = scene.critic(paired(scene.labelled["real"]), paired(given))
    fake = scene.critic(paired(scene.generator(scene.latent, asked)), paired(asked))
    assert real.shape == (3,)
    assert scene.losses() == pytest.approx(of_scores("nsgan", scene.hp, real, fake))


@settings(max_examples=10)
@given(seed=seeds)
def test_a_critic_of_packs_names_the_class_of_every_sample(seed):
    scene = Scene("acgan", seed, pac=2)
    asked, given = scene.label, scene.labelled["label"]
    real = scene.critic(paired(scene.labelled["real"]))
    fake = scene.critic(paired(scene.generator(np.hstack([scene.latent, np.eye(3)[asked]]))))
    assert real.shape == (3, 1 + 2 * 3)

    def nll(out, labels):
        logits = [out[i // 2, 1 + 3 * (i % 2) :][:3] for i in range(len(labels))]
        return -np.mean([v[c] - np.log(np.exp(v).sum()) for v, c in zip(logits, labels, strict=True)])

    source = of_scores("nsgan", scene.hp, real[:, 0], fake[:, 0])
    critic = source["critic"] + scene.hp.class_weight * (nll(real, given) + nll(fake, asked))
    generator = source["generator"] + scene.hp.class_weight * nll(fake, asked)
    assert scene.losses() == pytest.approx({"critic": critic, "generator": generator})


@settings(max_examples=10)
@given(seed=seeds)
def test_cyclegans_critics_judge_packs(seed):
    scene = Scene("cyclegan", seed, pac=2)
    a, b = scene.domain_a, scene.domain_b
    target = 1 - scene.hp.label_smoothing
    critic = sum(
        ((judge(paired(real)) - target) ** 2).mean() / 2 + (judge(paired(fake)) ** 2).mean() / 2
        for judge, real, fake in ((scene.critic_a, a, scene.b_to_a(b)), (scene.critic_b, b, scene.a_to_b(a)))
    )
    assert scene.losses()["critic"] == pytest.approx(critic)


# Penalties of critics that give more, or other things, than scores


@settings(max_examples=10)
@given(seed=seeds)
def test_a_penalty_is_on_the_slope_of_the_score_and_not_of_the_classes(seed):
    scene = Scene("acgan+r1", seed)
    slope = scene.critic.slope(scene.labelled["real"])  # of the score
    plain = FORMS["acgan"](scene)
    cost = scene.hp.r1_gamma / 2 * (slope**2).sum(1).mean()
    assert scene.losses() == pytest.approx({**plain, "critic": plain["critic"] + cost})


@settings(max_examples=10)
@given(seed=seeds)
def test_a_penalty_on_an_autoencoder_is_on_the_slope_of_its_energy(seed):
    """|x - A x - c|^2 / d, whose slope is 2/d (I - A)^T (x - A x - c)."""
    scene = Scene("ebgan+r2", seed)
    within = np.eye(2) - scene.decode.weight @ scene.encode.weight
    rest = scene.fake - scene.decode(scene.encode(scene.fake))
    cost = scene.hp.r2_gamma / 2 * ((rest @ within) ** 2).sum(1).mean()  # 2/d = 1
    plain = FORMS["ebgan"](scene)
    assert scene.losses() == pytest.approx({**plain, "critic": plain["critic"] + cost})


# Spectral and virtual normalisation


def test_both_critics_of_cyclegan_are_normalised_and_renewed():
    scene = Scene("cyclegan+sn")
    results = scene.results()
    assert results["generator"].state == {}
    renewed = {name.split(".")[1] for name in results["critic"].state if "." in name}
    assert renewed == {"critic_a", "critic_b"}
    plain = FORMS["cyclegan"]
    for role in ("critic_a", "critic_b"):
        with torch.no_grad():
            weight = scene.modules[role].weight
            weight /= weight.norm()
    assert scene.losses() == pytest.approx(plain(scene))
