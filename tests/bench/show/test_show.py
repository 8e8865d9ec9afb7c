"""The command `show`: what it prints for people and programs, and what it refuses."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gan_bench.bench.commands import app as cli
from gan_bench.variants import names
from gan_bench.variants.registry import VARIANTS

Show = Callable[..., tuple[int, str, str]]


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Show:
    """Run `show` in this process: exit status, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["/somewhere/bench/__main__.py", "show", *arguments])
        status = cli.main()
        out, err = capsys.readouterr()
        return status, out, err

    return run


def read(show: Show, *arguments: str) -> dict:
    status, out, err = show(*arguments, "--json")
    assert (status, err) == (0, "")
    return json.loads(out)


@pytest.mark.slow
@pytest.mark.sample
@pytest.mark.parametrize("name", [*names(), "nsgan+r1(gamma=0.3)+pac(2)", "cyclegan(objective=hinge)+gp"])
def test_every_variant_is_shown_at_80_columns(show: Show, name: str) -> None:
    status, out, err = show(name)
    assert (status, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    for title in ("Losses", "Players", "Rounds", "Abilities", "Hyperparameters", "Data", "Networks"):
        assert f"\n{title}" in out, title
    assert "no docstring" not in out


def test_wgan_gp_of_a_suite(show: Show) -> None:
    """The suite sets the batch, the profile the rate, `--set` the weight; n_critic is the profile's."""
    shown = read(show, "wgan-gp", "--suite", "ring", "--profile", "paper", "--set", "penalty_weight=3")
    found = {name: (each["value"], each["from"]) for name, each in shown["hyperparameters"].items()}
    assert found["penalty_weight"] == (3.0, "--set")
    assert found["n_critic"] == (5, "profile paper")
    assert found["critic_lr"] == (1e-4, "as lr")
    assert found["allow_batchnorm_penalty"] == (False, "part gp")
    critic, generator = shown["players"]
    assert critic["minimises"] == "-E D(x) + E D(G(z))"
    assert critic["plus"] == ["penalty_weight E (||grad D|| - 1)^2 between real and generated samples"]
    assert generator["minimises"] == "-E D(G(z))"
    assert [(each["players"], each["repeat"]) for each in shown["rounds"]] == [
        (["critic"], 5),
        (["generator"], 1),
    ]
    assert shown["composition"] == "wgan+gp"
    assert (shown["profile"]["name"], shown["profile"]["of"]) == ("paper", "wgan-gp")
    assert shown["profile"]["source"].startswith("arXiv:1704.00028")


def test_networks_have_the_weights_of_their_shapes(show: Show) -> None:
    shown = read(show, "nsgan", "--set", "latent_dim=7")
    generator, critic = shown["networks"]
    widths = [(7, 128), (128, 128), (128, 2)]
    assert generator["weights"] == sum(a * b + b for a, b in widths)
    assert [layer["output"] for layer in generator["layers"] if layer["weights"]] == [[[128]], [[128]], [[2]]]
    assert critic["weights"] == sum(a * b + b for a, b in [(2, 128), (128, 128), (128, 1)])
    assert critic["output"] == [[]]


def test_networks_may_have_other_options_and_a_suites_are_changed(show: Show) -> None:
    generator, _ = read(show, "nsgan", "--architecture", "mlp, hidden=[8]", "--set", "latent_dim=7")[
        "networks"
    ]
    assert generator["weights"] == 7 * 8 + 8 + 8 * 2 + 2
    of_suite = read(show, "nsgan", "--suite", "mnist")["architecture"]
    changed = read(show, "nsgan", "--suite", "mnist", "--architecture", f"{of_suite['label']}, hidden=[8]")
    assert changed["architecture"] == {**of_suite, "hidden": [8]}
    assert read(show, "nsgan", "--suite", "ring", "--architecture", "mlp")["architecture"]["label"] == "mlp"


def test_weights_that_roles_share_count_once(show: Show) -> None:
    first, second, *_ = read(show, "unit")["networks"]
    assert [layer["shared_with"] for layer in second["layers"] if layer["weights"]] == ["", "encoder_a"]
    assert first["weights"] == sum(layer["weights"] for layer in first["layers"])
    assert second["weights"] == sum(
        layer["weights"] for layer in second["layers"] if not layer["shared_with"]
    )


def test_two_critics_of_pairs_and_a_third_player(show: Show) -> None:
    loop = read(show, "cyclegan", "--set", "pac=2")
    assert [critic["role"] for critic in loop["critics"]] == ["critic_a", "critic_b"]
    assert [critic["judges"] for critic in loop["critics"]] == [["domain_a (2)"], ["domain_b (2)"]]
    assert loop["data"]["dataset"] in loop["data"]["fitting"]
    three = read(show, "veegan")
    assert [player["player"] for player in three["players"]] == ["critic", "generator", "reconstructor"]
    (critic,) = three["critics"]
    assert critic["judges"] == ["real (2)", "64"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lsgna"], "unknown variant 'lsgna'; did you mean 'lsgan'?"),
        (["lsgan+r3"], "lsgan+r3: unknown part 'r3'; choose from: gp, dragan"),
        (["lsgan", "--dataset", "rnig"], "unknown dataset 'rnig'; did you mean 'ring'?"),
        (["lsgan", "--architecture", "mpl"], "unknown architecture family 'mpl'; did you mean 'mlp'?"),
        (["lsgan", "--architecture", "mlp, hiden=[8]"], "did you mean 'hidden'?"),
        (["lsgan", "--architecture", "mlp, hidden=8]"], "expected a family, or the suite's name for one"),
        (["lsgan", "--suite", "rings"], "unknown suite 'rings'; did you mean 'ring'?"),
        (["lsgan", "--suite", "ring", "--dataset", "grid"], "unknown dataset 'grid' in suite ring; "),
        (["lsgan", "--suite", "ring", "--architecture", "x"], "unknown architecture 'x' in suite ring; "),
        (["lsgan", "--profile", "papre"], "no profile 'papre' for planar data; did you mean 'paper'?"),
        (["lsgan", "--set", "lrr=1"], "unknown hyperparameter 'lrr' in --set lrr=1; did you mean 'lr'?"),
        (["lsgan", "--set", "lr=-1"], "lr = -1.0: outside (0, inf]"),
        (["cyclegan", "--dataset", "ring"], "cyclegan cannot be trained on ring: it needs the stream"),
        (["lsgan", "--architecture", "conv"], "lsgan cannot be trained on ring with conv: architecture conv"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused_in_one_sentence(
    show: Show, arguments: list[str], message: str
) -> None:
    status, out, err = show(*arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


PLUGIN = """
from gan_bench.spaces import Space
from gan_bench.variants import Game, Player, Round, register
from gan_bench.variants.hyperparameters import optimiser_hyperparameters


@register("alone", paper="none", year=2026)
class Alone(Game):
    '''Alone: a generator that nobody judges.'''

    hyperparameters = {**Game.hyperparameters, **optimiser_hyperparameters("generator")}

    def networks(self, build):
        return {"generator": build.generator(Space((2,)), makes=self.data.real)}

    def players(self):
        return [Player("generator", ("generator",), self.size)]

    def rounds(self):
        return [Round(("generator",), streams=("real",), active=(0.5, 1.0))]

    def size(self, play):
        return play.generator(play.batch["real"]).square().mean()
"""


def test_a_game_of_a_plug_in_without_critics_and_docstrings(show: Show, tmp_path: Path) -> None:
    (tmp_path / "alone.py").write_text(PLUGIN)
    with VARIANTS.restored():
        shown = read(show, "alone", "--plugin", "alone.py")
        status, out, _ = show("alone", "--plugin", "alone.py")
    sys.modules.pop("plugin_alone")
    (player,) = shown["players"]
    assert player["minimises"] == "Alone.size (alone.py, line 22), which has no docstring"
    assert shown["critics"] == []
    assert status == 0
    assert "50% to 100% of training" in " ".join(out.split())
