"""Frozen networks whose features perceptual losses compare, as hyperparameters and a role of games."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from gan_bench.variants.declarations import Frozen
from gan_bench.variants.hyperparameters import Hyperparameter, HyperparameterError
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.network import Network
from gan_bench.variants.networks.features import Blocks, FeatureMaps, layers_of

FOLDER = Path(__file__).parent / "networks"
VGG19_FILE = "vgg19-dcbb9e9d.pth"
"""torchvision's file of weights IMAGENET1K_V1; its name has the first digits of its SHA-256."""
VGG19_PLACE = "BENCH_VGG19"


@dataclass(frozen=True)
class Extractor:
    """A network of features.

    Attributes:
        blocks: as of :class:`~gan_bench.variants.networks.features.FeatureMaps`.
        mean, std: of its images' channels.
    """

    blocks: Blocks
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.5, 0.5, 0.5)


NETWORKS = {
    "textures": Extractor(((16, 2), (32, 2), (64, 2))),
    "vgg19": Extractor(
        ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4)), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    ),
}
PERCEPTUAL = {
    "features": Hyperparameter(
        "textures", "structural", "network of the perceptual loss: this project's own small one, or VGG19 of "
        f"torchvision's file {VGG19_FILE}, in torch's hub folder or where {VGG19_PLACE} says",
        choices=tuple(NETWORKS),
    ),
    "feature_layer": Hyperparameter(
        "1,2", "structural", "i,j: the j-th convolution of the network's i-th block"
    ),
    "feature_weight": Hyperparameter(0.1, doc="weight of the perceptual loss", low=0.0),
}  # fmt: skip
"""Hyperparameters of games with a perceptual loss."""


def check_layer(settings: Mapping[str, Any]) -> None:
    """Refuse a layer that the network does not have."""
    network, layer = settings["features"], settings["feature_layer"]
    if layer not in (known := layers_of(NETWORKS[network].blocks)):
        raise HyperparameterError(f"feature_layer = {layer!r}: {network} has the layers {', '.join(known)}")


def frozen(settings: SimpleNamespace, *, activated: bool) -> dict[str, Frozen]:
    """Return the network as a role of its own name, which tables of weights show.

    Args:
        settings: the game's structural hyperparameters.
        activated: take the features after their ReLU (SRGAN), else before it (ESRGAN).

    Raises:
        Misfit: if VGG19's file is not there.
    """
    name = settings.features
    chosen = NETWORKS[name]
    with torch.device("meta"):
        maps = FeatureMaps(
            chosen.blocks, settings.feature_layer, activated=activated, mean=chosen.mean, std=chosen.std
        )
    return {name: Frozen(maps, *(_vgg19() if name == "vgg19" else _shipped(name)))}


def _shipped(name: str) -> tuple[Path, str]:
    card = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    return FOLDER / f"{name}.safetensors", card["sha256"]


def _vgg19() -> tuple[Path, str]:
    place = os.environ.get(VGG19_PLACE) or Path(torch.hub.get_dir()) / "checkpoints" / VGG19_FILE
    if not (file := Path(place).expanduser()).is_file():
        raise Misfit(
            f"features = vgg19: there is no file {file}; torchvision.models.vgg19(weights='IMAGENET1K_V1') "
            f"downloads it (548 MB), {VGG19_PLACE} names another place, and features = textures needs none"
        )
    return file, VGG19_FILE.removesuffix(".pth").rpartition("-")[2]


def squared(network: Network, made: Tensor, wanted: Tensor) -> Tensor:
    """Return the squared distance of features, mean over batch, features and positions (SRGAN, eq. 5)."""
    return (network(made) - network(wanted)).square().mean()


def absolute(network: Network, made: Tensor, wanted: Tensor) -> Tensor:
    """Return the L1 distance of features, mean over batch, features and positions (ESRGAN, eq. 3)."""
    return (network(made) - network(wanted)).abs().mean()
