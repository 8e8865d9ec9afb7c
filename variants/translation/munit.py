"""Multimodal unsupervised image-to-image translation (Huang, Liu, Belongie & Kautz 2018)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from torch import Tensor

from gan_bench.spaces import Space
from gan_bench.variants.base import Loss, Play
from gan_bench.variants.critics import Inputs, Judged
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.generation.lsgan import LSGAN
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.noise import Noise
from gan_bench.variants.registry import register
from gan_bench.variants.sources import OWN_BATCHES, Profile
from gan_bench.variants.translation.domains import TwoDomains, distance


@register("munit", paper="arXiv:1804.04732", year=2018, equation="the full objective")
class MUNIT(TwoDomains):
    """MUNIT: a sample is a content, which domains share, and a style of its domain, which is drawn anew.

    Each domain has encoders of content c and style s and a decoder G. Adversaries judge G_b(c_a, s) with s of
    N(0, I), + own_weight E |G_a(c_a, s_a) - a| + style_weight E |s - style of G_b(c_a, s)| + content_weight
    E |c_a - content of G_b(c_a, s)|, and the same from b; the contents compared are both trained. With
    cycle_weight, + E |G_a(content of G_b(c_a, s), s_a) - a| (style-augmented cycle consistency).
    L1 norms are means over dimensions.
    """

    objective = LSGAN()
    generators = ("content_a", "content_b", "style_a", "style_b", "decoder_a", "decoder_b")
    averaged = generators
    fields_read = {f"{part}_{side}": (f"domain_{side}",) for part in ("content", "style") for side in "ab"}
    drawn = ("drawn_a", "drawn_b")
    hyperparameters = {
        **TwoDomains.hyperparameters,
        "style_dim": Hyperparameter(8, "structural", "dimensions of a style", low=1),
        "adversarial_weight": Hyperparameter(1.0, doc="weight of the adversarial objective", low=0.0),
        "own_weight": Hyperparameter(10.0, doc="lambda_x, weight of reconstructions", low=0.0),
        "style_weight": Hyperparameter(1.0, doc="lambda_s, weight of the drawn styles", low=0.0),
        "content_weight": Hyperparameter(1.0, doc="lambda_c, weight of the contents", low=0.0),
        "cycle_weight": Hyperparameter(0.0, doc="weight of style-augmented cycles", low=0.0),
    }
    profiles = {
        "paper": Profile(
            {
                "lr": 1e-4, "beta1": 0.5, "beta2": 0.999, "batch_size": 1, "weight_decay": 1e-4,
                "adversarial_weight": 2.0,  # of squared errors, which lsgan halves and the program does not
                "style_dim": 8, "own_weight": 10.0, "style_weight": 1.0, "content_weight": 1.0,
                "cycle_weight": 0.0,
            },
            source="github:NVlabs/MUNIT, trainer.py and configs/edges2shoes_folder.yaml",
            differs=(
                "a constant rate (program: halved every 100,000 iterations)",
                "critics at one scale (program: three)",
                "the critics' loss is half the program's, so that their weight decay weighs twice as much",
                OWN_BATCHES,
            ),
        )
    }  # fmt: skip

    @cached_property
    def style(self) -> Space:
        """Return the space of styles."""
        return Space((self.settings.style_dim,))

    def makers(self, build: Build) -> Networks:
        """Return of each domain the encoders (sample to content, and to style) and the decoder."""
        networks: Networks = {}
        for side, sample in (("a", self.data.spaces["domain_a"]), ("b", self.data.spaces["domain_b"])):
            content = build.encoder(sample)
            assert isinstance(content.makes, Space)
            networks[f"content_{side}"] = content
            networks[f"style_{side}"] = build.encoder(sample, makes=self.style)
            networks[f"decoder_{side}"] = build.decoder(content.makes, self.style, makes=sample)
        return networks

    def noise(self) -> dict[str, Noise]:
        """Return also the drawn styles."""
        return {**super().noise(), **dict.fromkeys(self.drawn, Noise(self.style.shape))}

    def into_a(self, play: Play) -> Tensor:
        """Return G_a(c_b, s) with drawn styles."""
        return play.decoder_a(play.content_b(play.batch["domain_b"]), play.noise["drawn_a"])

    def into_b(self, play: Play) -> Tensor:
        """Return G_b(c_a, s) with drawn styles."""
        return play.decoder_b(play.content_a(play.batch["domain_a"]), play.noise["drawn_b"])

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return distances of reconstructions, of the codes that are read off translations, and of cycles."""
        a, b = play.batch["domain_a"], play.batch["domain_b"]
        s_a, s_b = play.noise["drawn_a"], play.noise["drawn_b"]
        (into_a,), (into_b,) = fakes["critic_a"], fakes["critic_b"]
        c_a, c_b, own_a, own_b = play.content_a(a), play.content_b(b), play.style_a(a), play.style_b(b)
        c_ab, c_ba = play.content_b(into_b), play.content_a(into_a)
        own = distance(play.decoder_a(c_a, own_a), a) + distance(play.decoder_b(c_b, own_b), b)
        style = distance(play.style_a(into_a), s_a) + distance(play.style_b(into_b), s_b)
        content = distance(c_ab, c_a) + distance(c_ba, c_b)
        cycle = distance(play.decoder_a(c_ab, own_a), a) + distance(play.decoder_b(c_ba, own_b), b)
        terms = Loss(play.hp.own_weight * own, {"own": own}).plus(style, play.hp.style_weight, "style")
        return terms.plus(content, play.hp.content_weight, "content").plus(
            cycle, play.hp.cycle_weight, "cycle"
        )

    @ability(inputs=("domain_a",), makes="domain_b", noise=("drawn_b",))
    def translate(self, play: Play) -> Tensor:
        """Return ``domain_a`` translated to ``domain_b`` with drawn styles."""
        return super().translate(play)

    @ability(inputs=("domain_b",), makes="domain_a", noise=("drawn_a",))
    def translate_back(self, play: Play) -> Tensor:
        """Return ``domain_b`` translated to ``domain_a`` with drawn styles."""
        return super().translate_back(play)

    @ability(inputs=("domain_a",), makes="domain_b", noise=("drawn_b",))
    def sample(self, play: Play) -> Tensor:
        """Return translations of ``domain_a``, which imitate ``domain_b``."""
        return super().sample(play)

    @ability(inputs=("domain_a",), makes="domain_a", noise=("drawn_b",))
    def cycle(self, play: Play) -> Tensor:
        """Return ``domain_a`` translated to ``domain_b`` and back with its own style."""
        play = self.ready(play)
        return play.decoder_a(play.content_b(self.into_b(play)), play.style_a(play.batch["domain_a"]))

    @ability(inputs=("domain_b",), makes="domain_b", noise=("drawn_a",))
    def cycle_back(self, play: Play) -> Tensor:
        """Return ``domain_b`` translated to ``domain_a`` and back with its own style."""
        play = self.ready(play)
        return play.decoder_b(play.content_a(self.into_a(play)), play.style_b(play.batch["domain_b"]))

    @ability(inputs=("domain_a", "example"), makes="restyled")
    def restyle(self, play: Play) -> Tensor:
        """Return ``domain_a`` translated to ``domain_b`` in the style of an example."""
        play = self.ready(play)
        return play.decoder_b(play.content_a(play.batch["domain_a"]), play.style_b(play.batch["example"]))
