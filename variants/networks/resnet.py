"""Residual networks, as in SNGAN (generators, critics), CycleGAN (translators) and MUNIT (codes)."""

from __future__ import annotations

import math

from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.networks.blocks import Recipe, Styled
from gan_bench.variants.networks.family import Family, Purpose
from gan_bench.variants.networks.inputs import MapJoin, channel_count, flat_width, is_map, vector_layers
from gan_bench.variants.networks.layers import ACTIVATIONS, NORMS, Autoencoder, Stack, View
from gan_bench.variants.networks.map_critic import MapCritic
from gan_bench.variants.networks.maps import Size, ends, read, size_of, split
from gan_bench.variants.networks.registry import register_family
from gan_bench.variants.networks.residual import Layers, ascent, descent, doublings, entry, leaving, pyramid
from gan_bench.variants.networks.sizing import largest_within, parameter_count


@register_family("resnet", init="xavier")
class ResNet(Family):
    """Residual networks for images. Images and maps of labels among the inputs are joined as channels.

    Generators and vector codes halve and double sides as long as they are even and above 4 (SNGAN);
    translators and codes that are maps work at a quarter of the side (CycleGAN, MUNIT). Labels and vectors
    beside the first input are taken by purpose: generators join them with the latent vector; translators,
    encoders and classifiers receive them as constant channels (StarGAN), with zero padding, as instance
    normalisation cancels what is constant under reflection; decoders, and translators with
    ``condition = adaptive``, set the statistics of adaptive normalisation by them (MUNIT); critics
    project labels (SNGAN) and embed vectors (ALI).
    """

    declared = {
        "width": Hyperparameter(64, "structural", "channels at full resolution", low=1),
        "blocks": Hyperparameter(
            6, "structural", "residual blocks at a quarter of the side; CycleGAN: 6 for 128 pixels, 9 for 256",
            low=0,
        ),
        "norm": Hyperparameter(
            "instance", "structural", "of translators and of codes that are maps", choices=NORMS
        ),
        "affine": Hyperparameter(False, "structural", "trained scales and shifts of instance norms"),
        "generator_norm": Hyperparameter("batch", "structural", "from vectors to images", choices=NORMS),
        "encoder_norm": Hyperparameter(
            "none", "structural", "from images to vectors, and of classifiers", choices=NORMS
        ),
        "activation": Hyperparameter(
            "relu", "structural", "of generators, decoders, translators and codes that are maps",
            choices=ACTIVATIONS,
        ),
        "critic_activation": Hyperparameter(
            "relu", "structural", "of the other networks", choices=ACTIVATIONS
        ),
        "dropout": Hyperparameter(
            0.0, "structural", "share of features dropped in translators' residual blocks",
            low=0.0, high=1.0, open_high=True,
        ),
        "condition": Hyperparameter(
            "channels", "structural", "how translators take labels and vectors",
            choices=("channels", "adaptive"),
        ),
        "head": Hyperparameter(
            "flat", "structural", "how features become a vector: all positions, or their mean, as MUNIT's styles",
            choices=("flat", "mean"),
        ),
    }  # fmt: skip

    def generator(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return a dense layer and blocks that double the side (SNGAN, gen_models/resnet_small.py)."""
        return self._from_vector("generator", inputs, makes, self.options.generator_norm)

    def decoder(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return a network from a code and a style (MUNIT, networks.py, Decoder), or from a code alone.

        A code that is a vector passes a generator's layers. A code that is a map passes residual blocks of
        4 * width channels, then doublings to the size of the image.
        """
        code, *styles = inputs
        if any(map(is_map, styles)):
            raise self.lacks("decoder", inputs, "one code is expected, with labels and vectors as its style")
        if not is_map(code):
            norm = "adaptive" if styles else self.options.generator_norm
            return self._from_vector("decoder", inputs, makes, norm)
        o, norm = self.options, "adaptive" if styles else self.options.norm
        times = doublings(size_of(code), size_of(makes)) if is_map(makes) else None
        if times is None or min(size_of(code)) < 2:
            raise self.lacks("decoder", inputs, f"sides from 2 that double to those of {makes} are expected")
        recipe, channels = self._recipe(norm, reflect=True), channel_count(code)
        first = self._recipe(o.norm, reflect=True).same(channels, 4 * o.width, 3, size_of(code))
        layers = [*first, recipe.activate()] if channels != 4 * o.width else []
        blocks = [recipe.residual(4 * o.width, size_of(code)) for _ in range(o.blocks)]
        layers += [*blocks, *self._exit(size_of(code), times, makes, recipe, resize=True)]
        return Styled(inputs, layers, 4 * o.width) if styles else Stack(*read(inputs), *layers)

    def translator(self, inputs: tuple[Space, ...], makes: Space) -> nn.Module:
        """Return CycleGAN's translator (models/networks.py, ResnetGenerator).

        The side may change by a power of two, from a quarter on.
        """
        size, o = self._size("translator", inputs, quarters=True), self.options
        quarter = (size[0] // 4, size[1] // 4)
        times = doublings(quarter, size_of(makes)) if is_map(makes) else None
        if times is None:
            raise self.lacks(
                "translator", inputs, f"sides change by powers of two, so it cannot make {makes}"
            )
        maps, others = split(inputs)
        adaptive = bool(others) and o.condition == "adaptive"
        plain = self._recipe(o.norm, reflect=adaptive or not others)
        recipe = self._recipe("adaptive", reflect=True) if adaptive else plain
        channels = sum(map(channel_count, maps)) + (0 if adaptive else flat_width(others))
        layers = [
            *entry(channels, size, o.width, 3, plain),
            *(recipe.residual(4 * o.width, quarter) for _ in range(o.blocks)),
            *self._exit(quarter, times, makes, recipe, resize=adaptive),
        ]  # fmt: skip
        return Styled(inputs, layers, 4 * o.width) if adaptive else Stack(*read(inputs), *layers)

    def encoder(self, inputs: tuple[Space, ...], makes: Space | None, *, gaussian: bool) -> nn.Module:
        """Return blocks that halve the side and a dense layer; without `makes`, MUNIT's content encoder.

        A content code has 4 * width channels at a quarter of the side (networks.py, ContentEncoder).
        """
        if makes is not None and not is_map(makes):
            return self._to_vector("encoder", inputs, makes, gaussian)
        size, o = self._size("encoder", inputs, quarters=True), self.options
        quarter, (maps, others) = (size[0] // 4, size[1] // 4), split(inputs)
        code = makes or Space((4 * o.width, *quarter))
        if size_of(code) != quarter:
            raise self.lacks("encoder", inputs, f"codes are vectors, or maps of {quarter[0]}x{quarter[1]}")
        recipe = self._recipe(o.norm, reflect=not others)
        channels = sum(map(channel_count, maps)) + flat_width(others)
        layers = entry(channels, size, o.width, 4, recipe)
        layers += [recipe.residual(4 * o.width, quarter) for _ in range(o.blocks)]
        if makes is not None or gaussian:
            layers.append(nn.Conv2d(4 * o.width, (2 if gaussian else 1) * code.shape[0], 3, padding=1))
        network = Stack(*read(inputs), *layers, *ends(code, gaussian))
        network.makes = code
        return network

    def critic(self, inputs: tuple[Space, ...], *, norm: str, classes: int) -> nn.Module:
        """Return blocks that halve the side, and a score of their sum (SNGAN, snresnet_small.py)."""
        size, o = self._size("critic", inputs), self.options
        maps, others = split(inputs)
        vectors = [space for space in others if not space.is_label]
        recipe = Recipe(norm, o.affine, activation=o.critic_activation)
        layers = descent(sum(map(channel_count, maps)), size, o.width, recipe)
        features = pyramid(size, o.width)[-1][1]
        join = MapJoin(features, vectors, o.critic_activation) if vectors else None
        body = Stack(*read(maps), *layers)
        return MapCritic(inputs, body, join, width=features, window=0, classes=classes)

    def autoencoder(self, data: Space, *, norm: str) -> nn.Module:
        """Return an encoder and a generator, narrowed to at most the critic's size."""
        size, o = self._size("autoencoder", (data,)), self.options

        def autoencoder(scale: float) -> nn.Module:
            width = max(1, int(o.width * scale))
            recipe = Recipe(norm, o.affine, activation=o.critic_activation)
            coarse, features = pyramid(size, width)[-1]
            flat = features * math.prod(coarse)
            down = [*descent(channel_count(data), size, width, recipe), View(flat), nn.Linear(flat, features)]
            up = ascent(features, size, channel_count(data), width, recipe)
            return Autoencoder(*down, *up, *ends(data), code_layers=len(down))

        plain = self.critic((data,), norm="none", classes=0)
        return largest_within(parameter_count(plain), autoencoder)

    def classifier(self, inputs: tuple[Space, ...], classes: int) -> nn.Module:
        """Return blocks that halve the side, and a dense layer."""
        return self._to_vector("classifier", inputs, Space((classes,)), False)

    def _from_vector(self, purpose: Purpose, inputs: tuple[Space, ...], makes: Space, norm: str) -> nn.Module:
        size, o = self._size(purpose, (makes,)), self.options
        if any(map(is_map, inputs)):
            raise self.lacks(purpose, inputs, "vectors and labels are expected; a translator takes images")
        recipe = self._recipe(norm)
        if norm != "adaptive":
            layers = ascent(flat_width(inputs), size, channel_count(makes), o.width, recipe)
            return Stack(*vector_layers(inputs), *layers, *ends(makes))
        first = inputs[:1]
        layers = ascent(flat_width(first), size, channel_count(makes), o.width, recipe)
        return Styled(inputs, [*vector_layers(first), *layers, *ends(makes)], 4 * o.width)

    def _to_vector(
        self, purpose: Purpose, inputs: tuple[Space, ...], makes: Space, gaussian: bool
    ) -> nn.Module:
        size, o = self._size(purpose, inputs), self.options
        maps, others = split(inputs)
        recipe = Recipe(o.encoder_norm, o.affine, activation=o.critic_activation)
        layers = descent(sum(map(channel_count, maps)) + flat_width(others), size, o.width, recipe)
        coarse, features = pyramid(size, o.width)[-1]
        if o.head == "mean":
            layers.append(nn.AdaptiveAvgPool2d(1))
        else:
            features *= math.prod(coarse)
        shape = (2 * math.prod(makes.shape),) if gaussian else makes.shape
        layers += [View(features), nn.Linear(features, math.prod(shape)), View(*shape)]
        return Stack(*read(inputs), *layers, *ends(makes, gaussian))

    def _exit(self, size: Size, times: int, makes: Space, recipe: Recipe, *, resize: bool) -> Layers:
        """Return the layers from residual blocks to an image: doublings and a convolution of 7x7."""
        o = self.options
        layers, channels = leaving(
            4 * o.width, size, o.width, times, resize=resize, recipe=self._recipe(o.norm, recipe.reflect)
        )
        mode = "reflect" if recipe.reflect else "zeros"
        last = nn.Conv2d(channels, channel_count(makes), 7, padding=3, padding_mode=mode)
        return [*layers, last, *ends(makes)]

    def _recipe(self, norm: str, reflect: bool = False) -> Recipe:
        o = self.options
        return Recipe(norm, o.affine, 4 * o.width, o.activation, reflect, o.dropout)

    def _size(self, purpose: Purpose, spaces: tuple[Space, ...], quarters: bool = False) -> Size:
        """Return the size of all images, of which the first space must be one."""
        sizes = {size_of(space) for space in spaces if is_map(space)}
        if not is_map(spaces[0]) or len(sizes) != 1:
            raise self.lacks(purpose, spaces, "images of one size are expected; mlp takes any shape")
        (size,) = sizes
        if quarters and (min(size) < 8 or any(side % 4 for side in size)):
            raise self.lacks(
                purpose, spaces, "sides from 8, divisible by 4, are expected; mlp takes any shape"
            )
        if not quarters and not pyramid(size, 1):
            raise self.lacks(purpose, spaces, "even sides above 4 are expected; mlp takes any shape")
        return size
