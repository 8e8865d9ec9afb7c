"""A game of one's own from end to end: data with a stream of pairs, networks, a variant, metrics."""

from functools import cached_property

import torch
from torch import nn

from gan_bench.bench.metrics import register as register_metric
from gan_bench.datasets import Truth, register_dataset
from gan_bench.datasets.sampled import SampledDataset
from gan_bench.variants import Hyperparameter, Loss, ability, register
from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.generation.lsgan import LSGAN
from gan_bench.variants.networks import Family, register_family
from gan_bench.variants.networks.inputs import Flat
from gan_bench.variants.networks.layers import Stack, View


def points(count, generator, dtype):
    return torch.randn(count, 2, generator=generator, dtype=dtype, device=generator.device)


def pairs(count, generator, dtype):
    drawn = points(count, generator, dtype)
    return {"real": drawn, "shadow": drawn.sum(1, keepdim=True)}


@register_dataset("shadows", kind="planar", title="Points and their shadows", source="none")
def shadows():
    truth = Truth(mean=(0.0, 0.0), std=(1.0, 1.0), description="N(0, I), and the sum of its coordinates")
    return SampledDataset("shadows", "planar", (2,), truth, points, others={"pairs": pairs})


@register_family("narrow")
class Narrow(Family):
    declared = {"width": Hyperparameter(8, "structural", "units of the hidden layer", low=1)}

    def translator(self, inputs, makes):
        return Stack(*self.layers(inputs, makes.shape[0]))

    def critic(self, inputs, *, norm, classes):
        if norm != "none" or classes:
            raise self.lacks("critic", inputs, "no norm and no classes are expected")
        return Stack(*self.layers(inputs, 1), View())

    def layers(self, inputs, outputs):
        vector, width = Flat(inputs), self.options.width
        return vector, nn.Linear(vector.width, width), nn.Tanh(), nn.Linear(width, outputs)


@register("lifter", paper="none", year=2026, equation="none")
class Lifter(Adversarial):
    """Lifter: find the point of a shadow; the critic sees both."""

    objective = LSGAN()
    generators = averaged = ("lift",)
    streams = reads = ("pairs",)

    @cached_property
    def critics(self):
        spaces = self.data.spaces
        return (self.critic("critic", spaces["real"], given=[spaces["shadow"]]),)

    def makers(self, build):
        return {"lift": build.translator(self.data.spaces["shadow"], makes=self.data.real)}

    def reals(self, play):
        return {"critic": (play.batch["pairs"]["real"], play.batch["pairs"]["shadow"])}

    def fakes(self, play):
        shadow = play.batch["pairs"]["shadow"]
        return {"critic": (play.lift(shadow), shadow)}

    def generator_terms(self, play, fakes, judged):
        """Return the mean absolute error."""
        error = (fakes["critic"][0] - play.batch["pairs"]["real"]).abs().mean()
        return Loss(error, {"error": error})

    @ability(inputs=("shadow",))
    def complete(self, play):
        return play.lift(play.batch["shadow"])


@register_metric(
    "shadow_error",
    title="Distance to the shadow",
    direction="min",
    ability="complete",
    low=0.0,
    kinds=("planar",),
    splits=("test", "validation"),
    ranks=("shadows",),
)
def shadow_error(made, target, truth):
    """Mean distance between the shadows of points that were made and the shadows given."""
    return float(abs(made.coordinates.sum(1) - made.given["shadow"].numpy()[:, 0]).mean())


@register_metric(
    "point_error", title="Distance to the point", direction="min", ability="complete", paired=True, low=0.0
)
def point_error(made, target, truth):
    """Mean Euclidean distance between points that were made and the points whose shadows were given."""
    return float(((made.coordinates - target.coordinates) ** 2).sum(1).mean() ** 0.5)
