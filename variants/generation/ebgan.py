"""Energy-based GAN, with and without the pulling-away term (Zhao et al. 2017)."""

from types import SimpleNamespace

from torch import Tensor, nn
from torch.nn.functional import normalize, relu

from gan_bench.names import counted
from gan_bench.spaces import Space
from gan_bench.variants.base import Loss
from gan_bench.variants.declarations import Build
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.misfits import Misfit
from gan_bench.variants.network import Network
from gan_bench.variants.objectives import Objective
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


class AutoencoderCritic(Objective):
    """An autoencoder as critic; scores are energies, so that real ones are low."""

    def network(self, build: Build, *inputs: Space, norm: str, classes: int) -> nn.Module:
        """Return an autoencoder at most as large as the plain critic.

        Raises:
            Misfit: for a critic of several inputs, or with class logits.
        """
        if len(inputs) > 1 or classes:
            others = "class logits" if classes else counted(len(inputs), "input")
            raise Misfit(
                f"{type(self).__name__}'s critic is an autoencoder of one sample: it has no {others}"
            )
        return build.autoencoder(*inputs, norm=norm)


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
        "margin": Hyperparameter(1.0, doc="m, the energy from which generated samples add no loss", low=0.0),
    }
    profiles = {"paper": PAPER}

    def score(self, critic: Network, *inputs: Tensor) -> Tensor:
        """Return the mean squared reconstruction error of each sample, ``[batch]``.

        The paper writes the norm (eq. 13), with a margin of 10; the mean square keeps the margin apart from
        the size of a sample.
        """
        (samples,) = inputs
        return (samples - critic(samples)).square().flatten(1).mean(1)

    def real(self, real: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E D(x) (eq. 1)."""
        return real.mean()

    def fake(self, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E max(0, m - D(G(z))) (eq. 1)."""
        return relu(hp.margin - fake).mean()

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
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

    def generator_terms(self, critic: Network, inputs: tuple[Tensor, ...], hp: SimpleNamespace) -> Loss:
        """Return weight f_PT of the codes of generated samples."""
        term = pulling_away(critic.calling("encode")(*inputs).flatten(1))
        return Loss(hp.pulling_away * term, {"pulling_away": term})


def pulling_away(codes: Tensor) -> Tensor:
    """Return f_PT, the mean squared cosine of codes ``[batch, code]`` of different samples (eq. 14)."""
    count = len(codes)
    units = normalize(codes, dim=1)
    with_itself = units.square().sum(1).square().sum()
    return ((units @ units.T).square().sum() - with_itself) / (count * (count - 1))
