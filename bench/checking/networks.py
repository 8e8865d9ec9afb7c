"""Networks asked of a family for each purpose, and what is compared of them: shapes, effects, packs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import grad_and_value, vmap
from torch.utils._pytree import tree_leaves

from gan_bench.bench.checking.checks import Broken, expect
from gan_bench.bench.common.plugins import sentence_of
from gan_bench.spaces import Space
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.network import Network
from gan_bench.variants.networks import builder
from gan_bench.variants.networks.initialise import initialise
from gan_bench.variants.networks.norms import NORMS, is_virtual
from gan_bench.variants.networks.registry import FAMILIES
from gan_bench.variants.supplies import noises

POINTS, IMAGES = Space((2,)), Space((1, 16, 16), (-1.0, 1.0))
Z, STYLE, LABEL, CODE = Space((5,)), Space((3,)), Space(classes=4), Space((4,))
ROWS, REPLICAS = 6, 2
Request = tuple[tuple[Space, ...], Any, Callable[[], nn.Module]]
"""Spaces of the inputs; spaces of the outputs, "scores", "classes" or None (its own); the network."""


def requests(build: Any, purpose: str, data: Space) -> Iterator[Request]:
    """Yield what is asked of a family for one purpose, the plainest request first."""
    inputs: tuple[Space, ...]
    match purpose:
        case "generator" | "decoder":
            make = getattr(build, purpose)
            for inputs in ((Z,), (Z, LABEL), (Z, STYLE)):
                yield inputs, (data,), partial(make, *inputs, makes=data)
            if purpose == "decoder":
                yield from _decoders_of_maps(build, data)
        case "translator":
            for inputs in ((data,), (data, LABEL), (data, STYLE), (data, data)):
                yield inputs, (data,), partial(build.translator, *inputs, makes=data)
        case "encoder":
            for inputs in ((data,), (data, LABEL)):
                yield inputs, (CODE,), partial(build.encoder, *inputs, makes=CODE)
            yield (data,), (CODE, CODE), partial(build.encoder, data, makes=CODE, gaussian=True)
            yield (data,), None, partial(build.encoder, data)
        case "critic":
            for inputs in ((data,), (data, LABEL), (data, Z), (data, data), (data, Z, LABEL)):
                yield inputs, "scores", partial(build.critic, *inputs)
            for norm in NORMS[1:]:
                yield (data,), "scores", partial(build.critic, data, norm=norm)
            yield (data,), "classes", partial(build.critic, data, classes=3)
        case "autoencoder":
            for norm in NORMS:
                yield (data,), (data,), partial(build.autoencoder, data, norm=norm)
        case "classifier":
            yield (data,), (Space((3,)),), partial(build.classifier, data, classes=3)


def _decoders_of_maps(build: Any, data: Space) -> Iterator[Request]:
    try:
        made = build.encoder(data).makes
    except Misfit:
        return
    for inputs in ((made,), (made, STYLE)):
        yield inputs, (data,), partial(build.decoder, *inputs, makes=data)


def built(architecture: dict[str, Any], purpose: str) -> list[tuple[tuple[Space, ...], Any, nn.Module]]:
    """Return all networks that a family builds for a purpose, with their inputs and what they make.

    Raises:
        Broken: for a family that refuses every request of a purpose that it defines.
    """
    found, reasons = [], []
    for data in (POINTS, IMAGES):
        plainest = True
        for inputs, makes, make in requests(builder(architecture), purpose, data):
            try:
                found.append((inputs, makes, make()))
            except Misfit as error:
                reasons.append(str(error))
                if plainest:
                    break  # not of such data at all
            plainest = False
    expect(bool(found), f"it defines {purpose} and refuses points and images: {'; '.join(reasons)}")
    return found


class Case:
    """One network of two replicas in double precision, with inputs, masks and a reference for each."""

    def __init__(self, inputs: tuple[Space, ...], skeleton: nn.Module) -> None:
        draw = torch.Generator().manual_seed(0)
        self.module = skeleton.to_empty(device="cpu")
        initialise(self.module, torch.Generator().manual_seed(1), "default")
        self.module = self.module.double()
        first = {name: p.detach().clone() for name, p in self.module.named_parameters()}
        self.params = {name: torch.stack((p, 1.5 * p - 0.01)) for name, p in first.items()}
        self.inputs = [torch.stack([_batch(space, draw) for _ in range(REPLICAS)]) for space in inputs]
        self.reference = [_batch(space, draw, 5) for space in inputs] if is_virtual(self.module) else []
        self.masks = {
            name: torch.stack([noise.draw(1, ROWS, draw)[0] for _ in range(REPLICAS)]).double()
            for name, noise in noises(self.module).items()
        }

    def network(self, masked: bool = True) -> Network:
        """Return the first replica's network as the engine calls it."""
        masks = {name: mask[0] for name, mask in self.masks.items()} if masked else {}
        return Network(self.module, noise=(masks,) if masks else None).beside(*self.reference)

    def loss(self, params: Any, masks: Any, *inputs: Tensor, functional: bool = True) -> Tensor:
        """Return a number that depends on every output, and on slopes at the inputs."""
        network = Network(
            self.module, params, noise=(masks, masks) if masks else None, functional=functional
        ).beside(*self.reference)
        total = sum(out.square().mean() for out in tree_leaves(network(*inputs)))
        slopes = network.input_gradient(inputs, _score)
        return total + sum((slope.square().mean() for slope in slopes), torch.zeros(()))

    def alone(self, replica: int) -> tuple[Tensor, Any]:
        """Return loss and gradients of one replica by plain autograd, of live weights."""
        params = {name: p[replica].clone().requires_grad_() for name, p in self.params.items()}
        masks = {name: mask[replica] for name, mask in self.masks.items()}
        loss = self.loss(params, masks, *[x[replica] for x in self.inputs], functional=False)
        return loss, torch.autograd.grad(loss, list(params.values()), materialize_grads=True)

    @property
    def packed(self) -> Callable[..., Any]:
        """Return the function of gradients and losses of all replicas at once."""
        return vmap(grad_and_value(self.loss), randomness="error")


def _batch(space: Space, generator: torch.Generator, rows: int = ROWS) -> Tensor:
    if space.classes is not None:
        return torch.randint(space.classes, (rows, *space.shape), generator=generator)
    return torch.randn((rows, *space.shape), generator=generator, dtype=torch.float64)


def _score(network: Network, *inputs: Tensor) -> Tensor:
    return sum(out.reshape(len(inputs[0]), -1).sum(1) for out in tree_leaves(network(*inputs)))


def shapes_are_right(architecture: dict[str, Any], purpose: str) -> None:
    """Check outputs of every network of a purpose; raise `Broken` for other shapes, bounds or no numbers."""
    for inputs, makes, skeleton in built(architecture, purpose):
        what = f"{purpose} of {', '.join(map(str, inputs))}"
        expect(
            all(p.is_meta for p in skeleton.parameters()), f"{what}: weights are made before they are drawn"
        )
        case = Case(inputs, skeleton)
        try:
            out = case.network()(*[x[0] for x in case.inputs])
        except Exception as error:
            raise Broken(f"{what} fails: {sentence_of(error)}") from error
        outs = out if isinstance(out, tuple) else (out,)
        expect(all(bool(o.isfinite().all()) for o in outs), f"{what}: an output is not finite")
        shapes = [tuple(o.shape) for o in outs]
        if makes in ("scores", "classes"):
            right = outs[0].ndim in (1, 3) and shapes[0][0] == ROWS
            right = right and shapes[1:] == ([(ROWS, 3)] if makes == "classes" else [])
            expect(right, f"{what} makes {shapes}, expected one score for each of {ROWS} rows")
            continue
        spaces: Any = makes or (case.module.makes,)
        expected = [(ROWS, *space.shape) for space in spaces]
        expect(shapes == expected, f"{what} makes {shapes}, expected {expected}")
        for o, space in zip(outs, spaces, strict=True):
            bounded = FAMILIES.get(architecture["family"]).family.bounded and space.bounds
            low, high = bounded or (-torch.inf, torch.inf)
            expect(bool(((low <= o) & (o <= high)).all()), f"{what} leaves the bounds {space.bounds}")


def inputs_have_effects(architecture: dict[str, Any], purpose: str) -> None:
    """Check that every input of every network changes an output; raise `Broken`."""
    for inputs, _, skeleton in built(architecture, purpose):
        case = Case(inputs, skeleton)
        plain = [x[0] for x in case.inputs]
        for place, space in enumerate(inputs):
            other = list(plain)
            other[place] = (plain[place] + 1) % space.classes if space.classes else plain[place] + 1.0
            with torch.no_grad():
                network = case.network(masked=False)
                pairs = zip(tree_leaves(network(*plain)), tree_leaves(network(*other)), strict=True)
            moved = any(not torch.equal(one, two) for one, two in pairs)
            expect(
                moved, f"{purpose} of {', '.join(map(str, inputs))}: its input {place + 1} changes nothing"
            )


def packs_are_replicas(architecture: dict[str, Any], purpose: str) -> None:
    """Check that losses and gradients of a pack are those of each replica alone; raise `Broken`."""
    for inputs, _, skeleton in built(architecture, purpose):
        case = Case(inputs, skeleton)
        what = f"{purpose} of {', '.join(map(str, inputs))}"
        grads, losses = case.packed(case.params, case.masks, *case.inputs)
        for replica in range(REPLICAS):
            loss, slopes = case.alone(replica)
            close = torch.allclose(losses[replica], loss, rtol=1e-9)
            expect(close, f"{what}: the loss in a pack is {losses[replica]:.6g}, alone {loss:.6g}")
            for name, slope in zip(case.params, slopes, strict=True):
                close = torch.allclose(grads[name][replica], slope, rtol=1e-8, atol=1e-12)
                expect(close, f"{what}: the gradient of {name} in a pack is not that alone")
