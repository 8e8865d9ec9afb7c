"""Images of one's own, as people have them: each data set is a plug-in's, and has something wrong or unusual.

python -m bench run --suite own_images.toml --budget smoke --plugin own_images.py
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from common_digits import cut, digits01

from gan_bench.datasets import register_dataset
from gan_bench.datasets.images import ImageDataset, Split


def grey():
    return (digits01()[0] * 255).astype(np.uint8)


@register_dataset("float01", kind="images", title="Floats in [0, 1]", source="as ToTensor gives them")
def float01():
    return ImageDataset("float01", cut(digits01()[0]))


@register_dataset(
    "float11", kind="images", title="Floats in [-1, 1]", source="as Normalize(0.5, 0.5) gives them"
)
def float11():
    return ImageDataset("float11", cut(digits01()[0] * 2 - 1))


@register_dataset("rgb_hwc", kind="images", title="RGB, channels last", source="as Pillow gives them")
def rgb_hwc():
    return ImageDataset("rgb_hwc", cut(np.repeat(grey()[..., None], 3, -1)))


@register_dataset("labelsgap", kind="images", title="classes, but no labels", source="labels forgotten")
def labelsgap():
    return ImageDataset("labelsgap", cut(grey()), classes=10)


@register_dataset("labelshort", kind="images", title="fewer labels than images", source="one label lost")
def labelshort():
    images, labels = grey(), digits01()[1]
    return ImageDataset(
        "labelshort",
        {
            "train": Split.of(images[:1000], labels[:999]),
            "validation": Split.of(images[1000:1300], labels[1000:1300]),
            "test": Split.of(images[1300:1600], labels[1300:1600]),
        },
        classes=10,
    )
