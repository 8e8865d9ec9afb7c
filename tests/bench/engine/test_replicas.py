import pytest
import torch
from torch import nn

from gan_bench.bench.engine.replicas import Replicas, evaluation_modules, network_noise
from gan_bench.spaces import Space
from gan_bench.variants import DataSpec
from gan_bench.variants.networks import builder
from tests.toys import Number, ToyGame
from tests.training import MLP

POINTS = Space((2,))
CPU = torch.device("cpu")


class Pair(ToyGame):
    """Two networks of the same shape under two roles, and a state."""

    def networks(self, build):
        return {role: build.critic(POINTS) for role in ("first", "second")}

    def state(self):
        return {"k": torch.full((2,), 0.5), "count": torch.tensor(3)}


def make(seeds, *, solo=False, game=Pair, dtype=torch.float32, init="default"):
    played = game(DataSpec.of(real=POINTS), None)
    return Replicas(played, builder(MLP), seeds, init=init, device=CPU, dtype=dtype, solo=solo)


def test_initial_weights_depend_on_own_seed_and_role_alone():
    alone, pack = make((7,), solo=True), make((1, 7, 3))
    for role, params in alone.params.items():
        for name, tensor in params.items():
            assert torch.equal(tensor, pack.params[role][name][1])
            assert pack.params[role][name].shape == (3, *tensor.shape)
    assert not torch.equal(pack.params["first"]["0.weight"][0], pack.params["first"]["0.weight"][1])
    assert not torch.equal(pack.params["first"]["0.weight"], pack.params["second"]["0.weight"])


def test_double_precision_starts_from_the_same_numbers():
    single, double = make((7,)), make((7,), dtype=torch.float64)
    for name, tensor in single.params["first"].items():
        assert double.params["first"][name].dtype == torch.float64
        assert torch.equal(tensor.double(), double.params["first"][name])


def test_the_initial_law_is_passed_on():
    weights = make((7,), init="xavier").params["first"]
    assert (weights["0.bias"] == 0).all()
    assert (make((7,)).params["first"]["0.bias"] != 0).any()


def test_one_replica_is_a_view_of_the_stack():
    pack = make((1, 2))
    pack.of(1)["first"]["0.bias"].fill_(9.0)
    assert (pack.params["first"]["0.bias"][1] == 9.0).all()
    assert (pack.params["first"]["0.bias"][0] != 9.0).all()


def test_state_is_stacked_and_floats_take_the_dtype():
    pack = make((1, 2, 3), dtype=torch.float64)
    assert pack.state["k"].shape == (3, 2)
    assert pack.state["k"].dtype == torch.float64
    assert pack.state["count"].tolist() == [3, 3, 3]
    assert pack.state_of(2)["k"].tolist() == [0.5, 0.5]
    assert make((1,), solo=True).state["count"].shape == ()


def test_sizes_count_one_replica():
    assert make((1, 2, 3)).sizes == dict.fromkeys(("first", "second"), 2 * 16 + 16 + (16 * 16 + 16) + 17)


@pytest.mark.parametrize("solo", [True, False])
def test_replicas_with_finite_weights_are_marked(solo):
    seeds = (1,) if solo else (1, 2, 3)
    replicas = make(seeds, solo=solo)
    assert replicas.all_finite().tolist() == [True] * len(seeds)
    bias = replicas.params["second"]["0.bias"]
    (bias if solo else bias[1])[0] = float("inf")
    assert replicas.all_finite().tolist() == ([False] if solo else [True, False, True])


def test_live_modules_share_storage_with_the_parameters():
    replicas = make((1,), solo=True)
    live = replicas.solo_networks(("first",))
    assert live["first"].get_parameter("0.bias").requires_grad
    assert not live["second"].get_parameter("0.bias").requires_grad
    replicas.params["second"]["0.bias"].fill_(4.0)
    assert (live["second"].get_parameter("0.bias") == 4.0).all()


class Convolutions(Pair):
    """Two roles with the same kernels, of which the first may have its channels last."""

    def networks(self, build):
        networks = {role: nn.Conv2d(3, 5, 4, device="meta") for role in ("first", "second")}
        networks["first"].channels_last = True
        return networks


def test_kernels_of_solo_replicas_have_channels_last_where_the_family_allows_it():
    alone, pack = make((7,), solo=True, game=Convolutions), make((1, 7), game=Convolutions)
    kernel = alone.params["first"]["weight"]
    assert kernel.is_contiguous(memory_format=torch.channels_last)
    assert not kernel.is_contiguous()
    assert torch.equal(kernel, pack.params["first"]["weight"][1])
    assert alone.params["second"]["weight"].is_contiguous()
    assert pack.params["first"]["weight"].is_contiguous()
    live = alone.solo_networks(("first",))["first"].get_parameter("weight")
    assert live.data_ptr() == kernel.data_ptr()
    assert live.stride() == kernel.stride()


def test_declared_noise_is_named_by_role_and_layer():
    class Dropping(Pair):
        def networks(self, build):
            return {"critic": builder({**MLP, "dropout": 0.5}).critic(POINTS), "x": Number()}

    assert list(make((1,), game=Dropping).noises) == ["critic.2", "critic.5"]
    draws = {f"critic.{layer}.{call}": torch.tensor([layer, call]) for layer in (2, 5) for call in (1, 0)}
    nested = {"critic.body.2.0": torch.tensor(7)}
    assert network_noise(nested, "critic")[0]["body.2"].item() == 7
    calls = network_noise({**draws, "latent": torch.zeros(1), "criticism.2.0": torch.zeros(1)}, "critic")
    assert [{k: v.tolist() for k, v in call.items()} for call in calls] == [
        {"2": [2, 0], "5": [5, 0]},
        {"2": [2, 1], "5": [5, 1]},
    ]


def test_evaluation_modules_are_copies_without_gradients():
    skeleton = nn.Sequential(nn.Linear(2, 2))
    module = evaluation_modules({"x": skeleton}, CPU, torch.float64)["x"]
    assert not module.training
    assert module[0].weight.dtype == torch.float64
    assert not module[0].weight.requires_grad
    assert skeleton[0].weight.dtype == torch.float32


def test_modules_for_evaluation_keep_fixed_buffers_and_have_room_for_the_others():
    skeleton = nn.Sequential(nn.Linear(2, 3, device="meta"), nn.BatchNorm1d(3, device="meta"))
    skeleton.register_buffer("fixed", torch.tensor([1.5, 2.5]))
    module = evaluation_modules({"net": skeleton}, CPU, torch.float64)["net"]
    assert module.fixed.tolist() == [1.5, 2.5]
    tensors = [*module.parameters(), *module.buffers()]
    assert {tensor.device for tensor in tensors} == {CPU}
    assert {tensor.dtype for tensor in tensors} == {torch.float64, torch.int64}  # batches are counted
    assert not module.training
    assert not any(p.requires_grad for p in module.parameters())
    assert skeleton[0].weight.is_meta
    assert skeleton.fixed.data_ptr() != module.fixed.data_ptr()
