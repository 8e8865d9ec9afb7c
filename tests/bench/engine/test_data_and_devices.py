"""The training loop with data on several devices and in several types, and its dtypes."""

import pytest
import torch

from gan_bench.bench.engine import Job, train
from gan_bench.bench.engine.facts import data_spec
from gan_bench.bench.engine.train import Trainer
from gan_bench.datasets.sources import StreamingSource
from gan_bench.spaces import Space
from tests.bench.engine.toys import Breaking, job_of
from tests.toys import ToyData, ones
from tests.training import both_ways, dataset, largest_difference, make_job, outputs, same, trained, weights


class Streamed:
    """A dataset whose rows are read when they are asked for."""

    def __init__(self, resident):
        self.resident = resident

    def __getattr__(self, name):
        return getattr(self.resident, name)

    def stream(self, name="real", split="train"):
        source = self.resident.stream(name, split)
        rows = source.gather(torch.arange(len(source))).numpy()
        return StreamingSource(rows.__getitem__, len(rows), rows.shape[1:])


@both_ways
def test_a_streaming_source_trains_the_same_bits_as_a_resident_one(seeds):
    images = dataset("digits")
    rows = images.stream("real").gather(torch.arange(100))
    data = ToyData(real=rows, spaces={"real": images.spaces["real"]})
    data.scales = images.scales
    job = make_job("nsgan", seeds, iterations=20)
    resident, streamed = trained(job, data), trained(job, Streamed(data))
    for replica in range(len(seeds)):
        assert same(weights(resident, replica), weights(streamed, replica))


@both_ways
def test_training_in_single_and_double_precision(seeds):
    single = trained(make_job("nsgan", seeds, iterations=3, settings={"optimiser": "sgd"}))
    double = trained(make_job("nsgan", seeds, iterations=3, settings={"optimiser": "sgd"}, dtype="float64"))
    for trainer, dtype in ((single, torch.float32), (double, torch.float64)):
        assert {p.dtype for p in weights(trainer).values()} == {dtype}
        assert outputs(trainer).dtype == dtype
        batch, noise = next(iter(trainer.feeds))[0][0]
        assert batch["real"].dtype == noise["latent"].dtype == dtype
    rounded = {name: p.float() for name, p in weights(double).items()}
    assert 0 < largest_difference(weights(single), rounded) < 1e-5


@pytest.mark.parametrize("variant", ["nsgan", "wgan-gp", "sngan"])
@both_ways
def test_bfloat16_is_for_matrix_products_only(variant, seeds):
    low, full = (trained(make_job(variant, seeds, dtype=dtype)) for dtype in ("bfloat16", "float32"))
    assert {p.dtype for p in weights(low).values()} == {torch.float32}
    assert all(torch.tensor(low.history.columns[0][c]).isfinite().all() for c in low.history.columns[0])
    away = largest_difference(weights(low), weights(full))
    assert 0.0 < away < 0.05
    assert outputs(low).dtype == torch.float32


def test_a_game_knows_its_data_by_spaces_streams_and_class_weights_only():
    digits, spec = dataset("digits"), data_spec(dataset("digits"))
    assert spec.spaces == {"real": Space((1, 28, 28), (-1.0, 1.0)), "label": Space(classes=10)}
    assert spec.streams == {"real": ("real",), "labelled": ("real", "label")}
    assert (spec.real, spec.classes) == (spec.spaces["real"], 10)
    assert spec.class_weights == digits.class_weights
    assert sum(spec.class_weights) == pytest.approx(1)


# CUDA

cuda = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


def on_device(job, device):
    return Job(job.variant, job.architecture, job.hyperparameters, job.seeds, job.budget, job.dtype, device)


class TestCuda:
    pytestmark = cuda

    @pytest.mark.parametrize("variant", ["nsgan", "wgan", "wgan-gp", "began", "ragan"])
    def test_packed_and_solo_training_agree(self, variant):
        job = make_job(variant, (3, 4), dtype="float64")
        packed = trained(on_device(job, "cuda"))
        for replica, seed in enumerate((3, 4)):
            solo = trained(on_device(make_job(variant, (seed,), dtype="float64"), "cuda"))
            assert largest_difference(weights(solo), weights(packed, replica)) < 1e-6
            assert outputs(packed, replica).device.type == "cuda"

    @both_ways
    def test_initial_weights_are_those_of_the_cpu(self, seeds):
        job = make_job("nsgan", seeds)
        device, cpu = Trainer(on_device(job, "cuda"), dataset("ring")), Trainer(job, dataset("ring"))
        for replica in range(len(seeds)):
            assert same({k: p.cpu() for k, p in weights(device, replica).items()}, weights(cpu, replica))

    @both_ways
    def test_images_averages_and_checkpoints(self, seeds):
        options = {"architecture": {"family": "conv", "width": 4}, "settings": {"ema": 0.9}, "iterations": 3}
        trainer = trained(on_device(make_job("nsgan", seeds, **options), "cuda"), "digits")
        model = trainer.models(1.0)[-1]
        assert model.sample(20, "ema").isfinite().all()
        assert {tensor.device.type for tensor in model.state().values()} == {"cpu"}

    def test_divergence_is_noted(self, toy):
        settings = [{"weight": 0.0}, {"weight": 7.0}]
        job = on_device(job_of(toy(Breaking), (0, 1), settings=settings), "cuda")
        assert [outcome.diverged_at for outcome in train(job, ones())] == [None, 7]
