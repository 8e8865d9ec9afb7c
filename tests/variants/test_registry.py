import pytest

from gan_bench import variants
from gan_bench.variants import Hyperparameter, Objective, TwoPlayer, UnknownVariant, info, register, registry
from gan_bench.variants.generation.gan import NSGAN


@pytest.fixture(autouse=True)
def restored():
    """Undo after each test the registrations that it made."""
    with registry.VARIANTS.restored():
        yield


def test_the_first_eight_are_there_by_year_of_their_papers():
    names = [name for name in variants.names() if not name.startswith("plugin")]
    assert set(names) >= {"gan", "nsgan", "lsgan", "wgan", "wgan-gp", "began", "rsgan", "ragan"}
    years = [info(name).year for name in names]
    assert years == sorted(years)


def test_aliases_lead_to_the_same_variant():
    assert info("minimax") is info("gan")
    assert variants.get("wgangp") is variants.get("wgan-gp")


def test_registering_and_its_facts():
    @register("mine", paper="a note", year=2020, equation="eq. 3", aliases=("my-own",), version=4)
    class Mine(TwoPlayer):
        """My own game.

        More of it.
        """

        objective = NSGAN()

    entry = info("my-own")
    assert (entry.name, entry.game, entry.version, entry.equation) == ("mine", Mine, 4, "eq. 3")
    assert entry.title == "My own game."
    assert "mine" in variants.names()


def test_an_objective_is_a_two_player_game_and_a_choice_of_other_games():
    @register("mine", paper="a note", year=2020, version=2)
    class Mine(Objective):
        """My own objective."""

        profiles = {"paper": {"lr": 1e-4}}
        hyperparameters = {"level": Hyperparameter(2.0)}

        def real(self, real, hp):
            return (real - hp.level).square().mean()

        def fake(self, fake, hp):
            return fake.square().mean()

        def generator(self, real, fake, hp):
            return (fake - hp.level).square().mean()

    entry = info("mine")
    assert issubclass(entry.game, TwoPlayer)
    assert type(entry.game.objective) is Mine
    assert (entry.title, entry.version) == ("My own objective.", 2)
    assert entry.game.profiles == {"paper": {"lr": 1e-4}}
    assert entry.game.hyperparameters["level"].default == 2.0
    assert "level" in variants.get("cyclegan(objective=mine)").hyperparameters
    assert "mine" in registry.objectives()


class Unfinished(Objective):
    """Only half of it."""

    def real(self, real, hp):
        return real.mean()


class Silent(TwoPlayer):
    """No word about its objective."""


class Old(TwoPlayer):
    """The form of earlier versions."""

    def critic_objective(self, real, fake, hp):
        return fake.mean() - real.mean()


class OldTerms(NSGAN):
    """The same on the new base."""

    def fake_objective(self, fake, hp):
        return fake.mean()


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (Unfinished, "variant mine: the objective Unfinished lacks fake and generator"),
        (Silent, r"Silent states no adversarial objective: add objective = NSGAN\(\)"),
        (
            Old,
            r"Old\.critic_objective is the form of an earlier version: derive .*Objective.* critic, real",
        ),
        (OldTerms, r"OldTerms\.fake_objective is the form of an earlier version"),
    ],
)
def test_a_class_without_an_objective_of_the_present_form_is_refused_with_the_cure(written, message):
    before = variants.names()
    with pytest.raises(ValueError, match=message):
        register("mine", paper="p", year=2020)(written)
    assert variants.names() == before


@pytest.mark.parametrize(
    ("name", "aliases"), [("gan", ()), ("minimax", ()), ("new", ("wgan",)), ("new", ("mmgan",))]
)
def test_a_name_is_given_once(name, aliases):
    before = variants.names()
    with pytest.raises(ValueError, match="is registered already"):
        register(name, paper="p", year=2020, aliases=aliases)(NSGAN)
    assert variants.names() == before


def test_unknown_names_bring_the_nearest():
    with pytest.raises(UnknownVariant, match=r"unknown variant 'wgan_gp'; did you mean 'wgan-gp'"):
        info("wgan_gp")
    with pytest.raises(UnknownVariant, match=r"unknown variant '\?\?\?'; choose from: gan, nsgan"):
        variants.get("???")


def test_years_are_those_of_the_arxiv_numbers():
    own = [
        variants.info(n)
        for n in variants.names()
        if variants.get(n).__module__.startswith("gan_bench.variants.")
    ]
    numbered = [entry for entry in own if entry.paper.startswith("arXiv:")]
    assert numbered == own
    assert {e.name: e.year for e in own} == {e.name: 2000 + int(e.paper[6:8]) for e in own}
