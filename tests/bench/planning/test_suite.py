from __future__ import annotations

from pathlib import Path

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.paper_numbers import paper_numbers_of
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import load_suite, shipped

REPRODUCTIONS = {
    "dirac",
    "veegan-2d",
    "veegan-1200d",
    "lucic-mnist",
    "stacked-mnist",
    "clustergan",
    "parzen",
    "bigan-mnist",
    "sr-x4",
    "adaptation-mnist-usps",
}
TASKS = {
    *("conditional-ring", "conditional-digits", "clustering", "inference"),
    *("restoration", "restoration-photographs", "restoration-holes"),
    *("adaptation", "adaptation-digits", "adaptation-blended"),
    *("translation-points", "translation-pairs", "translation-domains", "translation-tints"),
    *("translation-multimodal", "translation-codes", "translation-contents", "translation-styles"),
}
EXPECTED = {"mnist", "fashion", "digits", "gaussian1d", "quadratic", "ring", "grid", "toy"}


def changed(path: Path, old: str, new: str) -> str:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return str(path)


def test_all_suites_are_there_and_valid() -> None:
    assert shipped().keys() >= EXPECTED | TASKS | REPRODUCTIONS | {
        "conditional",
        "translation",
        "search-images",
        "search-planar",
        "search-scalar",
    }
    for name in shipped():
        suite = load_suite(name)
        for part in suite.parts:
            assert {"smoke", "quick"} <= part.budgets.keys() or name.startswith("stability")
    for name in EXPECTED:
        assert all("full" in part.budgets for part in load_suite(name).parts)


def test_published_numbers_say_where_they_come_from_and_name_what_the_suite_trains() -> None:
    for name in REPRODUCTIONS:
        (suite,) = load_suite(name).parts
        rows = paper_numbers_of(suite)
        assert rows
        trained = {catalogue.variant_name(variant, "suite") for variant in suite.variants}
        for row in rows:
            assert row["variant"] in trained
            assert len(row["source"]) > 20
            assert len(row["protocol"]) > 30
            assert row["comparable"] or len(row["why"]) > 20


def test_published_numbers_of_veegans_table_are_those_of_the_paper() -> None:
    table = {
        (row["variant"], row["dataset"], row["metric"]): row["value"]
        for name in ("veegan-2d", "veegan-1200d")
        for row in paper_numbers_of(load_suite(name))
    }
    assert table["nsgan", "ring", "modes"] == 1
    assert table["nsgan", "grid", "modes"] == 3.3
    assert table["bigan", "grid", "high_quality"] == pytest.approx(0.016)
    assert table["gan+unrolled(by=optimiser)", "ring", "modes"] == 7.6
    assert table["veegan", "ring", "high_quality"] == pytest.approx(0.529)
    assert table["veegan", "mixture-1200d", "modes"] == 5.5
    assert table["gan+unrolled(by=optimiser)", "mixture-1200d", "modes"] == 0
    assert len(table) == 24


def test_a_published_table_becomes_rows_with_their_spreads(suite_file: Path) -> None:
    table = (
        'source = "a paper"\nvalues.ring.modes = { nsgan = 1, mmgan = [3.5, 0.5] }\nincomparable = "steps"'
    )
    suite_file.write_text(suite_file.read_text() + f"\n[[published]]\n{table}\n")
    first, second = paper_numbers_of(load_suite(str(suite_file)))
    assert (first["variant"], first["value"], first["spread"]) == ("nsgan", 1.0, None)
    assert (second["variant"], second["value"], second["spread"]) == ("gan", 3.5, 0.5)
    assert first["why"] == "steps"
    assert not first["comparable"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("values.ring.modes.nsgam = 1", r"\[\[published\]\]: unknown variant 'nsgam'; did you mean 'nsgan'"),
        ("values.grid.modes.nsgan = 1", r"unknown dataset 'grid' in suite tiny, \[\[published\]\]"),
        ('values.ring.modes.nsgan = 1\narchitecture = "cnn"', r"unknown architecture 'cnn'"),
        ("values.ring.modes.nsgan = [1, -1]", r"greater than or equal to 0"),
        ("values.ring.mdes.nsgan = 1", r"unknown metric 'mdes' in suite tiny, .*; did you mean 'modes'"),
        ("values.ring.modes.nsgan = 1\nvalue = 1", r"unknown key `published.0.value`; did you mean 'values'"),
    ],
)
def test_published_numbers_of_what_the_suite_does_not_have_are_refused(
    suite_file: Path, table: str, message: str
) -> None:
    suite_file.write_text(suite_file.read_text() + f'\n[[published]]\nsource = "a paper"\n{table}\n')
    with pytest.raises(UsageError, match=message):
        paper_numbers_of(load_suite(str(suite_file)))


def test_toy_is_the_four_toy_suites() -> None:
    parts = load_suite("toy").parts
    assert [part.name for part in parts] == ["gaussian1d", "quadratic", "ring", "grid"]
    assert parts[2] == load_suite("ring").parts[0]


def test_search_suites_try_every_variant_alike() -> None:
    least = {
        "search-images": 8,
        "search-planar": 8,
        "search-scalar": 8,
        "search-labels": 6,
        "search-clusters": 6,
        "search-few-labels": 4,
        "search-holes": 4,
        "search-codes": 6,
    }
    for name, settings in least.items():
        search = load_suite(name).search
        assert search is not None
        assert search.settings >= settings


def test_a_file_by_path(suite_file: Path) -> None:
    suite = load_suite(str(suite_file))
    assert (suite.name, suite.title, suite.budgets["quick"].seeds) == ("tiny", "Tiny", [0, 1, 2])


def test_included_files_are_found_beside_the_suite(suite_file: Path) -> None:
    both = suite_file.with_name("both.toml")
    both.write_text('title = "Both"\ninclude = ["tiny.toml", "ring"]\n')
    assert [part.name for part in load_suite(str(both)).parts] == ["tiny", "ring"]


def test_a_circle_of_includes_is_refused(tmp_path: Path) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / f"{one}.toml").write_text(f'title = "{one}"\ninclude = ["{other}.toml"]\n')
    with pytest.raises(UsageError, match=r"a\.toml: includes itself through a\.toml -> b\.toml"):
        load_suite(str(tmp_path / "a.toml"))


def test_a_circle_of_includes_is_refused_however_its_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "loop.toml").write_text('title = "Loop"\ninclude = ["sub/../loop.toml"]\n')
    with pytest.raises(UsageError, match=r"loop\.toml: includes itself"):
        load_suite(str(tmp_path / "loop.toml"))


@pytest.mark.parametrize(
    "entry",
    [
        'variants = ["wgan"]',
        "seeds = 3",
        'profile = "paper"',
        "hyperparameters.lr = 1.0",
        "axes.lr = [1.0]",
        'datasets = ["ring"]',
        "references = []",
        "[budgets.quick]\nkimg = 1",
        '[[published]]\nsource = "a"\nvalues.ring.modes.nsgan = 1',
    ],
)
def test_what_has_no_effect_beside_an_include_is_refused(tmp_path: Path, entry: str) -> None:
    file = tmp_path / "both.toml"
    file.write_text(f'title = "Both"\ninclude = ["ring"]\n{entry}\n')
    key = entry.strip("[").split()[0].partition(".")[0].strip("]")
    with pytest.raises(UsageError, match=rf"both\.toml, line 3: a suite with `include` .* its own `{key}`"):
        load_suite(str(file))


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (
            "[budgets.quick.search]\nsettings = 3\nspace = {}\nmethods = 1",
            r"line \d+: unknown key `budgets.quick.search.methods`; did you mean 'method'",
        ),
        (
            "[search]\nsetting = 3\nspace = {}",
            r"line \d+: unknown key `search.setting`; did you mean 'settings'",
        ),
        ("[budgets.search]\nkimg = 1\nseed = 1", r"line \d+: unknown key .*; did you mean 'seeds'"),
    ],
)
def test_the_nearest_key_of_the_table_is_named(suite_file: Path, entries: str, message: str) -> None:
    suite_file.write_text(suite_file.read_text() + f"\n{entries}\n")
    with pytest.raises(UsageError, match=message):
        load_suite(str(suite_file))


def test_the_line_is_that_of_the_table_of_its_number(suite_file: Path) -> None:
    table = '\n[[published]]\nsource = "a paper"\n\n[published.values.ring.modes]\nnsgan = {}\n'
    suite_file.write_text(suite_file.read_text() + table.format(1) + table.format("[1, -1]"))
    line = len(suite_file.read_text().splitlines())
    with pytest.raises(UsageError, match=rf"line {line}: `published\.1\..*` is -1"):
        load_suite(str(suite_file))


@pytest.mark.parametrize("name", ["datasets", "architectures", "seeds"])
def test_an_empty_list_of_a_budget_is_refused(suite_file: Path, name: str) -> None:
    text = suite_file.read_text().replace("seeds = 3\n", "")
    suite_file.write_text(text + f"{name} = []\n")
    with pytest.raises(
        UsageError, match=f"`budgets.quick.{name}` is \\[\\]: (list|value) should have at least 1"
    ):
        load_suite(str(suite_file))


def test_the_nearest_suite_is_named() -> None:
    with pytest.raises(UsageError, match="did you mean 'mnist'"):
        load_suite("mnits")
    with pytest.raises(UsageError, match="does not exist"):
        load_suite("nowhere/my.toml")


def test_malformed_toml_names_file_and_line(suite_file: Path) -> None:
    with pytest.raises(UsageError, match=r"tiny\.toml: malformed TOML: .*line 3"):
        load_suite(changed(suite_file, 'datasets = ["ring"]', 'datasets = ["ring"'.replace('"ring"', "ring")))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("profile =", "profil =", r"line 5: unknown key `profil`; did you mean 'profile'"),
        ("points = 2", "point = 2", r"line 16: unknown key `budgets.quick.point`; did you mean 'points'"),
        ("kimg = 0.32", "kimg = -1", r"line 15: `budgets.quick.kimg` is -1: input should be greater than 0"),
        ("kimg = 0.32", "", r"line 14: `budgets.quick.kimg` is missing"),
        ("kimg = 0.32", "kimg = inf", r"`budgets.quick.kimg` is inf"),
        ("seeds = 3", "seeds = 0", r"line 19: `budgets.quick.seeds` is 0"),
        ("samples = 100", 'samples = "many"', r"`budgets.quick.samples` is 'many'"),
        ('title = "Tiny"', "", r"`title` is missing"),
        ('datasets = ["ring"]', "", r"`datasets` is missing or empty"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(suite_file: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_suite(changed(suite_file, old, new))


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"bad\.toml: cannot be read"):
        load_suite(str(tmp_path / "bad.toml"))


@pytest.mark.parametrize(
    "entry",
    ["kimg = 1e30", "points = 10_000_000", "samples = 1e12", "final_samples = 1e12", "seeds = 10_000_000"],
)
def test_absurd_counts_are_refused_before_memory_is_taken(tmp_path: Path, entry: str) -> None:
    file = tmp_path / "suite.toml"
    name = entry.split()[0]
    entries = "\n".join({"kimg": "kimg = 1", "points": "points = 2", name: entry}.values())
    file.write_text(f'title = "T"\ndatasets = ["ring"]\n[architectures.mlp]\n[budgets.quick]\n{entries}')
    with pytest.raises(UsageError, match=f"line [56789]: `budgets.quick.{name}` is"):
        load_suite(str(file))


def test_a_plan_has_a_limit(tmp_path: Path) -> None:
    suite = load_suite("ring")
    with pytest.raises(UsageError, match="suite ring: 1,600,000 trials; a plan has at most 1,000,000"):
        plan(suite, catalogue.dataset, only=["nsgan", "lsgan"], seeds=range(800_000))
