"""Every unused key and unknown name of a suite is an error with its place, for every selection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.checks import check_suite
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import Suite, load_suite, shipped
from tests.bench.planning.test_plan import load

SEARCH = """
[search]
settings = 4
[search.space]
"""


def with_text(suite_file: Path, text: str) -> Suite:
    suite_file.write_text(suite_file.read_text() + text)
    return load_suite(str(suite_file))


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_suite_passes(name: str) -> None:
    for part in load_suite(name).parts:
        check_suite(part)


def test_no_variant_has_the_name_of_a_hyperparameter() -> None:
    assert not set(catalogue.variant_names()) & catalogue.all_hyperparameters()


@pytest.mark.parametrize("table", ["hyperparameters", "axes", "search.space", "budgets.full.search.space"])
@pytest.mark.parametrize("only", [None, ["lsgan"], ["wgan"]])
def test_a_name_that_no_variant_takes_is_named_with_its_line(
    suite_file: Path, table: str, only: list[str] | None
) -> None:
    value = {"axes": "[1, 2]", "hyperparameters": "1"}.get(table, "{ choices = [1] }")
    heads = {
        "hyperparameters": "",
        "axes": "[axes]\n",
        "search.space": SEARCH,
        "budgets.full.search.space": "[budgets.full]\nkimg = 1\n[budgets.full.search]\nsettings = 2\n"
        "[budgets.full.search.space]\n",
    }
    text = suite_file.read_text()
    if table == "hyperparameters":
        suite_file.write_text(text.replace("batch_size = 32", f"batch_size = 32\nlrr = {value}"))
        suite = load_suite(str(suite_file))
    else:
        suite = with_text(suite_file, f"{heads[table]}lrr = {value}\n")
    line = next(i for i, line in enumerate(suite_file.read_text().splitlines(), 1) if line.startswith("lrr"))
    with pytest.raises(UsageError, match=rf"'lrr' in .*tiny\.toml, line {line}; did you mean 'lr'"):
        plan(suite, load, only=only)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[hyperparameters.wgam]\nclip = 1", r"'wgam' is neither a variant nor a hyperparameter; .*'wgan'"),
        (
            "[hyperparameters.lsgan]\nlrr = 1",
            r"line 22: lsgan has no hyperparameter 'lrr'; did you mean 'lr'",
        ),
        ("[hyperparameters.wgan]\nclip = 1", r"line 22: wgan is not among the variants.*nsgan, lsgan"),
        ("[hyperparameters.wgan]\nclipp = 1", r"line 22: wgan has no hyperparameter 'clipp'.*'clip'"),
        ("[hyperparameters.lsgan]\nlr = -1", r"line 22: lsgan.lr = -1.0: outside \(0, inf\]"),
        ("[hyperparameters.lsgan]\nlr = [1, 2]", r"line 22: lsgan.lr = \[1, 2\]: a number expected"),
        ('[hyperparameters."nsgan+r3"]\nlr = 1', r"line 21: nsgan\+r3: unknown part 'r3'"),
        ("[hyperparameters.lr]\nschedul = 'linear'\nstart = 1\nend = 0", r"a schedule has the keys"),
        ("[axes]\nlr = [1e-3, 'fast']", r"line 22: nsgan.lr = 'fast': a number expected"),
        ("[axes]\nn_critic = [1, 2.5]", r"line 22: nsgan.n_critic = 2.5: a whole number"),
        (SEARCH + "lr = 1", "line 25, lr is 1: a law expected"),
        (SEARCH + "lr = { law = 'log-uniform', low = 0, high = 1 }", "line 25, lr: low must be above 0"),
        (SEARCH + "lr = { law = 'uniform', low = 0, high = 1 }", r"line 25: nsgan.lr = 0.0: outside \(0"),
        (
            SEARCH + "lr = { law = 'uniform', low = 1, hihg = 2 }",
            "line 25.*unknown key 'hihg'|'hihg' in .*25",
        ),
        (
            SEARCH + "n_critic = { law = 'uniform', low = 1, high = 5 }",
            "25: n_critic takes no fractions",
        ),
        (SEARCH + "n_critic = { choices = [1, 'x'] }", "line 25: nsgan.n_critic = 'x': a number expected"),
        (SEARCH + "optimiser = { choices = ['adam', 'adm'] }", "line 25: .*did you mean 'adam'"),
        (SEARCH + "lrr = { lwa = 'uniform' }", "line 25: 'lrr' is neither a variant nor a hyperp.*'lr'"),
        (
            SEARCH + "[search.space.lsgan]\nlrr = { choices = [1] }",
            "line 26: lsgan has no hyperparameter 'lrr'",
        ),
        (SEARCH + "[search.space.wgan]\nclip = { choices = [1] }", "line 26: wgan is not among the variants"),
        (SEARCH + "[search.space.wgan]\nclipp = { choices = [1] }", "line 26: wgan has no hyperparameter"),
        (SEARCH + "[search.space.lsgann]\nlr = { choices = [1] }", "line 25: 'lsgann' is neither"),
        ("[architectures.big]\nfamily = 'mlp'\nhiden = [8]", "line 21: .*did you mean 'hidden'"),
        ("[budgets.full]\nkimg = 1\ndatasets = ['rnig']", "unknown dataset 'rnig' in .*line 23; .*'ring'"),
        ("[budgets.full]\nkimg = 1\narchitectures = ['mpl']", "unknown architecture 'mpl' in .*line 23"),
        ("[budgets.full]\nkimg = 1\n[budgets.full.search]\nsettings = 1\nspace.lr = 1", "a law expected"),
    ],
)
def test_an_error_anywhere_in_a_suite_is_reported_for_every_selection(
    suite_file: Path, text: str, message: str
) -> None:
    suite = with_text(suite_file, text + "\n")
    for options in ({}, {"only": ["nsgan"]}):
        with pytest.raises(UsageError, match=message):
            plan(suite, load, **options)


def test_a_table_of_a_variant_of_the_suite_stays_when_it_is_not_selected(suite_file: Path) -> None:
    suite = with_text(suite_file, "[hyperparameters.lsgan]\nlr = 0.5\n")
    (trial,) = plan(suite, load, only=["nsgan"], seeds=[0])
    assert trial.variant == "nsgan"
    (trial,) = plan(suite, load, only=["lsgan"], seeds=[0])
    assert trial.hyperparameters["lr"] == 0.5


def test_a_table_may_use_aliases_and_short_names_of_parts(suite_file: Path) -> None:
    suite = with_text(
        suite_file, SEARCH + "[search.space.wgangp]\nlr = { choices = [0.25] }\n"
        '[search.space."nsgan+r1"]\ngamma = { choices = [7.0] }\n',
    )  # fmt: skip
    trials = plan(suite, load, only=["wgan-gp", "nsgan+r1"], seeds=[0], profile="default")
    assert (trials[0].variant, trials[0].hyperparameters["lr"]) == ("wgan-gp", 0.25)
    assert trials[1].hyperparameters["r1_gamma"] == 7.0


def test_a_setting_under_two_names_of_its_variant_is_refused(suite_file: Path) -> None:
    suite = with_text(suite_file, "[hyperparameters.wgangp]\nlr = 1\n[hyperparameters.wgan-gp]\nlr = 2\n")
    with pytest.raises(UsageError, match="line 24: lr of wgan-gp is set twice"):
        plan(suite, load, only=["wgan-gp"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["wgan.clip=1"], "--set wgan.clip=1: wgan is not among the variants to train.*nsgan, lsgan"),
        (["wgan.clipp=1"], "--set wgan.clipp=1: wgan has no hyperparameter 'clipp'"),
        (["lsgan.lr=0"], r"--set lsgan.lr=0: lsgan.lr = 0.0: outside \(0"),
        (["lr=fast"], "--set lr=fast: nsgan.lr = 'fast': a number expected"),
        (["lr=1" + "0" * 400], r"lr = inf: outside"),
    ],
)
def test_a_change_that_nothing_takes_is_an_error(suite_file: Path, changes: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan(load_suite(str(suite_file)), load, changes=changes)


def test_a_change_may_be_for_a_variant_of_any_part(suite_file: Path) -> None:
    suite_file.with_name("other.toml").write_text(
        suite_file.read_text().replace('["nsgan", "lsgan"]', '["wgan"]')
    )
    both = suite_file.with_name("both.toml")
    both.write_text('title = "Both"\ninclude = ["tiny.toml", "other.toml"]\n')
    trials = plan(load_suite(str(both)), load, seeds=[0], changes=["clip=0.5"])
    assert [t.hyperparameters.get("clip") for t in trials] == [None, None, 0.5]


@pytest.mark.parametrize("text", ["1e-4", ".5", "5.", "+3", "1_000", "0x10", "1E3", "007"])
def test_a_number_may_be_written_as_in_python(suite_file: Path, text: str) -> None:
    value = float(int(text, 16)) if text.startswith("0x") else float(text)
    suite = with_text(suite_file, f'[axes]\nlr = ["{text}"]\n')
    (first, *_) = plan(suite, load, seeds=[0])
    assert first.hyperparameters["lr"] == value
    (first, *_) = plan(load_suite("ring"), load, budget="smoke", seeds=[0], changes=[f"lr={text}"])
    assert first.hyperparameters["lr"] == value
    (first, *_) = plan(suite, load, only=[f"nsgan+r1(gamma={text})"], profile="default")
    assert first.hyperparameters["r1_gamma"] == value


def test_numbers_of_a_suite_may_be_texts(suite_file: Path) -> None:
    text = suite_file.read_text().replace("kimg = 0.32", 'kimg = ".32"').replace("seeds = 3", 'seeds = "+3"')
    text = text.replace("samples = 100", 'samples = "1_00"', 1)
    text = text.replace("hidden = [8]", 'hidden = ["8", "1_0"]')
    suite_file.write_text(text.replace("points = 2", "points = 2.0"))
    (trial, *_) = plan(load_suite(str(suite_file)), load)
    assert (trial.kimg, trial.samples, len(trial.points), trial.network["hidden"]) == (0.32, 100, 2, [8, 10])


@pytest.mark.parametrize("text", ["points = true", "points = 1.5", "points = 'two'"])
def test_what_is_no_number_is_refused(suite_file: Path, text: str) -> None:
    suite_file.write_text(suite_file.read_text().replace("points = 2", text))
    with pytest.raises(UsageError, match=r"line 16: `budgets\.quick\.points` is"):
        load_suite(str(suite_file))


@pytest.mark.parametrize("key", ["name = 'x'", "parts = []"])
def test_fields_that_are_not_set_by_a_file_are_unknown_keys(suite_file: Path, key: str) -> None:
    suite_file.write_text(key + "\n" + suite_file.read_text())
    with pytest.raises(UsageError, match=r"unknown key '(name|parts)' in .*line 1"):
        load_suite(str(suite_file))


def test_equal_values_and_settings_are_reported_and_trained_once(suite_file: Path) -> None:
    said: list[str] = []
    suite = with_text(suite_file, '[axes]\nlr = [0.01, 1e-2, "0.010", 0.001]\n')
    trials = plan(suite, load, only=["nsgan"], seeds=[0], notice=said.append)
    assert [t.varied for t in trials] == [{"lr": 0.01}, {"lr": 0.001}]
    assert len(said) == 2
    assert all("line 22: lr has the value 0.01" in text for text in said)
    said.clear()
    assert len(plan(suite, load, only=["nsgan"], seeds=[0], changes=["lr=1"], notice=said.append)) == 1
    assert "of the 2 settings of nsgan only 1 differs" in said[-1]


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_a_suite_may_begin_with_a_byte_order_mark(suite_file: Path, mark: str) -> None:
    text = suite_file.read_text().replace("Tiny", "Größe")
    suite_file.write_bytes(text.encode(mark))
    assert load_suite(str(suite_file)).title == "Größe"


def test_settings_of_a_search_have_different_titles(suite_file: Path) -> None:
    suite = with_text(suite_file, SEARCH + "lr = { law = 'log-uniform', low = 1e-4, high = 1e-2 }\n")
    trials: list[Any] = plan(suite, load, only=["nsgan"], seeds=[0])
    assert len({t.title for t in trials}) == 4
    for t in trials:
        assert f"lr={t.hyperparameters['lr']:g}".replace("e-0", "e-") in t.title


@pytest.mark.parametrize(
    ("fixed", "later", "name"),
    [
        ("lr = 1e-3", "[axes]\nlr = [1e-4, 1e-3]\n", "lr"),
        ("lr = 1e-3", SEARCH + "lr = { choices = [1e-4] }\n", "lr"),
        ("", "[axes]\nlr = [1e-3]\n" + SEARCH + "lr = { choices = [1e-4] }\n", "lr"),
        ("", "[hyperparameters.lsgan]\nlr = 1e-3\n[axes]\nlr = [1e-4]\n", "lr"),
    ],
)
def test_a_value_that_another_table_replaces_is_refused(
    suite_file: Path, fixed: str, later: str, name: str
) -> None:
    suite_file.write_text(suite_file.read_text().replace("batch_size = 32", f"batch_size = 32\n{fixed}"))
    with pytest.raises(
        UsageError, match=rf"the values of {name} here replace the one in .*tiny\.toml, line \d+"
    ):
        check_suite(with_text(suite_file, later))


def test_the_search_of_one_variant_may_differ_from_the_value_of_all(suite_file: Path) -> None:
    check_suite(with_text(suite_file, SEARCH + "lsgan.batch_size = { choices = [16, 64] }\n"))
