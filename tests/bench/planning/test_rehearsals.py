"""Games that do not fit their data or networks, and errors of plug-ins: refused in one sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gan_bench.bench.commands import app as cli
from gan_bench.variants.networks.registry import FAMILIES
from gan_bench.variants.registry import VARIANTS

Run = Callable[..., tuple[int, str, str]]
SUITE = """
title = "A suite"
datasets = ["{data}"]
variants = {variants}
profile = "default"

[hyperparameters]
batch_size = {batch_size}

[architectures.networks]
family = "{family}"
{options}

[budgets.quick]
kimg = 1
points = 1
samples = 1000
seeds = 1
"""
PLUGIN = '''
from gan_bench.variants import Objective, register


@register("mine", paper="none", year=2026)
class Mine(Objective):
    """Scores are pushed apart."""

    def critic(self, real, fake, hp):
        return fake.mean() - real.mean()

    def generator(self, real, fake, hp):
        return {loss}
'''
GAME = '''
from gan_bench.variants import Game, register


@register("mine", paper="none", year=2026)
class Mine(Game):
    """A game of masks."""

    streams = ("masked",)
'''
EARLY = '''
from gan_bench.variants import TwoPlayer, register
from gan_bench.variants.generation.gan import NSGAN


@register("mine", paper="none", year=2026)
class Mine(TwoPlayer):
    """A game whose networks depend on a rate."""

    objective = NSGAN()

    def makers(self, build):
        return super().makers(build) if self.settings.lr else {}
'''
FAMILY = """
from gan_bench.variants import Hyperparameter
from gan_bench.variants.networks import Family, register_family

@register_family("narrow")
class Narrow(Family):
    declared = {"width": Hyperparameter(4, "structural", "features", low=1)}
    def generator(self, inputs, makes):
        return self.options.widht
    def critic(self, inputs, *, norm, classes):
        return self.options.widht
"""


@pytest.fixture
def bench(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Run]:
    """Run a command with a suite of the given facts: exit status, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")

    def run(
        *arguments: str, data: str = "ring", variants: str = '["nsgan"]', family: str = "mlp",
        options: str = "", batch_size: int = 64, plugin: str = "",
    ) -> tuple[int, str, str]:  # fmt: skip
        facts = {"data": data, "variants": variants, "family": family, "options": options}
        (tmp_path / "tiny.toml").write_text(SUITE.format(batch_size=batch_size, **facts))
        if plugin:
            (tmp_path / "mine.py").write_text(plugin)
            chosen = ("--variants", "mine") if '@register("mine"' in plugin else ()
            arguments = (*arguments, "--plugin", "mine.py", *chosen)
        monkeypatch.setattr(sys, "argv", ["bench", "run", "--suite", "tiny.toml", *arguments])
        status = cli.main()
        return status, *capsys.readouterr()

    with FAMILIES.restored(), VARIANTS.restored():
        yield run
    for name in [name for name in sys.modules if name.startswith("plugin_")]:
        del sys.modules[name]


@pytest.mark.parametrize("arguments", [("--dry-run",), ()], ids=["dry run", "run"])
@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"family": "conv"}, "nsgan cannot be trained on ring with networks: architecture conv has no"),
        (
            {"options": 'norm = "batch"', "batch_size": 1},
            "batch_size = 1: BatchNorm sees one value per channel, in a batch of shape [1, 128] "
            "(generator.1); expected a larger batch_size, or another normalisation in these networks",
        ),
        ({"plugin": GAME}, "mine cannot be trained on ring: it needs the stream masked, the data offers"),
        ({"variants": '["nsgan+pac(3)"]'}, "batch_size = 64: a multiple of pac = 3 expected"),
        (
            {"plugin": PLUGIN.replace("{loss}", "fakes.mean()")},
            "variant mine: its loss `generator_loss` fails at plug-in mine.py, line 13: "
            "NameError: name 'fakes' is not defined",
        ),
        (
            {"plugin": PLUGIN.replace("{loss}", "fake.mean() * hp.momentun")},
            "variant mine: its loss `generator_loss` fails at plug-in mine.py, line 13: hyperparameter "
            "'momentun' is not declared, as are batch_size, ",
        ),
        ({"plugin": PLUGIN.replace("{loss}", "fake.mean() * hp.momentun")}, "; did you mean 'momentum'?"),
        (
            {"plugin": EARLY},
            "variant mine: the building of its networks uses the continuous hyperparameter 'lr', which has a "
            "value in losses only",
        ),
        (
            {"plugin": FAMILY, "family": "narrow"},
            "variant nsgan: the building of its networks fails at plug-in mine.py, line 11: option 'widht' "
            "is not declared, as are width; did you mean 'width'?",
        ),
        (
            {"plugin": PLUGIN.replace("{loss}", "fake")},
            "mine cannot be trained on ring with networks: its loss `generator_loss` returns shape [64]; "
            "expected a scalar",
        ),
    ],
    ids=["purpose", "one value", "stream", "pac", "error", "undeclared", "near", "early", "option", "shape"],
)  # fmt: skip
def test_what_does_not_fit_is_one_sentence(
    bench: Run, tmp_path: Path, arguments: tuple[str, ...], facts: dict[str, Any], sentence: str
) -> None:
    status, out, err = bench(*arguments, **facts)
    assert status == 2
    assert sentence in err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert "Traceback" not in out + err
    assert not (tmp_path / "results").exists()


def test_suites_of_all_variants_leave_out_what_does_not_fit(bench: Run) -> None:
    status, out, _ = bench("--dry-run", variants='"all"', options="hidden = [4]")
    assert status == 0
    assert "is left out on ring: " in out


def test_weights_of_all_roles_are_shown_before_training(bench: Run) -> None:
    """Layers 64 -> 4 -> 2, 2 -> 4 -> 1 and, for BiGAN, the encoder and a critic of both."""
    status, out, _ = bench("--dry-run", variants='["nsgan", "bigan"]', options="hidden = [4]")
    assert status == 0
    assert f"Weights of nsgan: generator {64 * 4 + 4 + 4 * 2 + 2}, critic {2 * 4 + 4 + 4 + 1}." in out
    assert "Weights of bigan: generator" in out
    assert "encoder" in out
