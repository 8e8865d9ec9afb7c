"""Unsupervised image-to-image translation networks (Liu, Breuel & Kautz 2017)."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from gan_bench.spaces import Space
from gan_bench.variants.base import Loss, Play
from gan_bench.variants.critics import Inputs, Judged
from gan_bench.variants.declarations import Build, Networks
from gan_bench.variants.generation.lsgan import LSGAN
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.networks.sharing import tied
from gan_bench.variants.noise import Noise
from gan_bench.variants.registry import register
from gan_bench.variants.sources import OWN_BATCHES, Profile
from gan_bench.variants.translation.domains import TwoDomains, distance


@register("unit", paper="arXiv:1703.00848", year=2017, equation="section 3, the learning problem")
class UNIT(TwoDomains):
    """UNIT: two VAE-GANs with a shared latent; a sample decoded in the other domain is its translation.

    An encoder gives the mean h of q(z|x) = N(h, I), whose divergence from the prior is the mean of h^2 up to
    a factor. Encoders share their last layers, decoders their first. Reconstructions G_a(E_a(a)) and cycles
    G_a(E_b(G_b(E_a(a)))) are compared by L1.
    """

    objective = LSGAN()
    averaged = generators = ("encoder_a", "encoder_b", "decoder_a", "decoder_b")
    fields_read = {"encoder_a": ("domain_a",), "encoder_b": ("domain_b",)}
    drawn = ("around_a", "around_b", "around_ab", "around_ba")
    hyperparameters = {
        **TwoDomains.hyperparameters,
        "adversarial_weight": Hyperparameter(1.0, doc="weight of the adversarial objective", low=0.0),
        "own_weight": Hyperparameter(10.0, doc="weight of reconstructions", low=0.0),
        "cycle_weight": Hyperparameter(10.0, doc="weight of cycles", low=0.0),
        "prior_weight": Hyperparameter(0.01, doc="weight of E h^2", low=0.0),
        "shared": Hyperparameter(1, "structural", "layers that encoders, and decoders, share", low=0),
    }
    profiles = {
        "paper": Profile(
            {
                "lr": 1e-4, "beta1": 0.5, "beta2": 0.999, "batch_size": 1, "weight_decay": 1e-4,
                "adversarial_weight": 2.0,  # of squared errors, which lsgan halves and the program does not
                "own_weight": 10.0, "cycle_weight": 10.0, "prior_weight": 0.01, "shared": 1,
            },
            source="github:mingyuliutw/UNIT, the trainer (unit variance; weights 10, 10 and 0.01)",
            differs=(
                "layers are shared as in the paper (program: none)",
                "a constant rate (program: halved every 100,000 iterations)",
                "critics at one scale (program: three)",
                "the critics' loss is half the program's, so that their weight decay weighs twice as much",
                OWN_BATCHES,
            ),
        )
    }  # fmt: skip

    def makers(self, build: Build) -> Networks:
        """Return encoders (sample to feature map) and decoders."""
        a, b = (self.data.spaces[stream] for stream in self.streams)
        encoder, count = build.encoder(a), self.settings.shared
        assert isinstance(encoder.makes, Space)
        self.code = encoder.makes
        return {
            "encoder_a": encoder, "encoder_b": tied(build.encoder(b), "encoder_a", last=count),
            "decoder_a": build.decoder(self.code, makes=a),
            "decoder_b": tied(build.decoder(self.code, makes=b), "decoder_a", first=count),
        }  # fmt: skip

    def noise(self) -> dict[str, Noise]:
        """Return also the noise around the codes, of the encoders' shape; called after `makers`."""
        return {**super().noise(), **dict.fromkeys(self.drawn, Noise(self.code.shape))}

    def into_a(self, play: Play) -> Tensor:
        """Return G_a(z), z a draw of q(z|b), in evaluation its mean."""
        return play.decoder_a(play.encoder_b(play.batch["domain_b"]) + play.noise.get("around_b", 0.0))

    def into_b(self, play: Play) -> Tensor:
        """Return G_b(z), z a draw of q(z|a), in evaluation its mean."""
        return play.decoder_b(play.encoder_a(play.batch["domain_a"]) + play.noise.get("around_a", 0.0))

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return reconstructions, cycles, and divergences of all encodings."""
        a, b, noise = play.batch["domain_a"], play.batch["domain_b"], play.noise
        (ba,), (ab,) = fakes["critic_a"], fakes["critic_b"]
        h_a, h_b, h_ab, h_ba = play.encoder_a(a), play.encoder_b(b), play.encoder_b(ab), play.encoder_a(ba)
        own_a, own_b = play.decoder_a(h_a + noise["around_a"]), play.decoder_b(h_b + noise["around_b"])
        back_a, back_b = play.decoder_a(h_ab + noise["around_ab"]), play.decoder_b(h_ba + noise["around_ba"])
        own, cycle = distance(own_a, a) + distance(own_b, b), distance(back_a, a) + distance(back_b, b)
        prior = sum(h.square().mean() for h in (h_a, h_b, h_ab, h_ba))
        terms = Loss(play.hp.own_weight * own, {"own": own}).plus(cycle, play.hp.cycle_weight, "cycle")
        return terms.plus(prior, play.hp.prior_weight, "prior")
