"""The registries' common mechanism: order, aliases, refusals, and the nearest name of an unknown one."""

from __future__ import annotations

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.metrics import MetricError
from gan_bench.bench.metrics.extractors.registry import EXTRACTORS
from gan_bench.bench.metrics.registry import METRICS
from gan_bench.bench.planning import catalogue
from gan_bench.bench.references.registry import REFERENCES
from gan_bench.datasets import DatasetError
from gan_bench.datasets.registry import DATASETS
from gan_bench.errors import UnknownEntry, UserError
from gan_bench.names import Registry, counted, nearest, suggestion
from gan_bench.variants.hyperparameters import HyperparameterError
from gan_bench.variants.networks import ArchitectureError
from gan_bench.variants.networks.registry import FAMILIES
from gan_bench.variants.parts import PARTS, CompositionError
from gan_bench.variants.profiles import ProfileError
from gan_bench.variants.registry import VARIANTS, UnknownVariant

REGISTRIES = [DATASETS, EXTRACTORS, FAMILIES, METRICS, PARTS, REFERENCES, VARIANTS]


class Taken(Exception):
    pass


class Unknown(Exception):
    pass


@pytest.fixture
def letters() -> Registry[int]:
    registry: Registry[int] = Registry(
        "letter", refused=Taken, unknown=Unknown, order=("alpha", "beta", "gamma")
    )
    for name in ("plug-in", "gamma", "alpha"):
        registry.add(name, len(name), nearest, aliases=(f"{name}-2",))
    return registry


def test_declared_names_come_first_whatever_was_registered_first(letters: Registry[int]) -> None:
    assert letters.names() == ("alpha", "gamma", "plug-in") == tuple(letters)
    assert letters.entries() == [5, 5, 7]
    letters.add("beta", 0)
    assert letters.names() == ("alpha", "beta", "gamma", "plug-in")


def test_an_alias_leads_to_its_entry(letters: Registry[int]) -> None:
    assert letters.get("plug-in-2") == letters.get("plug-in") == 7
    assert letters.canonical("gamma-2") == "gamma"
    assert "gamma-2" in letters
    assert "gamma-2" not in letters.names()


@pytest.mark.parametrize(("name", "aliases"), [("alpha", ()), ("alpha-2", ()), ("new", ("gamma-2",))])
def test_a_taken_name_is_refused_with_its_owner(
    letters: Registry[int], name: str, aliases: tuple[str, ...]
) -> None:
    with pytest.raises(
        Taken, match=r"letter '(alpha|gamma)(-2)?' is registered already, by gan_bench\.names\.nearest"
    ):
        letters.add(name, 1, aliases=aliases)
    assert "new" not in letters


def test_an_unknown_name_brings_the_nearest_or_all(letters: Registry[int]) -> None:
    with pytest.raises(Unknown, match=r"^here: unknown letter 'gama'; did you mean 'gamma'\?$"):
        letters.get("gama", "here")
    with pytest.raises(Unknown, match=r"^unknown letter 'zzz'; choose from: alpha, gamma, plug-in$"):
        letters.get("zzz")
    with pytest.raises(Unknown, match="unknown letter 'None'"):
        letters.get(None)


def test_registrations_of_a_block_are_undone(letters: Registry[int]) -> None:
    before = letters.names(), letters.aliases()
    with letters.restored("gamma"):
        assert "gamma" not in letters
        assert "gamma-2" not in letters
        letters.add("gamma", 1)
        letters.add("other", 1, aliases=("another",))
    assert (letters.names(), letters.aliases()) == before
    assert letters.get("gamma") == 5


def test_a_suggestion_may_be_an_alias_but_the_list_has_none() -> None:
    assert suggestion("minmax", ["gan"], ["minimax"]) == "did you mean 'minimax'?"
    assert suggestion("zzz", ["gan"], ["minimax"]) == "choose from: gan"
    assert nearest("zzz", ["gan"]) is None
    assert nearest("WGAN-GP", ["gan", "wgan-gp"]) == "wgan-gp"  # whatever the case
    assert nearest("My", ["my", "MY"]) == "my"


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.noun)
def test_every_registry_refuses_and_suggests(registry: Registry) -> None:
    name = registry.names()[0]
    with pytest.raises((UserError, ValueError), match=f"{registry.noun} '{name}' is registered already"):
        registry.add(name, None)
    typo = name[0] + name
    with pytest.raises(UserError, match=rf"unknown {registry.noun} '{typo}'; did you mean '{name}'\?"):
        registry.get(typo)


@pytest.mark.parametrize("registry", [r for r in REGISTRIES if r.order], ids=lambda registry: registry.noun)
def test_the_declared_order_holds_every_shipped_name(registry: Registry) -> None:
    shipped = [n for n in registry.names() if f"{registry.owner(n)}gan_bench.".startswith("gan_bench.")]
    assert shipped == list(registry.order)


@pytest.mark.parametrize(
    ("error", "other"),
    [
        (ArchitectureError, ValueError),
        (CompositionError, LookupError),
        (DatasetError, Exception),
        (HyperparameterError, ValueError),
        (MetricError, Exception),
        (ProfileError, LookupError),
        (UnknownVariant, LookupError),
        (UsageError, Exception),
    ],
)
def test_errors_of_users_have_one_base_and_keep_their_others(
    error: type[UserError], other: type[Exception]
) -> None:
    assert issubclass(error, UserError)
    assert issubclass(error, other)
    with pytest.raises(UsageError, match="the sentence"), catalogue.usage_errors():
        raise error("the sentence")


def test_only_unknown_entries_point_to_plug_ins() -> None:
    with pytest.raises(UsageError, match=r"needs --plugin FILE\.py"), catalogue.usage_errors():
        raise UnknownEntry("unknown thing")
    with pytest.raises(UsageError, match=r"^a sentence$"), catalogue.usage_errors():
        raise DatasetError("a sentence")


def test_numbers_stand_with_their_nouns() -> None:
    assert [counted(n, "trial") for n in (0, 1, 2, 2000)] == [
        "0 trials",
        "1 trial",
        "2 trials",
        "2,000 trials",
    ]
    assert [counted(n, "class", "classes") for n in (1, 2)] == ["1 class", "2 classes"]
