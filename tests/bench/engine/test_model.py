"""A trained replica: its samples on shared noise, its averages, its checkpoint."""

import pytest
import torch
from safetensors.torch import load, save

from gan_bench.bench.engine import restore
from gan_bench.bench.engine.streams import stream
from gan_bench.variants import Loss, Noise, Player, Round, ability
from tests.toys import Number, ToyGame, ones, value
from tests.training import MLP, dataset, make_job, trained

BATCH_NORM = {"family": "mlp", "hidden": [8, 8], "norm": "batch"}


class Scaling(ToyGame):
    """The generator scales its noise by a number that falls by 0.1; an integer state counts the steps."""

    def networks(self, build):
        return {"generator": Number(2.0)}

    def noise(self):
        return {"z": Noise((1,))}

    def state(self):
        return {"count": torch.tensor(0)}

    def players(self):
        def fall(play):
            return Loss(value(play.generator), state={"count": play.state["count"] + 1})

        return [Player("a", ("generator",), fall, critic=True)]

    def rounds(self):
        return [Round(("a",))]

    @ability(noise=("z",))
    def sample(self, play):
        return play.generator(play.noise["z"])

    @ability(makes="")
    def steps_done(self, play):
        return play.state["count"].reshape(1)


def scaled(toy, seeds=(0,), **options):
    job = make_job(toy(Scaling), seeds, iterations=3, settings={"lr": 0.1, **options})
    return job, trained(job, ones())


def test_samples_are_the_network_applied_to_the_datasets_noise(toy):
    _, trainer = scaled(toy, (4, 5))
    noise = Noise((1,)).draw(1, 2500, stream("toy-data", "evaluation", "z"))[0]
    for model in trainer.models(1.0):
        assert torch.allclose(model.sample(2500), (2.0 - 3 * 0.1) * noise)
        assert model.parameters == {"generator": 1}


def test_sampling_repeats_itself_and_touches_no_global_state(toy):
    model = scaled(toy)[1].models(1.0)[0]
    before = torch.get_rng_state()
    assert torch.equal(model.sample(50), model.sample(50))
    assert torch.equal(before, torch.get_rng_state())


def test_restored_samples_are_the_samples_restored():
    model = trained(make_job("nsgan", iterations=1), "digits").models(1.0)[0]
    images = model.make("sample", 1200)  # more than one part
    assert torch.equal(images.rows, dataset("digits").restore(model.sample(1200)))
    assert images.broken == 0


def test_averaged_weights_only_where_they_were_kept(toy):
    with_ema = scaled(toy, ema=0.5)[1].models(1.0)[0]
    without = scaled(toy)[1].models(1.0)[0]
    assert with_ema.has_ema
    assert not without.has_ema
    average = 2.0
    for weight in (1.9, 1.8, 1.7):
        average = 0.5 * average + 0.5 * weight
    ratio = with_ema.sample(10, "ema") / with_ema.sample(10)
    assert ratio.flatten().tolist() == pytest.approx([average / 1.7] * 10, rel=1e-5)
    with pytest.raises(LookupError, match="no averaged weights were kept: train with ema > 0"):
        without.sample(10, "ema")


def test_a_checkpoint_keeps_weights_averages_and_integer_state(toy):
    job, trainer = scaled(toy, ema=0.5)
    model = trainer.models(1.0)[0]
    again = restore(job, ones(), load(save(model.state())))
    assert again.dtype == torch.float32
    for kind in ("raw", "ema"):
        assert torch.equal(model.sample(20, kind), again.sample(20, kind))
    assert again.game_state["count"].item() == 3
    assert again.game_state["count"].dtype == torch.int64
    assert again.apply("steps_done", 1).item() == 3


def test_a_checkpoint_is_a_copy(toy):
    trainer = scaled(toy)[1]
    state = trainer.models(1.0)[0].state()
    trainer.replicas.params["generator"]["value"].fill_(0.0)
    assert state["raw/generator/value"].item() == pytest.approx(1.7)


def test_batchnorm_statistics_are_estimated_again_after_loading():
    job = make_job("nsgan", architecture=BATCH_NORM, settings={"ema": 0.9}, iterations=3)
    model = trained(job).models(1.0)[0]
    again = restore(job, dataset("ring"), load(save(model.state())))
    for kind in ("ema", "raw"):  # in the other order: one must not leave its statistics to the other
        assert torch.equal(again.sample(30, kind), model.sample(30, kind))
    assert not any("mean" in name or "variance" in name for name in model.state())


def test_a_loaded_model_gives_the_outputs_of_a_trained_one_whose_kernels_have_their_channels_last():
    unet = {"family": "unet", "width": 4, "critic": {"family": "patch", "width": 4}}
    data = dataset("tinted-digits")
    job = make_job("cyclegan", architecture=unet, settings={"ema": 0.9, "batch_size": 4}, iterations=2)
    trainer = trained(job, data)
    kernels = [p for p in trainer.replicas.params["a_to_b"].values() if p.ndim == 4]
    assert not all(kernel.is_contiguous() for kernel in kernels)
    (model,) = trainer.models(1.0)
    again = restore(job, data, load(save(model.state())))
    for kind in ("raw", "ema"):
        made = (one.apply("translate", 8, weights=kind) for one in (model, again))
        assert torch.equal(*made)


@pytest.mark.parametrize("spoil", ["shape", "name", "role"])
def test_a_checkpoint_of_other_networks_is_refused(spoil):
    job = make_job("nsgan", iterations=1)
    state = trained(job).models(1.0)[0].state()
    match spoil:
        case "shape":
            state["raw/critic/0.bias"] = torch.zeros(3)
        case "name":
            state["raw/critic/0.scale"] = state.pop("raw/critic/0.bias")
        case "role":
            state = {name: tensor for name, tensor in state.items() if "/critic/" not in name}
    with pytest.raises(ValueError, match="checkpoint does not fit the critic: expected"):
        restore(job, dataset("ring"), state)


def test_an_unknown_ability_names_those_there_are():
    model = trained(make_job("nsgan", iterations=1, architecture=MLP)).models(1.0)[0]
    assert set(model.abilities) == {"sample"}
    with pytest.raises(LookupError, match="no ability 'encode'; this game can sample"):
        model.apply("encode", 3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_models_keep_the_training_dtype_and_bounds(dtype):
    trainer = trained(make_job("nsgan", iterations=1, dtype=dtype), "digits")
    images = trainer.models(1.0)[0].sample(3)
    assert images.dtype == getattr(torch, dtype)
    assert images.shape == (3, 1, 28, 28)
    assert images.abs().max() <= 1.0
    assert dataset("digits").restore(images).dtype == torch.uint8


def test_an_empty_checkpoint_is_refused():
    with pytest.raises(ValueError, match="checkpoint holds no weights"):
        restore(make_job("nsgan"), dataset("ring"), {})
