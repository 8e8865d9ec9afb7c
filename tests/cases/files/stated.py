"""Images of one's own whose range is stated, few of them, and an extractor of one's own."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from common_digits import cut, digits01

from gan_bench.bench.metrics.extractors import Outputs, register_extractor
from gan_bench.datasets import register_dataset
from gan_bench.datasets.images import ImageDataset, Split


class Shrunk:
    """Seven by seven pixels as features; ten of them as logits."""

    suffix, sha256 = "shrunk", "a" * 64

    def __call__(self, images):
        features = images.float().unfold(2, 4, 4).unfold(3, 4, 4).mean((1, 4, 5)).flatten(1) / 255
        return Outputs(features, features[:, 20:30])


@register_extractor("shrunk")
def shrunk(device):
    return Shrunk()


def some(first, last):
    images, labels = digits01()
    return Split.of(images[first:last], labels[first:last], values=(0, 1))


def parts(rows):
    return {"train": some(0, 300), "validation": some(300, 300 + rows), "test": some(400, 400 + rows)}


@register_dataset("stated", kind="images")
def stated():
    return ImageDataset("stated", cut(digits01()[0], values=(0, 1)))


@register_dataset("three", kind="images")
def three():
    return ImageDataset("three", parts(3), classes=10, extractor="shrunk")


@register_dataset("nowhere", kind="images")
def nowhere():
    return ImageDataset("nowhere", parts(3), extractor="shrunken")


@register_dataset("mismatched", kind="images")
def mismatched():
    return ImageDataset("mismatched", parts(60), classes=11, extractor="shrunk")
