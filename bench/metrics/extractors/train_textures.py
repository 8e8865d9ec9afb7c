"""Train the two networks of textures: `python -m bench.metrics.extractors.train_textures`.

`textures` is the network of perceptual losses, in VGG's form; `grain`, of another form, judges. Each learns
to tell which image of T91 a crop comes from: the one of the even, the other of the odd images of the training
part, so that they share neither form nor data. Seeded and repeatable on one machine.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn
from torch.nn import functional as F

from gan_bench.bench.common.files import write
from gan_bench.bench.metrics.extractors.judge import NAME, Grain
from gan_bench.bench.metrics.extractors.weights import FOLDER
from gan_bench.datasets.crops import ALL, Crops, Places
from gan_bench.datasets.folders import Folders
from gan_bench.datasets.super_resolution_sets import training_images
from gan_bench.variants import perceptual
from gan_bench.variants.networks.features import FeatureMaps

SEED, SIDE, BATCH, STEPS, RATE, DECAY = 0, 32, 64, 2500, 2e-3, 1e-2
JITTER = 0.3  # of brightness, contrast and colours
HELD_OUT = 2000  # crops of the same images in other draws, on which the accuracy is measured


class Classifier(nn.Module):
    """The whole of `textures` with a dense layer on the means of its features."""

    def __init__(self, classes: int):
        super().__init__()
        blocks = perceptual.NETWORKS["textures"].blocks
        self.body = FeatureMaps(blocks, f"{len(blocks)},{blocks[-1][1]}", activated=True)
        self.end = nn.Linear(blocks[-1][0], classes)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (n, classes) of images (n, 3, h, w) in [-1, 1]."""
        return self.end(self.body(images).mean((2, 3)))


class Examples:
    """Random crops of images, each in a random symmetry and changed colours, with the number of its image."""

    def __init__(self, images: Sequence[np.ndarray], generator: torch.Generator):
        self.places = Places([image.shape[1:] for image in images], SIDE, ALL)
        self.crops = Crops([torch.from_numpy(image) for image in images], self.places)
        self.generator, self.count = generator, len(images)

    def draw(self, count: int) -> tuple[Tensor, Tensor]:
        """Return crops (n, 3, 32, 32) in [-1, 1], every image equally often, and their images' numbers."""
        starts, ends = self.places.starts, self.places.ends
        image = torch.randint(self.count, (count,), generator=self.generator)
        chance = torch.rand(count, generator=self.generator, dtype=torch.float64)
        rows = starts[image] + (chance * (ends - starts)[image]).long()
        pixels = self.crops.gather(rows).float() / 127.5 - 1
        change = 1 + JITTER * (2 * torch.rand(count, 3, 1, 1, generator=self.generator) - 1)
        shift = JITTER * (2 * torch.rand(count, 1, 1, 1, generator=self.generator) - 1)
        return (pixels * change + shift).clamp(-1, 1), image


def fit(logits: nn.Module, images: Sequence[np.ndarray], steps: int = STEPS) -> float:
    """Train a network; return its accuracy on further crops."""
    examples = Examples(images, torch.Generator().manual_seed(SEED))
    optimiser = torch.optim.AdamW(logits.parameters(), weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for step in range(steps):
        crops, labels = examples.draw(BATCH)
        loss = F.cross_entropy(_logits(logits(crops)), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 250 == 0:
            print(f"step {step}/{steps}: loss {loss.item():.3f}", flush=True)
    with torch.inference_mode():
        crops, labels = examples.draw(HELD_OUT)
        found = torch.cat([_logits(logits(part)).argmax(1) for part in crops.split(BATCH)])
    return (found == labels).double().mean().item()


def _logits(outputs: Tensor | tuple[Tensor, Tensor]) -> Tensor:
    return outputs if isinstance(outputs, Tensor) else outputs[1]


@torch.no_grad()
def standardise(body: FeatureMaps, crops: Tensor) -> None:
    """Scale each layer's features to a mean square of 1 over crops, so that losses on them are of one size.

    A factor on a layer that ends in a ReLU is undone in the next one.
    """
    x, undo = ((crops + 1) / 2 - body.shift) / body.scale, 1.0
    for layer in body.features:
        if isinstance(layer, nn.Conv2d):
            assert layer.bias is not None
            layer.weight.mul_(undo)
            size = layer(x).relu().square().mean().sqrt().item()
            layer.weight.div_(size)
            layer.bias.div_(size)
            undo = size
        x = layer(x)


def train(data: Path, folders: dict[str, Path], steps: int = STEPS) -> dict[str, float]:
    """Train both networks, write weights and cards, and return their accuracies.

    Args:
        data: the folder of data that holds T91.
        folders: where the files of each network are written, by its name.
        steps: of training.
    """
    images = training_images(Folders.of([data]))
    scores = {}
    for name, part in (("textures", images[::2]), (NAME, images[1::2])):
        with torch.random.fork_rng(devices=[]):  # layers draw their first weights from the global generator
            torch.manual_seed(SEED)
            network = Classifier(len(part)) if name == "textures" else Grain(len(part))
        scores[name] = fit(network, part, steps)
        if isinstance(network, Classifier):
            standardise(network.body, Examples(part, torch.Generator().manual_seed(SEED)).draw(500)[0])
        kept = network.body if isinstance(network, Classifier) else network
        weights = save_safetensors(kept.state_dict())
        write(folders[name] / f"{name}.safetensors", weights)
        write(
            folders[name] / f"{name}.toml",
            f"""# Model card, written by `python -m bench.metrics.extractors.train_textures`.
name = "{name}"
sha256 = "{hashlib.sha256(weights).hexdigest()}"
data = "T91 without its last 10 images, the {"even" if name == "textures" else "odd"} ones"
images = {len(part)}
task = "which image a crop of {SIDE} pixels comes from"
parameters = {sum(p.numel() for p in kept.parameters())}
steps = {steps}
batch = {BATCH}
seed = {SEED}
accuracy = {scores[name]:.4f}
torch = "{torch.__version__}"
""",
        )
    return scores


def main() -> None:
    """Train both networks on the data that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.metrics.extractors.train_textures", description=__doc__
    )
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder of data that holds T91")
    options = parser.parse_args()
    torch.set_num_threads(1)  # sums in one order: the same weights every time
    print(train(options.data_dir, {"textures": perceptual.FOLDER, NAME: FOLDER}))


if __name__ == "__main__":
    main()
