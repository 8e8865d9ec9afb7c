"""Train a LeNet28 extractor: `python -m bench.metrics.extractors.train --dataset mnist`.

Seeded and repeatable on one machine. It trains on the training split only, and reads the validation and test
splits once, at the end (the recipes below were chosen on validation splits). Weights and card are written
beside this file; a dataset's metrics change with them: the SHA-256 is part of every evaluation key.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save as save_safetensors
from torch import Tensor
from torch.nn import functional as F

from gan_bench import datasets
from gan_bench.bench.common.files import write
from gan_bench.bench.metrics.extractors.lenet import BATCH, FEATURES, LeNet
from gan_bench.bench.metrics.extractors.weights import FOLDER
from gan_bench.datasets.forms import NAME as FORMS
from gan_bench.datasets.forms import digit_forms

SEED = 0
BATCH_SIZE = 128
PEAK_RATE = 3e-3
WEIGHT_DECAY = 1e-2
SHIFT, TURN, SCALE, SHEAR = 2.0, 10.0, 0.1, 0.1  # pixels, degrees, relative, relative


@dataclass(frozen=True)
class Recipe:
    """Settings that differ between datasets, chosen on the validation split."""

    epochs: int
    jitter: float = 1.0  # strength of the affine maps
    flip: bool = False  # half of the images mirrored


RECIPES = {
    "mnist": Recipe(epochs=12),
    "fashion-mnist": Recipe(epochs=16, jitter=0.25, flip=True),
    "digits": Recipe(epochs=150),
    FORMS: Recipe(epochs=40),
}


def jitter(images: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Return images (n, channels, 28, 28), each under its own small random affine map.

    Outside of a grey image is black, outside of one in colour the nearest pixel.
    """
    count = len(images)
    draws = torch.rand(count, 6, generator=generator).mul_(2).sub_(1).mul_(strength)
    turn = draws[:, 0] * math.radians(TURN)
    matrix = torch.stack((turn.cos(), -turn.sin(), turn.sin(), turn.cos()), 1).view(count, 2, 2)
    stretch = torch.diag_embed(1 + SCALE * draws[:, 1:3])
    stretch[:, 0, 1] = SHEAR * draws[:, 3]
    shift = draws[:, 4:6, None] * (2 * SHIFT / images.shape[-1])
    grid = F.affine_grid(torch.cat((matrix @ stretch, shift), 2), list(images.shape), align_corners=False)
    outside = "zeros" if images.shape[1] == 1 else "border"
    return F.grid_sample(images + 1, grid, padding_mode=outside, align_corners=False) - 1


def fit(network: LeNet, images: Tensor, labels: Tensor, recipe: Recipe, seed: int = SEED) -> None:
    """AdamW on cross-entropy with a one-cycle rate; images prepared, shape (n, channels, 28, 28)."""
    generator = torch.Generator().manual_seed(seed)
    steps = math.ceil(len(images) / BATCH_SIZE)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=recipe.epochs * steps)
    for epoch in range(recipe.epochs):
        start = time.monotonic()
        network.train()
        for rows in torch.randperm(len(images), generator=generator).split(BATCH_SIZE):
            batch = jitter(images[rows], recipe.jitter, generator)
            if recipe.flip:
                mirrored = torch.rand(len(batch), 1, 1, 1, generator=generator) < 0.5
                batch = torch.where(mirrored, batch.flip(3), batch)
            loss = F.cross_entropy(network(batch).logits, labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        print(
            f"epoch {epoch + 1}/{recipe.epochs}: loss {loss.item():.3f}, {time.monotonic() - start:.1f} s",
            flush=True,
        )


@torch.no_grad()
def standardise(network: LeNet, images: Tensor) -> None:
    """Scale the features to a mean square of 1 over prepared images, with the logits unchanged.

    The features end in a ReLU, so a factor on their layer can be undone in the next one. Distances between
    features, and so FID and KID, then have the same scale whatever a network's training did to its weights.
    """
    features = torch.cat([network(batch).features for batch in images.split(BATCH)])
    size = features.square().mean().sqrt()
    network.fc2.weight.div_(size)
    network.fc2.bias.div_(size)
    network.fc3.weight.mul_(size)


@torch.inference_mode()
def accuracy(network: LeNet, images: Tensor, labels: Tensor) -> float:
    """Fraction of prepared images (n, channels, 28, 28) whose class the network finds."""
    network.eval()
    found = torch.cat([network(batch).logits.argmax(1) for batch in images.split(BATCH)])
    return (found == labels).double().mean().item()


def train(dataset_name: str, folder: Path = FOLDER, recipe: Recipe | None = None) -> float:
    """Train the extractor of a dataset, write its weights and card to `folder`, return its test accuracy."""
    dataset = digit_forms() if dataset_name == FORMS else datasets.load(dataset_name, stand_in=False)
    recipe = recipe or RECIPES[dataset_name]
    split = {name: _labelled(dataset, name) for name in ("train", "validation", "test")}

    with torch.random.fork_rng(devices=[]):  # the layers draw their first weights from the global generator
        torch.manual_seed(SEED)
        network = LeNet(channels=dataset.shape[0])
    fit(network, *split["train"], recipe)
    standardise(network, split["train"][0])
    score = {name: accuracy(network, *split[name]) for name in ("validation", "test")}
    weights = save_safetensors(network.state_dict())
    name = dataset.extractor
    write(folder / f"{name}.safetensors", weights)
    write(
        folder / f"{name}.toml",
        f"""# Model card, written by `python -m bench.metrics.extractors.train --dataset {dataset_name}`.
name = "{name}"
sha256 = "{hashlib.sha256(weights).hexdigest()}"
dataset = "{dataset_name}"
dataset_content_hash = "{dataset.content_hash}"
architecture = "LeNet-5 with ReLU and max pooling"
parameters = {sum(p.numel() for p in network.parameters())}
features = {FEATURES}
train_images = {len(split["train"][1])}
epochs = {recipe.epochs}
jitter = {recipe.jitter}
flip = {str(recipe.flip).lower()}
seed = {SEED}
validation_images = {len(split["validation"][1])}
validation_accuracy = {score["validation"]:.4f}
test_images = {len(split["test"][1])}
test_accuracy = {score["test"]:.4f}
torch = "{torch.__version__}"
""",
    )
    return score["test"]


def _labelled(dataset: datasets.Dataset, split: str) -> tuple[Tensor, Tensor]:
    source = dataset.stream("labelled", split)
    assert isinstance(source, datasets.AlignedSource)
    fields = source.gather(torch.arange(len(source)))
    return dataset.prepare(fields["real"]), fields["label"]


def main() -> None:
    """Train the extractor that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m bench.metrics.extractors.train", description=__doc__)
    parser.add_argument("--dataset", choices=list(RECIPES), required=True)
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="where the weights and the card are written"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)  # sums in one order: the same weights every time
    print(f"test accuracy {train(options.dataset, options.folder):.4f}")


if __name__ == "__main__":
    main()
