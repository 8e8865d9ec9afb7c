"""Games of translation with codes: which term trains which network, and what codes change in the output."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.distributions import Normal, kl_divergence

from gan_bench import variants
from gan_bench.bench.abilities.beside import unasked
from gan_bench.bench.engine.train import Trainer
from gan_bench.spaces import Space
from gan_bench.variants import DataSpec, Tied
from gan_bench.variants.hyperparameters import resolve
from gan_bench.variants.losses import divergence_from_prior
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.sharing import weighted_layers
from tests.training import dataset, make_job
from tests.variants.scenes import ROWS, Scene
from tests.variants.test_translation import slope

seeds = st.integers(0, 2**32 - 1)
ENCODED, DRAWN = "critic_encoded", "critic_drawn"


def touched(variant, change, player, role, seed=0, **hp):
    """Return whether a change of a scene changes the gradient of a player's loss in one network."""
    one, other = (Scene(variant, seed) for _ in range(2))
    for scene in (one, other):
        vars(scene.hp).update(hp)
    change(other)
    return not torch.equal(slope(one, player, role), slope(other, player, role))


def setting(name, value):
    """Return the change of one hyperparameter."""
    return lambda scene: setattr(scene.hp, name, value)


def weight_of(role):
    """Return the change of one network."""

    def change(scene):
        with torch.no_grad():
            scene.modules[role].weight.add_(0.5)

    return change


def draw(name):
    """Return the change of one draw."""
    return lambda scene: scene.noise.update({name: scene.noise[name] + 0.5})


# BicycleGAN


def test_the_latent_term_trains_the_generator_alone():
    more = setting("latent_weight", 7.0)
    assert touched("bicyclegan", more, "generator", "generator")
    assert not touched("bicyclegan", more, "encoder", "encoder")
    assert not touched("bicyclegan", draw("latent"), "encoder", "encoder")


def test_the_encoder_learns_from_the_first_critic_and_the_generator_from_both():
    for role, player, reaches in (
        (ENCODED, "encoder", True), (DRAWN, "encoder", False),
        (ENCODED, "generator", True), (DRAWN, "generator", True),
    ):  # fmt: skip
        assert touched("bicyclegan", weight_of(role), player, player) == reaches, (role, player)


def test_each_critic_has_real_outputs_of_its_own():
    def others(scene):
        scene.batch["real"] = scene.batch["real"] + 0.5

    assert touched("bicyclegan", others, "critic", DRAWN)
    assert not touched("bicyclegan", others, "critic", ENCODED)


@settings(max_examples=10)
@given(seed=seeds)
def test_players_have_the_gradients_of_the_published_program(seed):
    """backward_EG into generator and encoder, then backward_G_alone with the encoder frozen, in one step."""
    scene = Scene("bicyclegan", seed)
    generator, encoder, first, second = (
        scene.modules[role] for role in ("generator", "encoder", ENCODED, DRAWN)
    )
    (a, b), z, hp = scene.batch["pairs"].values(), scene.noise["latent"], scene.hp
    mean, log_variance = encoder(b)
    encoded = generator(a, mean + (0.5 * log_variance).exp() * scene.noise["around"])
    drawn = generator(a, z)
    squares = [((critic(made) - 1) ** 2).mean() for critic, made in ((first, encoded), (second, drawn))]
    divergence = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum() / ROWS
    both = hp.adversarial_weight / 2 * sum(squares)
    both = both + hp.l1_weight * (encoded - b).abs().mean() + hp.prior_weight * divergence
    both.backward(retain_graph=True)
    encoder.requires_grad_(False)
    (hp.latent_weight * (encoder(drawn)[0] - z).abs().mean()).backward()
    encoder.requires_grad_(True)
    for role, module in (("generator", generator), ("encoder", encoder)):
        program = torch.cat([p.grad.flatten() for p in module.parameters()])
        assert torch.allclose(slope(scene, role, role), program, rtol=1e-9, atol=1e-9)


@settings(max_examples=20)
@given(seed=seeds)
def test_the_divergence_is_that_of_torch_summed_over_dimensions(seed):
    numbers = torch.Generator().manual_seed(seed)
    mean, log_variance = torch.randn(2, 5, 3, generator=numbers, dtype=torch.float64)
    law, prior = Normal(mean, (log_variance / 2).exp()), Normal(torch.zeros(3), torch.ones(3))
    wanted = kl_divergence(law, prior).sum(1).mean()
    assert divergence_from_prior(mean, log_variance).item() == pytest.approx(wanted.item())


def test_codes_of_the_prior_change_the_translation():
    scene = Scene("bicyclegan")
    play = scene.play().reading(a=scene.batch["pairs"]["a"])
    one = scene.game.translate(play)
    other = scene.game.translate(play.drawing(latent=-scene.noise["latent"]))
    assert (one - other).abs().min() > 0
    assert torch.equal(one, scene.game.translate(play))


# MUNIT


def test_the_contents_that_are_compared_are_both_trained():
    """Of the content term alone, the encoder's gradient is not that of a target that is held fixed."""
    scene = Scene("munit")
    for name in ("adversarial_weight", "own_weight", "style_weight", "cycle_weight"):
        setattr(scene.hp, name, 0.0)
    networks, a, b = scene.modules, scene.batch["domain_a"], scene.batch["domain_b"]
    c_a, c_b = networks["content_a"](a), networks["content_b"](b)
    into_b = networks["decoder_b"](c_a, scene.noise["drawn_b"])
    into_a = networks["decoder_a"](c_b, scene.noise["drawn_a"])
    weights = list(networks["content_a"].parameters())
    found = []
    for target_a, target_b in ((c_a, c_b), (c_a.detach(), c_b.detach())):
        again = (networks["content_b"](into_b) - target_a).abs().mean()
        back = (networks["content_a"](into_a) - target_b).abs().mean()
        slopes = torch.autograd.grad(again + back, weights, retain_graph=True)
        found.append(scene.hp.content_weight * torch.cat([s.flatten() for s in slopes]))
    trained, held = found
    assert torch.allclose(slope(scene, "generator", "content_a"), trained)
    assert not torch.allclose(trained, held)


@pytest.mark.parametrize(
    ("weight", "trains"),
    [
        ("own_weight", {"content_a", "content_b", "style_a", "style_b", "decoder_a", "decoder_b"}),
        ("style_weight", {"content_a", "content_b", "style_a", "style_b", "decoder_a", "decoder_b"}),
        ("content_weight", {"content_a", "content_b", "decoder_a", "decoder_b"}),
        ("adversarial_weight", {"content_a", "content_b", "decoder_a", "decoder_b"}),
        ("cycle_weight", {"content_a", "content_b", "style_a", "style_b", "decoder_a", "decoder_b"}),
    ],
)
def test_what_each_term_of_munit_trains(weight, trains):
    scene = Scene("munit")
    for name in ("adversarial_weight", "own_weight", "style_weight", "content_weight", "cycle_weight"):
        setattr(scene.hp, name, 1.0 if name == weight else 0.0)
    roles = scene.game.generators
    assert {r for r in roles if slope(scene, "generator", r).abs().max() > 0} == trains


def test_a_translation_has_the_drawn_style_and_a_cycle_the_input_s_own():
    scene = Scene("munit")
    game, play, networks = scene.game, scene.play(), scene.modules
    a = scene.batch["domain_a"]
    other = play.drawing(drawn_b=-scene.noise["drawn_b"])
    assert not torch.equal(game.translate(play), game.translate(other))
    wanted = networks["decoder_b"](networks["content_a"](a), scene.noise["drawn_b"])
    assert torch.equal(game.translate(play), wanted)
    there_and_back = networks["decoder_a"](networks["content_b"](wanted), networks["style_a"](a))
    assert torch.equal(game.cycle(play), there_and_back)
    for name, ability in game.abilities().items():
        declared = play.drawing(**{n: torch.full_like(play.noise[n], torch.nan) for n in game.drawn})
        drawn = {n: scene.noise[n] for n in ability.noise}
        if name != "restyle":
            assert getattr(game, name)(declared.drawing(**drawn)).isfinite().all(), name


def test_an_example_gives_its_style_and_nothing_of_its_content():
    scene = Scene("munit")
    play = scene.play().reading(example=scene.batch["domain_b"])
    with torch.no_grad():
        scene.modules["style_b"].weight.zero_()  # all examples of one style
    one = scene.game.restyle(play)
    assert torch.equal(one, scene.game.restyle(play.reading(example=-scene.batch["domain_b"])))
    assert not torch.equal(one, scene.game.restyle(play.reading(domain_a=-scene.batch["domain_a"])))


# UNIT


def of_images(family, shared):
    """Return the networks of UNIT on images of two domains, on a family of maps."""
    image = Space((1, 16, 16), (-1.0, 1.0))
    kind = variants.get("unit")
    values = SimpleNamespace(**resolve(kind.hyperparameters, {"shared": shared}))
    game = kind(DataSpec.of(real=image, domain_a=image, domain_b=image), values)
    return game.networks(builder({"width": 4, **family}))


@pytest.mark.parametrize(
    ("family", "shared"),
    [({"family": "conv"}, 1), ({"family": "resnet", "blocks": 1}, 1), ({"family": "resnet", "blocks": 1}, 2)],
)
def test_encoders_share_their_last_layers_and_decoders_their_first(family, shared):
    networks = of_images(family, shared)
    for part, ends in (("encoder", slice(-shared, None)), ("decoder", slice(0, shared))):
        tied, other = networks[f"{part}_b"], networks[f"{part}_a"]
        assert isinstance(tied, Tied)
        assert tied.to == f"{part}_a"
        assert tied.layers == weighted_layers(other)[ends]
        rest = {*weighted_layers(other)} - {*tied.layers}
        assert rest, "each domain has layers of its own"


def test_the_divergence_of_unit_is_the_mean_square_of_the_codes():
    """No half, no logarithm of a variance, and of both encodings."""
    scene = Scene("unit")
    for name in ("adversarial_weight", "own_weight", "cycle_weight"):
        setattr(scene.hp, name, 0.0)
    scene.hp.prior_weight = 1.0
    h_a, h_b = scene.encoder_a(scene.domain_a), scene.encoder_b(scene.domain_b)
    h_ab = scene.encoder_b(scene.decoder_b(h_a + scene.around_a))
    h_ba = scene.encoder_a(scene.decoder_a(h_b + scene.around_b))
    assert scene.losses()["generator"] == pytest.approx(
        sum(np.square(h).mean() for h in (h_a, h_b, h_ab, h_ba))
    )


def test_unit_translates_the_mean_of_the_code():
    scene = Scene("unit")
    play = scene.play()
    play.noise = {}
    wanted = scene.modules["decoder_b"](scene.modules["encoder_a"](scene.batch["domain_a"]))
    assert torch.equal(scene.game.translate(play), wanted)


def test_an_ability_whose_inputs_the_data_lack_is_not_offered():
    """Translation in the style of an example needs examples; two plain domains have none."""
    for name, offered in (("tinted-digits", False), ("hued-digits", True)):
        trainer = Trainer(make_job("munit", iterations=1), dataset(name))
        trainer.run()
        (model,) = trainer.models(1.0)
        assert ("restyle" in model.abilities) == offered
        assert {"translate", "translate_back", "cycle"} <= model.abilities.keys()
        for ability in unasked(model.abilities, ("sample",), dataset(name)):
            assert ability.name in model.abilities
