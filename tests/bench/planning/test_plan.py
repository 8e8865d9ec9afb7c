from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.planning.catalogue import searches, variant_names
from gan_bench.bench.planning.packs import signature
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import Suite, load_suite
from gan_bench.bench.planning.trial import Trial
from gan_bench.variants import profiles
from tests.bench.planning.planar import load, with_


def test_every_combination_once_in_order(suite: Suite) -> None:
    trials = plan(suite, load)
    assert [(t.variant, t.seed) for t in trials] == [(v, s) for v in ("nsgan", "lsgan") for s in range(3)]
    assert len({t.key for t in trials}) == 6
    first = trials[0]
    assert first.points == (0.16, 0.32)
    assert first.hyperparameters["batch_size"] == 32  # of the suite, over the paper's 100
    assert first.hyperparameters["optimiser"] == "sgd"  # of the paper
    assert first.network["activation"] == "relu"  # every option is there


def test_a_dtype_replaces_that_of_the_suite_and_is_part_of_the_key(suite: Suite) -> None:
    (one, *_), (other, *_) = plan(suite, load), plan(suite, load, dtype="bfloat16")
    assert (one.dtype, other.dtype) == ("float32", "bfloat16")
    assert one.key != other.key


def test_a_ranking_of_the_suites_own_is_how_trials_are_measured_and_not_what_they_are(suite: Suite) -> None:
    (one, *_), (other, *_) = plan(suite, load), plan(with_(suite, ranked_by=["mean_error"]), load)
    assert (one.ranked_by, other.ranked_by) == ((), ("mean_error",))
    assert one.key == other.key
    assert signature(one) != signature(other)
    assert Trial.from_spec(other.spec()) == other
    older = {name: value for name, value in one.spec().items() if name != "ranked_by"}
    assert Trial.from_spec(older) == one  # of a store of before


def test_metrics_on_request_are_how_trials_are_measured_and_not_what_they_are(suite: Suite) -> None:
    (one, *_), (other, *_) = plan(suite, load), plan(with_(suite, metrics=["parzen"]), load)
    assert (one.metrics, other.metrics) == ((), ("parzen",))
    assert one.key == other.key
    assert signature(one) != signature(other)
    assert Trial.from_spec(other.spec()) == other
    older = {name: value for name, value in one.spec().items() if name != "metrics"}
    assert Trial.from_spec(older) == one  # of a store of before


def test_a_ranking_by_an_unknown_metric_is_refused_with_its_line(suite_file: Path) -> None:
    suite_file.write_text('ranked_by = ["mean_eror"]\n' + suite_file.read_text())
    with pytest.raises(UsageError, match=r"unknown metric 'mean_eror' in .*, line 1; did you mean"):
        plan(load_suite(str(suite_file)), load)


def test_options_replace_variants_seeds_and_profile(suite: Suite) -> None:
    trials = plan(suite, load, only=["wgangp"], seeds=[7], profile="default")
    assert [(t.variant, t.seed, t.profile) for t in trials] == [("wgan-gp", 7, "default")]


def test_set_reaches_every_variant_or_one(suite: Suite) -> None:
    trials = plan(suite, load, seeds=[0], changes=["lr=0.5", "lsgan.lr=0.25"])
    assert [t.hyperparameters["lr"] for t in trials] == [0.5, 0.25]
    assert [t.profile for t in trials] == ["paper, lr=0.5", "paper, lr=0.25"]


def test_all_omits_variants_that_do_not_fit_the_data_with_the_reason(suite: Suite) -> None:
    said: list[str] = []
    trials = plan(with_(suite, variants="all"), load, seeds=[0], notice=said.append)
    names = {trial.variant for trial in trials}
    assert {"gan", "bigan"} <= names
    assert names.isdisjoint({"acgan", "cyclegan"})
    left_out = "suite tiny: acgan is left out on ring: it needs the stream labelled, the data offers real"
    assert left_out in said
    assert all(
        name in names or any(f"{name} is left out" in text for text in said) for name in variant_names()
    )


def test_all_may_be_asked_for_in_place_of_a_suites_variants(suite: Suite) -> None:
    asked = plan(suite, load, seeds=[0], only=["all"])
    assert [t.variant for t in asked] == [
        t.variant for t in plan(with_(suite, variants="all"), load, seeds=[0])
    ]


def test_all_omits_variants_without_the_profile_with_the_reason(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = {"tuned": {"planar": {"nsgan": {"lr": 0.5}}}}
    monkeypatch.setattr(profiles, "tuned", lambda: content)
    said: list[str] = []
    trials = plan(suite, load, only=["all"], seeds=[0], profile="tuned", notice=said.append)
    names = {t.variant for t in trials}
    assert {"nsgan", "pacgan"} <= names
    assert "wgan" not in names
    assert any(
        text.startswith("suite tiny: wgan is left out on ring: it has no profile 'tuned'") for text in said
    )


@pytest.mark.parametrize("by", ["suite", "command line"])
def test_a_variant_that_is_named_has_default_in_place_of_a_tuned_profile_that_it_lacks(
    suite: Suite, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "tuned", lambda: {"tuned": {"planar": {"nsgan": {"lr": 0.5}}}})
    said: list[str] = []
    both = ["nsgan", "wgan"]
    asked, only = (with_(suite, variants=both), None) if by == "suite" else (suite, both)
    trials = plan(asked, load, only=only, seeds=[0], profile="tuned", notice=said.append)
    assert [(t.variant, t.profile) for t in trials] == [("nsgan", "tuned"), ("wgan", "default (no tuned)")]
    lacks = "wgan has no profile tuned for planar data"
    assert said == [f"suite tiny: {lacks}: default is used; `tune` makes one"]
    [same] = plan(suite, load, only=["wgan"], seeds=[0], profile="default")
    assert trials[1].key == same.key


def test_a_file_of_profiles_precedes_the_shipped_ones_and_tables_name_it(
    suite: Suite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(profiles, "tuned", lambda: {"tuned": {"planar": {"nsgan": {"lr": 0.5}}}})
    file = tmp_path / "mine.toml"
    file.write_text("[tuned.planar.lsgan]\nlr = 0.25\n[tuned.planar.of-a-plugin-not-loaded]\nlr = 1.0\n")
    trials = plan(suite, load, seeds=[0], profile="tuned", searches=searches(file))
    assert [(t.variant, t.profile, t.hyperparameters["lr"]) for t in trials] == [
        ("nsgan", "tuned", 0.5), ("lsgan", "tuned (mine.toml)", 0.25),
    ]  # fmt: skip
    [part] = plan(suite, load, only=["lsgan+r1"], seeds=[0], profile="tuned", searches=searches(file))
    assert (part.profile, part.hyperparameters["lr"]) == ("tuned (mine.toml)", 0.25)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot read the profiles .*mine.toml: No such file"),
        ("[tuned", "mine.toml is no file of profiles .*Expected"),
        ("[tuning.planar.nsgan]", r"mine.toml is no file of profiles \('tuned'\); expected tables"),
        ("[tuned]\nplanar = 3", "mine.toml is no file of profiles"),
        ("[tuned.planar.nsgan]\nlrr = 1.0", r"mine.toml: \[tuned.planar.nsgan\] has no .* 'lrr'; did you"),
        ("[tuned.planar.nsgan]\nlr = -1.0", r"mine.toml: \[tuned.planar.nsgan\].lr = -1.0.*outside"),
    ],
)
def test_a_file_that_is_none_of_profiles_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    file = tmp_path / "mine.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UsageError, match=message):
        searches(file)


@pytest.mark.parametrize("by", ["suite", "command line"])
def test_a_variant_named_by_the_user_that_does_not_fit_is_refused(suite: Suite, by: str) -> None:
    asked = {"suite": (with_(suite, variants=["ac-gan"]), None), "command line": (suite, ["ac-gan"])}
    with pytest.raises(
        UsageError, match="suite tiny: acgan cannot be trained on ring: it needs the stream labelled"
    ):
        plan(asked[by][0], load, only=asked[by][1])


def test_set_for_everyone_skips_variants_without_it(suite: Suite) -> None:
    trials = plan(suite, load, only=["wgan", "nsgan"], seeds=[0], changes=["clip=0.5"])
    assert trials[0].hyperparameters["clip"] == 0.5
    assert "clip" not in trials[1].hyperparameters


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"only": ["nsgam"]}, "--variants: unknown variant 'nsgam'; did you mean 'nsgan'"),
        ({"budget": "quik"}, "unknown budget 'quik' in suite tiny; did you mean 'quick'"),
        ({"changes": ["learning_rate=1"]}, "unknown hyperparameter 'learning_rate' in --set"),
        ({"changes": ["clip=1"]}, "unknown hyperparameter 'clip' in --set"),
        ({"changes": ["lsgan.lrr=1"]}, "lsgan has no hyperparameter 'lrr'; did you mean 'lr'"),
        ({"changes": ["lr=-1"]}, r"lr = -1.*outside \(0"),
        ({"changes": ["batch_size=1.5"]}, "a whole number expected"),
        ({"changes": ["optimiser=adm"]}, "did you mean 'adam'"),
        ({"profile": "papper"}, "no profile 'papper'.*did you mean 'paper'"),
        ({"only": ["nsgan+r3"]}, r"--variants: nsgan\+r3: unknown part 'r3'"),
        ({"only": ["nsgan+bn+r1"]}, "every score depends on the whole batch"),
        ({"only": ["nsgan+simultaneous"], "changes": ["n_critic=2"]}, "n_critic and n_generator must be 1"),
        ({"only": ["bgan-discrete"]}, "bgan-discrete cannot be trained on ring: it needs data of a bounded"),
    ],
)
def test_what_cannot_be_is_refused(suite: Suite, options: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan(suite, load, **options)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"variants": ["gann"]}, r"tiny\.toml, line 4: unknown variant 'gann'; did you mean 'gan'"),
        ({"architectures": {"mlp": {"family": "mpl"}}}, "unknown architecture family 'mpl'"),
        ({"architectures": {"mlp": {"family": "mlp", "hiden": [8]}}}, "did you mean 'hidden'"),
        ({"axes": {"lrr": [1]}}, "unknown hyperparameter 'lrr' in suite tiny"),
        ({"hyperparameters": {"wgam": {"clip": 1}}}, "'wgam' is neither a variant nor.*'wgan'"),
    ],
)
def test_what_cannot_be_in_a_suite_is_refused(suite: Suite, fields: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan(with_(suite, **fields), load)


def test_compositions_are_planned_under_their_one_name(suite: Suite) -> None:
    trials = plan(suite, load, only=["nsgan+pac(2)+r1(gamma=0.30)", "wgan+gp"], seeds=[0])
    assert [t.variant for t in trials] == ["nsgan+r1(gamma=0.3)+pac(2)", "wgan-gp"]
    assert (trials[0].hyperparameters["r1_gamma"], trials[0].hyperparameters["pac"]) == (0.3, 2)
    again = plan(suite, load, only=["nsgan+r1(gamma=0.3)+pac(2)"], seeds=[0])
    assert [t.key for t in again] == [trials[0].key]


def test_a_suite_may_allow_penalties_over_batchnorm(suite: Suite) -> None:
    allowed = with_(suite, hyperparameters={"allow_batchnorm_penalty": True, "batch_size": 32})
    (trial,) = plan(allowed, load, only=["nsgan+bn+r1"], seeds=[0])
    assert trial.hyperparameters["critic_norm"] == "batch"


def test_all_leaves_out_what_a_dataset_cannot_have(suite: Suite) -> None:
    names = {t.variant for t in plan(with_(suite, variants="all", profile="default"), load, seeds=[0])}
    assert "nsgan" in names
    assert "bgan-discrete" not in names


def test_a_stand_in_is_another_trial(suite: Suite) -> None:
    stand_in = load("digits")
    stand_in.stand_in_for = "ring"
    (trial, *_), (other, *_) = plan(suite, load), plan(suite, lambda name: stand_in)
    assert (other.dataset, other.data_name, other.stand_in_for) == ("ring", "digits", "ring")
    assert trial.key != other.key


def test_an_implied_hyperparameter_changes_keys_only_where_it_is_set(suite: Suite) -> None:
    """Results that were stored before `latent_scale` was declared keep their keys and records."""
    plain, default, scaled = (
        plan(suite, load, only=["lsgan"], seeds=[0, 1], changes=changes)
        for changes in ([], ["latent_scale=1"], ["latent_scale=2"])
    )
    assert "latent_scale" not in plain[0].hyperparameters
    assert [t.key for t in default] == [t.key for t in plain]
    assert scaled[0].hyperparameters["latent_scale"] == 2.0
    assert {t.key for t in scaled}.isdisjoint(t.key for t in plain)
    assert signature(scaled[0]) != signature(plain[0])  # its draws are others
