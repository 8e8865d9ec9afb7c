"""The common case of conditional generation: a generator that reads a label beside its latent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor

from gan_bench.spaces import Space
from gan_bench.variants.base import Play
from gan_bench.variants.critics import Inputs
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.noise import Noise, label
from gan_bench.variants.two_player import TwoPlayer


class Conditional(TwoPlayer):
    """A generator of samples of a class that is asked for; critics read labelled samples.

    Labels to generate are drawn with their frequencies in the data. A subclass states what its critics do
    with labels.
    """

    streams: ClassVar[tuple[str, ...]] = ("labelled",)
    drawn: ClassVar[tuple[str, ...]] = ("latent", "label")

    @property
    def label(self) -> Space:
        """Return the space of labels."""
        return self.data.spaces["label"]

    def makers(self, build: Build) -> Networks:
        """Return the generator (latent and label to sample)."""
        return {"generator": build.generator(self.latent, self.label, makes=self.data.real)}

    def noise(self) -> dict[str, Noise]:
        """Return also the labels to generate, with their frequencies in the data."""
        assert self.label.classes is not None
        return {**super().noise(), "label": label(self.label.classes, self.data.class_weights)}

    def codes(self) -> dict[str, Space]:
        """Return the label."""
        return {"label": self.label}

    def generator_inputs(self, noise: Mapping[str, Tensor]) -> Inputs:
        """Return latents and labels."""
        return noise["latent"], noise["label"]

    def reals(self, play: Play) -> dict[str, Inputs]:
        """Return samples that have labels."""
        return {"critic": (play.batch["labelled"]["real"],)}

    @ability(noise=("latent", "label"))
    def sample(self, play: Play) -> Tensor:
        """Generate ``[batch, *shape]`` of all classes."""
        return super().sample(play)

    @ability(noise=("latent",), inputs=("label",))
    def sample_labelled(self, play: Play) -> Tensor:
        """Generate ``[batch, *shape]`` of the classes ``play.batch["label"]``."""
        return super().sample(play.drawing(label=play.batch["label"]))
