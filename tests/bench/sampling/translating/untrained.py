"""Untrained games applied to images, and images to apply them to."""

from __future__ import annotations

import numpy as np
from PIL import Image

from gan_bench import datasets
from gan_bench.bench.engine.train import Trainer
from gan_bench.bench.sampling.translating.application import application
from tests.training import make_job


def write(path, size=(28, 28), mode="RGB", seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, (*size[::-1], len(mode)), dtype=np.uint8)
    Image.fromarray(pixels[..., 0] if mode == "L" else pixels, mode).save(path)
    return path


def untrained(variant, data, architecture):
    dataset = datasets.load(data)
    return Trainer(make_job(variant, (0,), architecture=architecture), dataset).models(0.0)[0], dataset


def asked(variant, data, architecture, **options):
    model, dataset = untrained(variant, data, architecture)
    wanted = {"asked": None, "label": None, "ema": False, "seed": 0, **options}
    return application(model, dataset, variant=variant, **wanted)
