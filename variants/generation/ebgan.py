"""Energy-based GAN, with and without the pulling-away term (Zhao et al. 2017)."""

from types import SimpleNamespace
from typing import cast

from torch import Tensor, nn
from torch.nn.functional import normalize, relu

from gan_bench.variants.base import Build, Loss, Play, as_loss
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.network import Network
from gan_bench.variants.networks.layers import Autoencoder
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile
from gan_bench.variants.two_player import TwoPlayer


class AutoencoderCritic(TwoPlayer):
    """An autoencoder as critic; scores are energies, so that real ones are low."""

    def critic_network(self, build: Build) -> nn.Module:
        """Return an autoencoder at most as large as the plain critic."""
        shape, norm = self.critic_shape, self.critic_layers_norm
        return build("autoencoder", shape, shape, critic_norm=norm, bounds=self.data.bounds)


PAPER = Profile(
    {"optimiser": "adam", "lr": 1e-3, "latent_dim": 100},
    source="arXiv:1609.03126, the appendix on the grid search",
    differs=(
        "margin is of the mean square here and of the norm in the paper (10 on MNIST), so it keeps its "
        "default of 1",
        "latent_dim, batch_size (64) and beta1 (0.5) could not be confirmed in the paper",
    ),
)


@register("ebgan", paper="arXiv:1609.03126", year=2016, equation="eq. 1 and 2", version=2)
class EBGAN(AutoencoderCritic):
    """EBGAN: an autoencoder critic gives real samples a low energy and generated ones at least the margin."""

    hyperparameters = {
        **TwoPlayer.hyperparameters,
        "margin": Hyperparameter(1.0, doc="m, the energy from which generated samples add no loss", low=0.0),
    }
    profiles = {"paper": PAPER}

    def score(self, critic: Network, samples: Tensor) -> Tensor:
        """Return the mean squared reconstruction error of each sample, ``[batch]``.

        The paper writes the norm (eq. 13), with a margin of 10; the mean square keeps the margin apart from
        the size of a sample.
        """
        return (samples - critic(samples)).square().flatten(1).mean(1)

    def real_objective(self, real: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E D(x) (eq. 1)."""
        return real.mean()

    def fake_objective(self, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E max(0, m - D(G(z))) (eq. 1)."""
        return relu(hp.margin - fake).mean()

    def generator_objective(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E D(G(z)) (eq. 2)."""
        return fake.mean()


@register("ebgan-pt", paper="arXiv:1609.03126", year=2016, equation="eq. 1, 2 and 14", version=2)
class EBGANPT(EBGAN):
    """EBGAN-PT: EBGAN whose generator also keeps the codes of its samples apart."""

    hyperparameters = {
        **EBGAN.hyperparameters,
        "pulling_away": Hyperparameter(0.1, doc="weight of the pulling-away term", low=0.0),
    }
    profiles = {
        "paper": Profile(
            {**PAPER, "pulling_away": 0.1},
            source="arXiv:1609.03126, section 2.4 and the appendix on the grid search",
            differs=PAPER.differs,
        )
    }

    def generator_loss(self, play: Play) -> Loss:
        """Return E D(G(z)) + weight f_PT."""
        loss = as_loss(super().generator_loss(play))
        seen, _ = self.dressed(play)
        encoder = seen.critic.leading(cast(Autoencoder, seen.critic.module).code_layers)
        term = pulling_away(encoder(self.fake_input(seen)).flatten(1))
        return Loss(loss.value + play.hp.pulling_away * term, {"pulling_away": term})


def pulling_away(codes: Tensor) -> Tensor:
    """Return f_PT, the mean squared cosine of codes ``[batch, code]`` of different samples (eq. 14)."""
    count = len(codes)
    units = normalize(codes, dim=1)
    with_itself = units.square().sum(1).square().sum()
    return ((units @ units.T).square().sum() - with_itself) / (count * (count - 1))
