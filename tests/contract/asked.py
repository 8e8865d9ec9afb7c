"""Networks asked of every family: each purpose with the inputs that the systems of the field need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from gan_bench.spaces import Space
from gan_bench.variants.network import Network
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.initialise import initialise
from gan_bench.variants.networks.registry import FAMILIES
from gan_bench.variants.supplies import noises

IMAGE, SMALL, COLOUR = (Space(shape, (-1.0, 1.0)) for shape in ((1, 16, 16), (1, 8, 8), (3, 16, 16)))
UNEVEN, UNBOUNDED = Space((1, 14, 11), (0.0, 1.0)), Space((2, 16, 16))
LABEL, PAINTED, LATENT = Space(classes=3), Space((16, 16), classes=2), Space((5,))
CONTENT = Space((4, 4, 4))
BATCH = 4


@dataclass(frozen=True)
class Asked:
    """One request for a network.

    Attributes:
        purpose: of the network.
        inputs: spaces.
        details: further arguments.
    """

    purpose: str
    inputs: tuple[Space, ...]
    details: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        details = ", ".join(f"{key}={value}" for key, value in self.details.items())
        return f"{self.purpose}({', '.join(map(str, self.inputs))}; {details})"


ASKED = [
    *(Asked("generator", (LATENT,), {"makes": makes}) for makes in (IMAGE, SMALL, COLOUR, UNBOUNDED)),
    Asked("generator", (LATENT, LABEL), {"makes": IMAGE}),
    *(Asked("decoder", (LATENT, *style), {"makes": IMAGE}) for style in ((), (LABEL,))),
    *(Asked("decoder", (CONTENT, *style), {"makes": IMAGE}) for style in ((), (LATENT,), (LABEL, LATENT))),
    *(Asked("translator", (space,), {"makes": space}) for space in (IMAGE, SMALL, UNEVEN)),
    Asked("translator", (COLOUR,), {"makes": UNBOUNDED}),
    Asked("translator", (SMALL,), {"makes": IMAGE}),
    Asked("translator", (IMAGE,), {"makes": SMALL}),
    *(
        Asked("translator", (IMAGE, *more), {"makes": IMAGE})
        for more in ((LABEL,), (LATENT,), (LATENT, LABEL), (COLOUR,), (PAINTED, LABEL))
    ),
    Asked("translator", (PAINTED,), {"makes": COLOUR}),
    *(
        Asked("encoder", (IMAGE, *more), {"makes": makes, "gaussian": gaussian})
        for more in ((), (LABEL,))
        for makes in (LATENT, CONTENT, None)
        for gaussian in (False, True)
    ),
    *(Asked("critic", (space,), {"norm": "none"}) for space in (IMAGE, SMALL, COLOUR, UNEVEN)),
    *(
        Asked("critic", (IMAGE, *more), {"norm": "none", "classes": classes})
        for more in ((LABEL,), (LATENT,), (COLOUR,), (PAINTED,), (COLOUR, LATENT, LABEL))
        for classes in (0, 3)
    ),
    *(Asked("critic", (LATENT, *more), {"norm": "none"}) for more in ((), (LABEL,))),
    *(Asked("critic", (IMAGE,), {"norm": norm}) for norm in ("batch", "instance", "layer", "virtual")),
    *(Asked("autoencoder", (IMAGE,), {"norm": norm}) for norm in ("none", "batch", "layer")),
    *(Asked("classifier", inputs, {"classes": 3}) for inputs in ((IMAGE,), (IMAGE, LATENT), (SMALL, SMALL))),
]

ARCHITECTURES: list[dict[str, Any]] = [
    {"family": "mlp", "hidden": [8, 6], "dropout": 0.25},
    {"family": "conv", "width": 4},
    {"family": "resnet", "width": 4, "blocks": 1},
    {
        "family": "resnet", "width": 4, "blocks": 2, "norm": "batch", "condition": "adaptive", "head": "mean",
        "dropout": 0.5,
    },
    {
        "family": "resnet", "width": 4, "blocks": 1, "affine": True, "encoder_norm": "instance",
        "generator_norm": "layer",
    },
    {"family": "unet", "width": 4},
    {"family": "unet", "width": 4, "norm": "instance", "codes": "first", "affine": True, "depth": 2},
    {"family": "unet", "width": 4, "norm": "layer", "dropout": 0.0},
    {"family": "unet-nearest", "width": 4},
    {"family": "srresnet", "width": 4, "blocks": 1},
    {"family": "srresnet", "width": 4, "blocks": 1, "norm": "batch", "enlarge": "stages", "skip": "none"},
    {"family": "rrdb", "width": 4, "growth": 2, "blocks": 1},
    {"family": "rrdb", "width": 4, "growth": 2, "blocks": 1, "skip": "none"},
    {"family": "vgg", "width": 4, "hidden": 6},
    {"family": "vgg", "width": 4, "hidden": 6, "halvings": 2, "kernel": 4},
    {"family": "patch", "width": 4},
    {"family": "patch", "width": 4, "layers": 2, "affine": True},
]  # fmt: skip


def refused(architecture: dict[str, Any], asked: Asked) -> bool:
    """True for what a family refuses: stated here, because building all networks to find out is slow."""
    first, makes = asked.inputs[0], asked.details.get("makes")
    match architecture["family"]:
        case "mlp":
            return asked.details.get("norm") == "instance"
        case "conv":
            return any(space in (SMALL, UNEVEN) for space in (*asked.inputs, makes))
        case "resnet":
            return UNEVEN in (*asked.inputs, makes)
        case "unet" | "unet-nearest":
            return makes.shape[-2:] != first.shape[-2:]
        case "srresnet" | "rrdb":  # a skip connection adds the input to the output
            same_channels = makes.shape[:-2] == first.shape[:-2] or architecture.get("skip") == "none"
            return makes.shape[-2:] < first.shape[-2:] or not same_channels
    return first == LATENT  # vgg, patch


def built(architecture: dict[str, Any], asked: Asked) -> nn.Module:
    """The network without weights; raises Misfit where the family refuses."""
    return getattr(builder(architecture), asked.purpose)(*asked.inputs, **asked.details)


DEFINED = [
    (architecture, asked)
    for architecture in ARCHITECTURES
    for asked in ASKED
    if asked.purpose in FAMILIES.get(architecture["family"]).purposes
]
"""The requests for purposes that the family has."""
REFUSED = [pair for pair in DEFINED if refused(*pair)]
PAIRS = [pair for pair in DEFINED if not refused(*pair)]
FEW = [
    pair
    for pair in PAIRS
    if len(pair[1].inputs)
    == max(len(q.inputs) for a, q in PAIRS if a is pair[0] and q.purpose == pair[1].purpose)
]
"""The requests with the most inputs of each architecture and purpose, for tests that take long."""


def claimed() -> set[tuple[str, str]]:
    """All pairs of a family and a purpose that it defines."""
    return {(name, purpose) for name in FAMILIES for purpose in FAMILIES.get(name).purposes}


def filled(module: nn.Module, seed: int = 0) -> nn.Module:
    """The network with weights, float64."""
    module = module.to_empty(device="cpu").double()
    initialise(module, torch.Generator().manual_seed(seed), "default")
    return module


def batch(asked: Asked, seed: int, rows: int = BATCH) -> list[Tensor]:
    """Random inputs, float64 and int64."""
    generator = torch.Generator().manual_seed(seed)

    def one(space: Space) -> Tensor:
        shape = (rows, *space.shape)
        if space.classes is not None:
            return torch.randint(space.classes, shape, generator=generator)
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    return [one(space) for space in asked.inputs]


def supplied(module: nn.Module, asked: Asked) -> Callable[..., Network]:
    """The network as the engine calls it, with its noise, and a reference for virtual normalisation."""
    generator = torch.Generator().manual_seed(1)
    draws = {name: law.draw(1, BATCH, generator)[0] for name, law in noises(module).items()}
    reference = batch(asked, 9) if asked.details.get("norm") == "virtual" else []

    def network(**options: Any) -> Network:
        return Network(module, noise=(draws,) if draws else None, reference=tuple(reference), **options)

    return network
