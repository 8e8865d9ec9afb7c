"""Residual networks, as in SNGAN (generators, critics), CycleGAN (translators) and MUNIT (codes)."""

from __future__ import annotations

from torch import nn

from gan_bench.spaces import Space
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.networks.blocks import Recipe
from gan_bench.variants.networks.family import Purpose
from gan_bench.variants.networks.inputs import channel_count, flat_width, is_map
from gan_bench.variants.networks.layers import ACTIVATIONS, Stack
from gan_bench.variants.networks.maps import Size, common_size, ends, read, size_of, split
from gan_bench.variants.networks.norms import NORMS
from gan_bench.variants.networks.registry import register_family
from gan_bench.variants.networks.residual import Layers, doublings, entry, leaving
from gan_bench.variants.networks.resnet_vectors import VectorNetworks
from gan_bench.variants.networks.styles import Styled


@register_family("resnet", version=2, init="xavier")
class ResNet(VectorNetworks):
    """Residual networks for images. Images and maps of labels among the inputs are joined as channels.

    Generators and vector codes halve and double sides as long as they are even and above 4 (SNGAN);
    translators and codes that are maps work at a quarter of the side (CycleGAN, MUNIT). Labels and vectors
    beside the first input are taken by purpose: generators join them with the latent vector; translators,
    encoders and classifiers receive them as constant channels (StarGAN), with zero padding, as instance
    normalisation cancels what is constant under reflection; decoders, and translators with
    ``condition = adaptive``, set the statistics of adaptive normalisation by them (MUNIT); critics
    project labels (SNGAN) and embed vectors (ALI).
    """

    channels_last = True
    declared = {
        "width": Hyperparameter(64, "structural", "channels at full resolution", low=1),
        "blocks": Hyperparameter(
            6, "structural", "residual blocks at a quarter of the side; CycleGAN has 9 for 256 pixels", low=0
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
            0.0, "structural", "share of features dropped in residual blocks at a quarter of the side",
            low=0.0, high=1.0, open_high=True,
        ),
        "condition": Hyperparameter(
            "channels", "structural", "how translators take labels and vectors",
            choices=("channels", "adaptive"),
        ),
        "head": Hyperparameter(
            "flat", "structural", "how features become a vector: all positions, or the mean as in MUNIT",
            choices=("flat", "mean"),
        ),
    }  # fmt: skip

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
        self._check_end("decoder", inputs, makes)
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
        size, o = self._divisible("translator", inputs), self.options
        quarter = (size[0] // 4, size[1] // 4)
        times = doublings(quarter, size_of(makes)) if is_map(makes) else None
        if times is None:
            raise self.lacks(
                "translator", inputs, f"sides change by powers of two, so it cannot make {makes}"
            )
        maps, others = split(inputs)
        adaptive = bool(others) and o.condition == "adaptive"
        plain = self._recipe(o.norm, reflect=adaptive or not others)
        if plain.reflect:
            self._check_end("translator", inputs, makes)
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
        size, o = self._divisible("encoder", inputs), self.options
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

    def _exit(self, size: Size, times: int, makes: Space, recipe: Recipe, *, resize: bool) -> Layers:
        """Return the layers from residual blocks to an image: doublings and a convolution of 7x7."""
        o = self.options
        layers, channels = leaving(
            4 * o.width, size, o.width, times, resize=resize, recipe=self._recipe(o.norm, recipe.reflect)
        )
        last = nn.Conv2d(
            channels, channel_count(makes), 7, padding=3,
            padding_mode="reflect" if recipe.reflect else "zeros",
        )  # fmt: skip
        return [*layers, last, *ends(makes)]

    def _check_end(self, purpose: Purpose, inputs: tuple[Space, ...], makes: Space) -> None:
        """Refuse images that are too small for the last convolution's reflected border of 3 pixels."""
        if min(size_of(makes)) < 4:
            raise self.lacks(purpose, inputs, f"{makes} is too small, sides of at least 4 are expected")

    def _divisible(self, purpose: Purpose, inputs: tuple[Space, ...]) -> Size:
        """Return the size of all images, of which the first input must be one."""
        size = common_size(inputs)
        if size is None or min(size) < 8 or any(side % 4 for side in size):
            why = "images of one size, with sides from 8 divisible by 4, are expected; mlp takes any shape"
            raise self.lacks(purpose, inputs, why)
        return size
