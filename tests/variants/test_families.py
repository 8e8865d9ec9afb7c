"""The register of families: options declared as hyperparameters are, plug-ins, and purposes apart."""

import json
import math

import pytest
import torch
from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants import Hyperparameter
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.networks import (
    ArchitectureError,
    Family,
    builder,
    check,
    families,
    register_family,
    registry,
)
from gan_bench.variants.networks.layers import View

POINTS, IMAGE = Space((2,)), Space((1, 16, 16))


@pytest.fixture
def register():
    with registry.FAMILIES.restored():
        yield register_family


# Descriptions


def test_families_and_full_descriptions():
    assert {"mlp", "conv", "dirac"} <= set(families())
    full = check({"family": "mlp", "hidden": [4]})
    assert full == check(full)
    assert (full["version"], full["hidden"], full["dropout"], full["init"]) == (1, [4], 0.0, "default")
    assert check({"family": "conv"})["norm"] == "batch"
    spelt_otherwise = check({"family": "mlp", "hidden": (4,), "dropout": 0})
    assert json.dumps(spelt_otherwise) == json.dumps(full), "one architecture, one key"


def test_descriptions_are_those_that_training_keys_were_made_of():
    """The text of before families were classes; only the name of the second has changed."""
    assert json.dumps(check({"family": "mlp"}), sort_keys=True) == (
        '{"activation": "relu", "critic_activation": "leaky_relu", "critic_hidden": [], "dropout": 0.0, '
        '"family": "mlp", "hidden": [128, 128], "init": "default", "norm": "none", "version": 1}'
    )
    assert json.dumps(check({"family": "dcgan"}), sort_keys=True) == (
        '{"activation": "relu", "critic_activation": "leaky_relu", "family": "conv", "init": "normal", '
        '"norm": "batch", "pooling": "strided", "version": 1, "width": 64}'
    )
    assert json.dumps(check({"family": "dirac"}), sort_keys=True) == (
        '{"family": "dirac", "init": "default", "radius": 0.001, "version": 1}'
    )


@pytest.mark.parametrize(
    ("architecture", "message"),
    [
        ({"family": "mpl"}, r"unknown architecture family 'mpl'; did you mean 'mlp'\?"),
        ({}, r"an architecture without a family; choose from: conv, dirac, mlp"),
        ({"family": "dirac", "radius": 0.0}, r"dirac.radius = 0.0: outside \(0, inf\]"),
        ({"family": "mlp", "hiden": [4]}, r"architecture mlp has no option 'hiden'; did you mean 'hidden'\?"),
        ({"family": "conv", "hidden": [4]}, r"architecture conv has no option 'hidden'"),
        ({"family": "mlp", "hidden": 4}, r"architecture mlp\.hidden = 4: a list of whole numbers expected"),
        ({"family": "mlp", "hidden": "44"}, r"a list of whole numbers expected"),
        ({"family": "mlp", "hidden": [4, 0]}, r"mlp\.hidden\[1\] = 0: outside \[1, inf\] \(nearest bound: 1"),
        ({"family": "mlp", "hidden": [4, 2.5]}, r"mlp\.hidden\[1\] = 2\.5: a whole number expected"),
        ({"family": "mlp", "hidden": [4, True]}, r"mlp\.hidden\[1\] = True: a number expected"),
        ({"family": "mlp", "activation": "relo"}, r"mlp\.activation = 'relo': unknown.*'relu'"),
        ({"family": "mlp", "norm": "group"}, r"mlp\.norm = 'group': unknown.*: none, batch"),
        ({"family": "mlp", "init": "he"}, r"mlp\.init = 'he': unknown.*: default, xavier, normal"),
        ({"family": "mlp", "dropout": 1.0}, r"mlp\.dropout = 1\.0: outside \[0, 1\)"),
        ({"family": "mlp", "dropout": True}, r"mlp\.dropout = True: a number expected"),
        ({"family": "mlp", "dropout": {"schedule": "linear"}}, r"structural and cannot follow a schedule"),
        ({"family": "conv", "width": 0}, r"conv\.width = 0: outside \[1, inf\]"),
        ({"family": "conv", "width": 2.5}, r"conv\.width = 2\.5: a whole number expected \(nearest: 2\)"),
    ],
)
def test_impossible_options_are_refused(architecture, message):
    with pytest.raises(ArchitectureError, match=message):
        check(architecture)


# Purposes apart


def test_one_architecture_may_take_purposes_from_other_families():
    perceptron = {"family": "mlp", "hidden": [4]}
    mixed = {"family": "conv", "width": 2, "critic": perceptron, "encoder": {"width": 3}}
    full = check(mixed)
    assert full == check(full)
    assert full["critic"] == check(perceptron)
    assert full["encoder"] == check({"family": "conv", "width": 3})
    assert {k: v for k, v in full.items() if k not in ("critic", "encoder")} == check(
        {"family": "conv", "width": 2}
    )
    build = builder(mixed)
    assert isinstance(build.generator(Space((3,)), makes=IMAGE)[1], nn.ConvTranspose2d)
    assert isinstance(build.critic(IMAGE)[1], nn.Linear)
    assert build.encoder(IMAGE)[0].out_channels == 3
    laws = [getattr(n, "init_law", None) for n in (build.critic(IMAGE), build.classifier(IMAGE, classes=2))]
    assert laws == ["default", None], "initial weights are those of the network's own family"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"critic": "mlp"}, r"conv\.critic = 'mlp': a table with a family and its options expected"),
        ({"critic": {"family": "mpl"}}, r"conv\.critic: unknown architecture family 'mpl'; .*'mlp'"),
        ({"critic": {"wdth": 3}}, r"conv\.critic: architecture conv has no option 'wdth'; .*'width'"),
        ({"critic": {"family": "mlp", "width": 3}}, r"conv\.critic: architecture mlp has no option 'width'"),
        ({"translator": {"family": "dirac"}}, r"conv\.translator: dirac has no translator; it has generator"),
        ({"crtic": {"family": "mlp"}}, r"architecture conv has no option 'crtic'; did you mean 'critic'"),
        ({"critic": {"family": "mlp", "critic": {}}}, r"conv\.critic has a table 'critic'"),
    ],
)
def test_impossible_tables_of_purposes_are_refused(table, message):
    with pytest.raises(ArchitectureError, match=message):
        check({"family": "conv", **table})


# Plug-ins


def network(inputs, size):
    width = sum(math.prod(space.shape) for space in inputs)
    return nn.Sequential(nn.Flatten(), nn.Linear(width, size))


def test_a_family_gets_its_options_as_attributes_and_builds_without_storage(register):
    made = []

    @register("taken", init="xavier", aliases=("tkn",))
    class Taken(Family):
        declared = {
            "depth": Hyperparameter(2, "structural", low=1),
            "slope": Hyperparameter(2.5, "structural"),
            "mode": Hyperparameter("sum", "structural"),
            "sizes": Hyperparameter((), "structural", low=1),
            "residual": Hyperparameter(False, "structural"),
        }

        def generator(self, inputs, makes):
            made.append((inputs, makes, vars(self.options)))
            return network(inputs, math.prod(makes.shape))

        def critic(self, inputs, *, norm, classes):
            if norm != "none":
                raise self.lacks("critic", inputs, f"it has no {norm} normalisation")
            return nn.Sequential(network(inputs, 1), View())

        def classifier(self, inputs, classes):
            return None

    options = {"family": "tkn", "slope": 3, "mode": "mean", "residual": True}
    bounded = Space((2,), (-1.0, 1.0))
    assert builder(options).generator(POINTS, makes=bounded)[1].weight.is_meta
    expected = {"depth": 2, "slope": 3.0, "mode": "mean", "sizes": [], "residual": True}
    assert made == [((POINTS,), bounded, expected)]
    assert check({"family": "tkn"})["family"] == "taken"
    assert check({"family": "taken"})["init"] == "xavier", "every family has the engine's law"
    build = builder({"family": "taken"})
    with pytest.raises(Misfit, match="taken has no critic of 2: it has no batch normalisation"):
        build.critic(POINTS, norm="batch")
    with pytest.raises(Misfit, match=r"^architecture taken has no encoder of 2; conv, mlp\b.* have one$"):
        build.encoder(POINTS)
    with pytest.raises(ArchitectureError, match="taken made a NoneType as classifier, expected a module"):
        build.classifier(POINTS, classes=2)
    for wrong, message in (
        ({"slope": True}, "taken.slope = True: a number expected"),
        ({"slope": math.inf}, "taken.slope = inf: outside"),
        ({"mode": 3}, "taken.mode = 3: a text expected"),
        ({"residual": 1}, "taken.residual = 1: true or false expected"),
        ({"sizes": [1, -1]}, r"taken.sizes\[1\] = -1: outside"),
    ):
        with pytest.raises(ArchitectureError, match=message):
            check({"family": "taken", **wrong})


def test_networks_state_whether_their_family_may_have_channels_last(register):
    @register("viewing")
    class Viewing(Family):
        def translator(self, inputs, makes):
            return nn.Conv2d(1, 1, 1)

    built = {f: builder({"family": f}).translator(IMAGE, makes=IMAGE) for f in ("unet", "viewing")}
    assert {family: network.channels_last for family, network in built.items()} == {
        "unet": True, "viewing": False,
    }  # fmt: skip


def test_a_family_is_registered_once():
    with pytest.raises(ValueError, match=r"family 'mlp' is registered already, by .*Perceptron"):
        register_family("mlp")(type("Mine", (Family,), {}))
    with pytest.raises(ValueError, match=r"family 'dcgan' is registered already, by .*Convolutions"):
        register_family("dcgan")(type("Mine", (Family,), {}))


@pytest.mark.parametrize(
    ("declared", "init", "message"),
    [
        ({"width": 8}, "default", "mine.width = 8: a structural Hyperparameter expected"),
        ({"width": Hyperparameter(8)}, "default", "a structural Hyperparameter expected"),
        ({"width": Hyperparameter(0, "structural", low=1)}, "default", "mine.width = 0: outside"),
        (
            {"norm": Hyperparameter("mine", "structural", choices=("a", "b"))},
            "default",
            "mine.norm = 'mine': unknown choice",
        ),
        ({"critic": Hyperparameter(1)}, "default", "an option cannot be called 'critic', which is taken"),
        ({}, "he", "mine.init = 'he': unknown choice; choose from: default"),
    ],
)
def test_a_class_that_cannot_be_a_family_is_refused_when_it_is_registered(register, declared, init, message):
    with pytest.raises(ArchitectureError, match=message):
        register("mine", init=init)(type("Mine", (Family,), {"declared": declared}))
    assert "mine" not in families()


def test_a_function_is_no_family(register):
    with pytest.raises(ArchitectureError, match="mine: a subclass of Family expected, not <function"):
        register("mine")(lambda role, inputs, outputs: torch.nn.Linear(1, 1))


def test_the_list_of_families_states_every_option_with_its_meaning():
    from gan_bench.bench.commands.listing import listing

    table = listing("families", long=True)
    options, meanings = (list(table.columns[place].cells) for place in (2, 5))
    declared = [(n, o.doc) for name in families() for n, o in registry.FAMILIES.get(name).options.items()]
    assert list(zip(options, meanings, strict=True)) == declared
