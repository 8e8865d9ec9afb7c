"""BatchNorm: no buffers in training, calibrated for evaluation."""

import torch

from gan_bench.bench.engine.streams import stream
from gan_bench.variants import Noise
from gan_bench.variants.networks.norms import BatchNorm
from tests.training import both_ways, make_job, outputs, trained

BATCH_NORM = {"family": "mlp", "hidden": [8, 8], "norm": "batch"}


@both_ways
def test_batchnorm_keeps_no_buffers_in_training_and_is_calibrated_for_evaluation(seeds):
    job = make_job("nsgan", seeds, architecture=BATCH_NORM, settings={"critic_norm": "batch", "ema": 0.9})
    trainer = trained(job)
    for replicas in (trainer.replicas.skeletons, getattr(trainer.replicas, "_trained", {})):
        for module in replicas.values():
            for layer in module.modules():
                if isinstance(layer, BatchNorm):
                    assert layer.mean.is_meta or (layer.mean == 0).all()
    model = trainer.models(1.0)[-1]
    samples = {kind: model.sample(64, kind) for kind in ("raw", "ema")}
    for kind, tree in (("raw", model.params), ("ema", model.ema)):
        # By hand: statistics of the calibration pass, layer by layer.
        params = tree["generator"]
        x = Noise((4,)).draw(1, 1024, stream("ring", "calibration", "latent"))[0]
        z = Noise((4,)).draw(1, 64, stream("ring", "evaluation", "latent"))[0]
        for linear, norm in (("0", "1"), ("3", "4")):
            x, z = (t @ params[f"{linear}.weight"].T + params[f"{linear}.bias"] for t in (x, z))
            mean, variance = x.mean(0), x.var(0)
            batch_variance = x.var(0, correction=0)
            scale, shift = params[f"{norm}.weight"], params[f"{norm}.bias"]
            z = torch.relu((z - mean) / (variance + 1e-5).sqrt() * scale + shift)
            x = torch.relu((x - mean) / (batch_variance + 1e-5).sqrt() * scale + shift)
        z = z @ params["6.weight"].T + params["6.bias"]
        assert torch.allclose(z, samples[kind], atol=1e-5)
    assert not torch.allclose(samples["raw"], samples["ema"], atol=1e-4)


def test_a_batchnorm_generator_samples_each_point_by_itself():
    trainer = trained(make_job("nsgan", architecture=BATCH_NORM))
    model = trainer.models(1.0)[0]
    assert torch.allclose(model.sample(1500)[:2], trainer.models(1.0)[0].sample(1500)[:2])
    assert outputs(trainer, count=1).isfinite().all()
