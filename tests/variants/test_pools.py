"""Pools of earlier translations, against the loop of CycleGAN's program (util/image_pool.py)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_bench.variants import Network
from gan_bench.variants.pools import Pool
from tests.training import both_ways, dataset, make_job, trained
from tests.variants.scenes import CLASSES, ROWS, Scene


def query(images, samples, size, exchanged, places):
    """Return what ImagePool.query returns for a batch, whose draws are given; ``images`` is its list."""
    returned = []
    for sample, exchange, place in zip(samples, exchanged, places, strict=True):
        if len(images) < size:
            images.append(sample)
            returned.append(sample)
        elif exchange:
            returned.append(images[place])
            images[place] = sample
        else:
            returned.append(sample)
    return returned


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 9), rounds=st.integers(1, 6))
def test_a_pool_returns_what_the_published_loop_returns(seed, size, rounds):
    scene = Scene("cyclegan", seed, pool=size)
    game, play = scene.game, scene.play()
    numbers = np.random.default_rng(seed)
    kept = {"critic_a": [], "critic_b": []}
    for _ in range(rounds):
        fakes = {role: (torch.tensor(numbers.normal(size=(ROWS, 2))),) for role in kept}
        for role, images in kept.items():
            exchanged, places = numbers.integers(0, 2, ROWS), numbers.integers(0, size, ROWS)
            play.noise[f"pool_exchanged/{role}"] = torch.tensor(exchanged.astype(float))
            play.noise[f"pool_place/{role}"] = torch.tensor(places)
            kept[role] = images, query(images, fakes[role][0].numpy(), size, exchanged, places)
        seen, state = game.shown(play, fakes)
        play.state = {**play.state, **state}
        for role, (images, returned) in kept.items():
            assert np.array_equal(seen[role][0], returned)
            assert np.array_equal(state[f"pool/{role}"][: len(images)], images)
            assert state[f"pool_taken/{role}"] == len(images)
            kept[role] = images


def test_what_was_given_stays_beside_its_sample():
    scene = Scene("cgan")
    (critic,) = scene.game.critics
    pool = Pool(critic, 4)
    play = scene.play()
    play.state = pool.state()
    numbers = torch.Generator().manual_seed(0)
    for _ in range(5):
        play.noise = {name: noise.draw(1, ROWS, numbers)[0] for name, noise in pool.noise().items()}
        labels = torch.randint(CLASSES, (ROWS,), generator=numbers)
        samples = labels[:, None] + torch.zeros(ROWS, 2)
        (seen, beside), play.state = pool(play, (samples, labels))
        assert torch.equal(seen[:, 0], beside.to(seen.dtype))


def test_only_the_critics_learn_from_the_pool():
    """Its draws are those of the critics' round; translators are judged on their latest translations."""
    scene, plain = Scene("cyclegan", pool=3), Scene("cyclegan", pool=0)
    critic, generator = scene.game.rounds()
    assert set(critic.noise) == set(scene.game.noise()) == {
        f"pool_{draw}/critic_{domain}" for draw in ("exchanged", "place") for domain in "ab"
    }  # fmt: skip
    assert not generator.noise
    for role in ("critic_a", "critic_b"):
        scene.state[f"pool/{role}"] = torch.full((3, 2), 7.0).double()
        scene.state[f"pool_taken/{role}"] = torch.tensor(3)
        scene.noise[f"pool_exchanged/{role}"] = torch.ones(ROWS).double()
    assert scene.losses()["critic"] != pytest.approx(plain.losses()["critic"])
    assert scene.losses()["generator"] == plain.losses()["generator"]


@both_ways
def test_a_pool_is_filled_in_training_and_holds_translations(seeds):
    """After one step without exchange: what the initial translators made of the first batch."""
    job = make_job("cyclegan", seeds, iterations=1, settings={"pool": 100})
    trainer = trained(job, dataset("turned"))
    for replica in range(len(seeds)):
        state = trainer.replicas.state_of(replica)
        assert state["pool_taken/critic_a"] == 16
        assert state["pool/critic_a"][:16].abs().sum(1).gt(0).all()
        assert not state["pool/critic_a"][16:].any()


def test_gradients_do_not_pass_the_pool_into_translators():
    """The critics' loss is differentiated in the critics alone; kept samples are values."""
    scene = Scene("cyclegan", pool=4)
    (loss,) = [p.loss(scene.play()) for p in scene.game.players() if p.critic]
    module = scene.modules["critic_a"]
    (slope,) = torch.autograd.grad(loss.value, [module.weight], retain_graph=True)
    seen, _ = scene.game.shown(scene.play(), scene.game.fakes(scene.play()))
    (samples,) = seen["critic_a"]
    score = Network(module)
    a = scene.batch["domain_a"]
    by_hand = (score(a) - (1 - scene.hp.label_smoothing)).square().mean() + score(samples).square().mean()
    assert torch.allclose(slope, torch.autograd.grad(by_hand / 2, [module.weight])[0])
