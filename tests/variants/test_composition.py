"""Compositions: how they are read, written, made and refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_bench import variants
from gan_bench.variants import TwoPlayer, composition, lookup, order, profiles
from gan_bench.variants.hyperparameters import resolve
from gan_bench.variants.parts import parts
from gan_bench.variants.penalties import GradientPenalty

OBJECTIVES = [
    "cyclegan(objective=unrolled)", "cyclegan(objective=gan)+unrolled", "cyclegan(objective=gan)",
    "cyclegan(objective=began)", "cyclegan(objective=sngan)",
]  # fmt: skip


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("nsgan+r1", "r1gan"),
        ("ns-gan+r1(gamma=10)", "r1gan"),
        ("nsgan + r1( gamma = 0.30 )", "nsgan+r1(gamma=0.3)"),
        ("nsgan+pac(2)", "pacgan"),
        ("nsgan+pac", "pacgan"),
        ("nsgan+pac(degree=3)", "nsgan+pac(3)"),
        ("nsgan+sn+r1", "nsgan+r1+sn"),
        ("hinge+sn", "sngan"),
        ("wgan+gp", "wgan-gp"),
        ("wgan+gp(target=0)", "wgan+gp(target=0)"),
        ("wgan-gp+gp(target=0.0)", "wgan+gp(target=0)"),
        ("wgan+gp(target=0, weight=1)", "wgan+gp(target=0, weight=1)"),
        ("wgan+pac(3)+gp", "wgan-gp+pac(3)"),
        ("wgan+clip(bound=0.01)", "wgan"),
        ("wgan+clip+gp", "wgan+gp+clip"),
        ("rsgan+r2+r1", "r3gan"),
        ("pacgan+r1", "nsgan+r1+pac(2)"),
        ("nsgan+noise(std=1e-2)+sgd(momentum=0.9)", "nsgan+noise(std=0.01)+sgd(momentum=0.9)"),
        ("cyclegan(objective=hinge)", "cyclegan(objective=hinge)"),
        ("cycle-gan( objective = geometric-gan )", "cyclegan(objective=hinge)"),
        ("cyclegan(hinge) + sn", "cyclegan(objective=hinge)+sn"),
        ("cyclegan(objective=sngan)", "cyclegan(objective=hinge)+sn"),
        ("cyclegan(objective=hinge)+sn+r1", "cyclegan(objective=hinge)+r1+sn"),
        ("cyclegan(objective=lsgan)", "cyclegan"),
        ("cyclegan(objective=lsgan)+sn", "cyclegan+sn"),
        ("cyclegan(objective=wgan)+clip", "cyclegan(objective=wgan)"),
        ("cyclegan(objective=wgan-gp)", "cyclegan(objective=wgan)+gp"),
        ("cyclegan(objective=wgan-gp)+pac(3)", "cyclegan(objective=wgan)+gp+pac(3)"),
        ("dualgan(objective=wgan-gp)", "dualgan+gp"),
        ("acgan(objective=r1gan)", "acgan+r1"),
        ("clustergan(objective=wgan)", "clustergan"),
        ("bigan(objective=r3gan)", "bigan(objective=rsgan)+r1+r2"),
        ("bigan(objective=unrolled)", "bigan(objective=gan)+unrolled"),
        ("acgan(objective=nsgan)", "acgan"),
        ("veegan(objective=nsgan)", "veegan(objective=nsgan)"),
        ("nsgan(objective=hinge)", "hinge"),
        ("nsgan(objective=hinge)+sn", "sngan"),
        ("wgan(objective=hinge)", "hinge"),
        ("wgan-gp(objective=hinge)", "hinge+gp"),
        ("r1gan(objective=lsgan)", "lsgan+r1"),
        ("r3gan(objective=wgan)", "wgan+r1+r2"),
        ("lsgan(objective=nsgan)+r1", "r1gan"),
        ("sngan(objective=hinge)", "sngan"),
    ],
)
def test_equal_compositions_have_one_name(given_name, name):
    assert variants.info(given_name).name == name
    assert variants.info(name) is variants.info(given_name)


def test_pairs_of_parts_keep_the_names_that_results_are_stored_under():
    lines = Path(__file__).with_name("compositions.tsv").read_text("utf-8").splitlines()
    expected = dict(line.split("\t") for line in lines)
    assert len(expected) == len(order.PARTS) * (len(order.PARTS) - 1) // 2
    for text, name in expected.items():
        base, first, second = text.split("+")
        assert variants.info(text).name == variants.info(f"{base}+{second}+{first}").name == name


def test_the_objective_of_a_paper_brings_its_parts_which_others_replace():
    def of(text):
        return variants.get(text).hyperparameters, [u.text for u in variants.info(text).uses]

    declared, uses = of("cyclegan(objective=wgan)")
    assert uses == ["clip"]
    assert declared["clip"].default == 0.01
    declared, uses = of("cyclegan(objective=wgan)+gp")
    assert uses == ["gp"]
    assert {"penalty_weight", "cycle_weight"} <= declared.keys()
    assert "clip" not in declared
    declared, uses = of("cyclegan(objective=wgan)+sn")
    assert uses == ["sn"]
    assert (declared["critic_norm"].default, "clip" in declared) == ("spectral", False)


@pytest.mark.parametrize(
    ("text", "own", "others"),
    [
        ("cyclegan", {"label_smoothing", "cycle_weight"}, {"gamma", "k_lr", "margin"}),
        ("cyclegan(objective=hinge)", {"cycle_weight"}, {"label_smoothing"}),
        ("cyclegan(objective=began)", {"gamma", "k_lr", "cycle_weight"}, {"label_smoothing"}),
        ("cyclegan(objective=ebgan-pt)", {"margin", "pulling_away"}, {"label_smoothing", "gamma"}),
        ("acgan(objective=ragan)", {"label_smoothing", "class_weight"}, {"margin"}),
        ("acgan(objective=hinge)", {"class_weight", "latent_dim"}, {"label_smoothing"}),
        ("veegan(objective=wgan)+gp", {"reconstruction", "penalty_weight"}, {"label_smoothing", "clip"}),
        ("began", {"gamma", "k_lr"}, {"label_smoothing"}),
    ],
)
def test_hyperparameters_of_an_objective_come_and_go_with_it(text, own, others):
    declared = variants.get(text).hyperparameters
    assert own <= declared.keys()
    assert not others & declared.keys()
    assert resolve(declared)


def test_profiles_of_a_game_with_another_objective_have_what_it_declares():
    plain, other = variants.get("acgan").profiles["paper"], variants.get("acgan(objective=hinge)")
    assert dict(other.profiles["paper"]) == dict(plain)
    clipped = profiles.load("cyclegan(objective=wgan)", "paper", "planar")
    assert clipped["cycle_weight"] == 10.0
    assert "clip" not in clipped
    assert resolve(variants.get("cyclegan(objective=wgan)").hyperparameters, clipped)["clip"] == 0.01


@pytest.mark.parametrize("texts", [OBJECTIVES, OBJECTIVES[::-1]], ids=["forwards", "backwards"])
def test_versions_do_not_depend_on_what_was_asked_for_first(texts, monkeypatch):
    """Version 3 of cyclegan, raised by what the versions of `began` (2) and `unrolled` (3) add."""
    monkeypatch.setattr(lookup, "_composed", {})
    found = {text: variants.info(text).version for text in texts}
    start = variants.info("cyclegan").version
    assert found == {
        "cyclegan(objective=unrolled)": start + 2,
        "cyclegan(objective=gan)+unrolled": start + 2,
        "cyclegan(objective=gan)": start,
        "cyclegan(objective=began)": start + 1,
        "cyclegan(objective=sngan)": start,
    }


def singles(high):
    """Numbers from 0 that 32-bit floats hold: others are refused."""
    return st.floats(0, high, width=32)


NUMBERS = {
    "gp": {"weight": singles(100), "target": singles(2)},
    "r1": {"gamma": singles(100)},
    "sn": {},
    "pac": {"degree": st.integers(1, 8)},
    "noise": {"std": singles(1)},
    "unrolled": {"steps": st.integers(0, 9), "lr": singles(1)},
    "ema": {"decay": singles(1 - 2**-10)},
}
some_parts = st.fixed_dictionaries(
    {}, optional={name: st.fixed_dictionaries({}, optional=a) for name, a in NUMBERS.items()}
)


BASES = ["nsgan", "wgan", "wgan-gp", "sngan", "began", "cyclegan(objective=hinge)", "acgan(objective=wgan)"]


@given(base=st.sampled_from(BASES), chosen=some_parts, data=st.data())
def test_a_written_composition_reads_as_itself_in_any_order(base, chosen, data):
    words = [f"{n}({', '.join(f'{k}={v!r}' for k, v in a.items())})" for n, a in chosen.items()]
    text = "+".join([base, *words])
    name = variants.info(text).name
    assert variants.info(name).name == name
    shuffled = "+".join([base, *data.draw(st.permutations(words))])
    assert variants.info(shuffled) is variants.info(text)


def test_arguments_set_defaults_and_nothing_else():
    plain, composed = variants.get("nsgan"), variants.get("nsgan+r1(gamma=0.3)+pac(3)+sn")
    changed = {n: h.default for n, h in composed.hyperparameters.items() if plain.hyperparameters.get(n) != h}
    assert changed == {"r1_gamma": 0.3, "pac": 3, "critic_norm": "spectral", "allow_batchnorm_penalty": False}
    assert type(composed.hyperparameters["r1_gamma"].default) is float
    assert issubclass(composed, plain)
    assert plain.penalties == ()


def test_named_compositions_are_what_they_are_made_of():
    assert variants.get("wgan-gp").penalties == (GradientPenalty("interpolates", target=1.0),)
    assert "clip" not in variants.get("wgan-gp").hyperparameters
    assert [p.points for p in variants.get("r3gan").penalties] == ["real", "fake"]
    assert variants.get("sngan").hyperparameters["critic_norm"].default == "spectral"
    assert variants.get("dcgan").hyperparameters["critic_norm"].default == "batch"
    assert variants.info("unrolled").parts == "gan+unrolled"
    assert variants.info("wgan").parts == "wgan+clip"
    assert variants.info("lsgan").parts == ""
    assert variants.info("lsgan+sn").title.endswith(
        "spectral normalisation of the critic (arXiv:1802.05957)."
    )


def test_a_composition_inherits_profiles_but_not_what_its_parts_settle(monkeypatch):
    found = {"tuned": {"planar": {"wgan": {"lr": 1e-3, "clip": 0.1}, "nsgan": {"lr": 2e-3, "n_critic": 2}}}}
    monkeypatch.setattr(profiles, "tuned", lambda: found)
    assert profiles.load("wgan+gp(target=0)", "tuned", "planar") == {"lr": 1e-3}
    assert profiles.load("nsgan+r1(gamma=1)", "tuned", "planar") == {"lr": 2e-3, "n_critic": 2}
    assert profiles.load("consensus", "tuned", "planar") == {"lr": 2e-3}  # simultaneous: n_critic is 1
    assert profiles.tuned_kinds("r1gan") == ["planar"]
    paper = profiles.load("nsgan+adam", "paper", "planar")
    assert "optimiser" not in paper
    assert paper["latent_law"] == "uniform"
    assert profiles.load("wgan-gp+pac(3)", "paper", "planar")["beta2"] == 0.9


def test_a_part_that_settles_a_rate_also_settles_what_inherits_it():
    paper = variants.get("nsgan").profiles["paper"]
    assert {"lr", "critic_lr"} <= paper.keys()
    composed = profiles.load("nsgan+adam(lr=0.001)", "paper", "planar")
    assert not {"lr", "critic_lr", "optimiser"} & composed.keys()
    settings = resolve(variants.get("nsgan+adam(lr=0.001)").hyperparameters, composed)
    assert (settings["lr"], settings["critic_lr"]) == (1e-3, 1e-3)


def test_short_names_stand_for_the_arguments_of_parts():
    assert variants.info("nsgan+r1").named("gamma") == ["r1_gamma"]
    assert variants.info("r3gan").named("gamma") == ["r1_gamma", "r2_gamma"]
    assert variants.info("began+r1").named("gamma") == ["gamma"]  # its own comes first
    assert variants.info("nsgan").named("gamma") == ["gamma"]


def test_every_part_can_be_taken_by_the_common_game():
    for name in parts():
        game = variants.get(f"nsgan+{name}")
        assert issubclass(game, TwoPlayer)
        game.check({n: h.default for n, h in game.hyperparameters.items()})


def test_plus_signs_of_exponents_do_not_split():
    base, uses = composition.read("nsgan+r1(gamma=1e+2)")
    assert (base, [u.text for u in uses]) == ("nsgan", ["r1(gamma=100)"])
