"""`new` and `check`: files to start from hold their contract, broken ones fail with the right sentence."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gan_bench.bench.checking.checks import CHECKS
from gan_bench.bench.checking.new import new
from gan_bench.bench.checking.session import REGISTRIES, UNCHECKED, check_file
from gan_bench.bench.checking.variants import ground
from gan_bench.bench.common.errors import UsageError
from tests.bench.conftest import Run

KINDS = {"variant": "variant", "dataset": "dataset", "network": "network family", "suite": "suite"}


@pytest.fixture(autouse=True)
def registers() -> Iterator[None]:
    """Leave the registers, and the modules of plug-ins, as they were."""
    with contextlib.ExitStack() as stack:
        for registry in (REGISTRIES | UNCHECKED).values():
            stack.enter_context(registry.restored())
        before = {*sys.modules}
        yield
    for name in {*sys.modules} - before:
        if name.startswith("plugin_"):
            del sys.modules[name]
    ground.cache_clear()


def problems(file: Path) -> dict[str, str]:
    """Return promise -> problem of the checks that fail."""
    return {outcome.promise: outcome.problem for outcome in check_file(file) if outcome.problem}


@pytest.mark.slow
@pytest.mark.sample
@pytest.mark.parametrize("kind", KINDS)
def test_what_new_writes_holds_every_check(kind: str, bench: Run, tmp_path: Path) -> None:
    status, shown, _ = bench("new", kind, "my-own")
    assert status == 0
    file = tmp_path / shown.split(":")[0]
    assert file.name == ("my-own.toml" if kind == "suite" else "my_own.py")
    text = file.read_text()
    assert "template" not in text.lower()
    assert "FILE\n" not in text
    status, shown, _ = bench("check", file.name)
    count = len(CHECKS[KINDS[kind]])
    assert (status, f"{count} of {count} checks hold." in shown) == (0, True), shown
    assert count >= 2


def test_a_file_that_is_there_is_not_replaced_and_names_are_checked(tmp_path: Path) -> None:
    new("variant", "my-loss", tmp_path)
    for kind, name, message in (
        ("variant", "my-loss", "my_loss.py is there already; remove it, or choose another name"),
        ("variant", "nsgan", "there is a variant 'nsgan' already; choose another name"),
        ("network", "mlp", "there is a network family 'mlp' already"),
        ("suite", "mnist", "there is a suite 'mnist' already; choose another name"),
        ("dataset", "../mine", "expected a name of lower-case letters, digits and hyphens"),
        ("suite", "Mine", "expected a name of lower-case letters"),
    ):
        with pytest.raises(UsageError, match=message):
            new(kind, name, tmp_path)


VARIANT = {
    "softplus(-real).mean()": {
        "real.mean() / 0": "the loss of the critic is not finite",
        "real.mean() * float('inf')": "the loss of the critic is not finite",
        "(real * torch.rand(1)).mean()": "broken.py, line .* called random operation",
        "reel.mean()": r"plug-in .*broken.py, line \d+: NameError: name 'reel' is not defined",
    },
    "return softplus(-fake).mean()": {
        "return fake.mean() * 0": "the generator learns nothing: all gradients are 0",
        "return fake.detach().mean()": "the loss of the generator has no gradient",
    },
    '{"lr": 2e-4, "beta1": 0.5}': {'{"rate": 2e-4}': "broken has no hyperparameter 'rate'"},
    "arXiv:1406.2661": {"": "no paper is stated"},
    "year=2014": {"year=1999": "year = 1999: the first GAN is of 2014"},
}
"""A line of the template -> what replaces it -> the sentence of a check that then fails."""


def broken(kind: str, folder: Path, line: str, other: str) -> Path:
    file = new(kind, "broken", folder)
    text = file.read_text()
    assert text.count(line) >= 1
    text = text.replace("from torch import Tensor", "import torch\nfrom torch import Tensor")
    file.write_text(text.replace(line, other))
    return file


def first_in_sample(cases: list[tuple[str, str, str]]) -> list:
    """Have CI's sample run the first case, which shows the kind; the others take as long each."""
    return [pytest.param(*cases[0], marks=pytest.mark.sample), *cases[1:]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "other", "message"),
    first_in_sample(
        [(line, other, message) for line, cases in VARIANT.items() for other, message in cases.items()]
    ),
)
def test_a_broken_variant_fails_with_the_sentence(
    tmp_path: Path, line: str, other: str, message: str
) -> None:
    found = problems(broken("variant", tmp_path, line, other))
    assert any(re.search(message, problem) for problem in found.values()), found


DATASET = [
    ("noise * 3 + 1", "noise * 3 + 2", "the stated mean is (1.0, 1.0), that of the reference"),
    ("noise * 3 + 1", "noise * 4 + 1", "the stated std is (3.0, 3.0), that of the reference"),
    ("generator=generator, dtype=dtype, device=generator.device", "dtype=dtype", "generator"),
    ("noise * 3 + 1", "noise[:, :1]", "shape"),
    ("noise * 3 + 1", "noise / 0", "finite"),
    (
        '"planar", (2,)',
        '"planar", (3,)',
        "scale = (3.0, 3.0); expected 3 numbers each",
    ),
]


@pytest.mark.parametrize(("line", "other", "message"), DATASET)
def test_a_broken_dataset_fails_with_the_sentence(
    tmp_path: Path, line: str, other: str, message: str
) -> None:
    found = problems(broken("dataset", tmp_path, line, other))
    assert any(message in problem for problem in found.values()), found


NETWORK = [
    ("View(*makes.shape), *bounded", "View(1, *makes.shape), *bounded", "expected [(6, 2)]"),
    ("math.prod(makes.shape))", "1)", "generator of 5 fails: RuntimeError: shape '[6, 2]' is invalid"),
    (", View())", ")", "expected one score for each of 6 rows"),
    ("nn.LeakyReLU(0.2)", "nn.BatchNorm1d(width)", "BatchNorm"),
    ('"features of the hidden layer"', '""', "its option width has no meaning"),
    ("Flat(inputs)", "Flat(inputs[:1])", " fails: ValueError"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("line", "other", "message"), first_in_sample(NETWORK))
def test_a_broken_family_fails_with_the_sentence(tmp_path: Path, line: str, other: str, message: str) -> None:
    found = problems(broken("network", tmp_path, line, other))
    assert any(message in problem for problem in found.values()), found


@pytest.mark.parametrize(
    ("line", "other", "message"),
    [
        ('"wgan-gp"', '"wgan-pg"', "unknown variant 'wgan-pg'"),
        ('["ring"]', '["rong"]', "unknown dataset 'rong'"),
        ("kimg = 768", "kmg = 768", "unknown key `budgets.quick.kmg`; did you mean 'kimg'?"),
        ("kimg = 768", "#", "`budgets.quick.kimg` is missing"),
        ("samples = 2500", "samples = 1", "samples"),
    ],
)
def test_a_broken_suite_fails_with_the_sentence(tmp_path: Path, line: str, other: str, message: str) -> None:
    found = problems(broken("suite", tmp_path, line, other))
    assert any(message in problem for problem in found.values()), found


METRIC = """
from gan_bench.bench.metrics import register

@register("low", title="Low", direction="min", low=LOW, kinds=("planar",))
def low(made, target, truth):
    "Distance of the means."
    return float(abs(made.coordinates.mean() - target.coordinates.mean()))
"""


@pytest.mark.slow
@pytest.mark.sample
def test_a_metric_and_what_registers_nothing(tmp_path: Path) -> None:
    for low, expected in (("0.0", ""), ("0.5", "outside of 0.5 to inf")):
        file = tmp_path / f"metric_{low[-1]}.py"
        file.write_text(METRIC.replace("LOW", low))
        with REGISTRIES["metric"].restored():
            found = problems(file)
        assert (len(found), expected in "".join(found.values())) == (int(bool(expected)), True), found
    (tmp_path / "empty.py").write_text("x = 1\n")
    with pytest.raises(UsageError, match="registers nothing; expected one of dataset, variant, network"):
        check_file(tmp_path / "empty.py")


def test_the_command_ends_with_1_and_a_sentence(bench: Run, tmp_path: Path) -> None:
    file = broken("dataset", tmp_path, "noise * 3 + 1", "noise * 3 + 2")
    status, shown, _ = bench("check", file.name)
    assert status == 1
    assert "fails" in shown
    assert "broken: the stated mean is (1.0, 1.0)" in shown
    assert "6 of 7 checks hold." in shown
