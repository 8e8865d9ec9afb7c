"""Data of your own: points with a known law. Change the law, or read files instead (see the end).

Train on them:   python -m bench run --suite ring --dataset template --plugin FILE
Check them:      python -m bench check FILE
"""

import torch

from gan_bench.datasets import Truth, register_dataset
from gan_bench.datasets.sampled import SampledDataset


# kind: scalar (1 number), planar (2), vectors (more) or images.
@register_dataset("template", kind="planar", title="My points", source="where the law comes from")
def template() -> SampledDataset:
    """Return points of N(1, 9) in each of two dimensions."""

    def draw(count: int, generator: torch.Generator, dtype: torch.dtype) -> torch.Tensor:
        # Raw points, (count, 2), from this generator only: equal seeds then give equal data.
        noise = torch.randn(count, 2, generator=generator, dtype=dtype, device=generator.device)
        return noise * 3 + 1

    # What is known of the law. `check` compares it with 10,000 points.
    truth = Truth(mean=(1.0, 1.0), std=(3.0, 3.0), description="N(1, 9) in each of two dimensions")
    # Networks see (raw - shift) / scale.
    return SampledDataset("template", "planar", (2,), truth, draw, shift=(1.0, 1.0), scale=(3.0, 3.0))


# Images, which are kept as uint8 (n, height, width) or (n, channels, height, width):
#
#     from gan_bench.datasets.images import ImageDataset, Split
#
#     images = np.load("mine.npy")
#     parts = {"train": images[:-2000], "validation": images[-2000:-1000], "test": images[-1000:]}
#     return ImageDataset("template", {split: Split.of(rows) for split, rows in parts.items()})
#
# A plain folder or file needs no plug-in: --dataset images:FOLDER, --dataset FILE.npz, --dataset hf:NAME.
