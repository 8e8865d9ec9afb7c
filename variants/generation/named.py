"""Variants that are compositions: an objective with parts, and a paper's settings."""

# The objectives and parts that are composed here are registered by these modules.
from gan_bench.variants.generation import gan, hinge, lookahead, parts, relativistic, wgan  # noqa: F401
from gan_bench.variants.registry import compose
from gan_bench.variants.sources import NO_BATCHNORM, Profile

compose(
    "wgan-gp", "wgan+gp",
    "WGAN-GP: a two-sided penalty holds the critic's slope at 1 between real and fake.",
    paper="arXiv:1704.00028", year=2017, equation="eq. 3, algorithm 1", aliases=("wgangp",), stem=True,
    profiles={
        "paper": Profile(
            {
                "lr": 1e-4, "beta1": 0.0, "beta2": 0.9, "n_critic": 5, "penalty_weight": 10.0,
                "batch_size": 64, "latent_dim": 128,
            },
            source="arXiv:1704.00028, algorithm 1; github:igul222/improved_wgan_training, gan_64x64.py",
        ),
    },
)  # fmt: skip

compose(
    "wgan-div", "wgan+div",
    "WGAN-div: Wasserstein's divergence, E D(x) - E D(G(z)) - k E ||grad D||^p, k = 2 and p = 6.",
    paper="arXiv:1712.01026", year=2017, equation="the Wasserstein divergence", aliases=("wgandiv",),
    stem=True,
    profiles={
        "paper": Profile(
            {
                "lr": 2e-4, "beta1": 0.0, "beta2": 0.9, "n_critic": 4, "div_weight": 2.0, "batch_size": 64,
                "latent_dim": 128,
            },
            source="arXiv:1712.01026 (k = 2, p = 6); github:musikisomorphie/wgan-div, wgan_div.py (all else)",
            differs=(
                "div_weight is the paper's k = 2; the program has 10",
                "no LayerNorm in the critic, where the authors have it: add +ln",
            ),
        ),
    },
)  # fmt: skip

compose(
    "dcgan", "nsgan+bn",
    "DCGAN: the recipe; BatchNorm also in the critic, Adam with beta1 = 0.5, a uniform latent of 100.",
    paper="arXiv:1511.06434", year=2015, equation="sections 3 and 4",
    profiles={
        "paper": Profile(
            {
                "optimiser": "adam", "lr": 2e-4, "beta1": 0.5, "batch_size": 128, "latent_dim": 100,
                "latent_law": "uniform", "critic_norm": "batch",
            },
            source="arXiv:1511.06434, section 4; github:Newmu/dcgan_code, faces/train_uncond_dcgan.py",
            differs=("no weight decay (program: 1e-5): set weight_decay",),
        ),
    },
)  # fmt: skip

compose(
    "dragan", "nsgan+dragan",
    "DRAGAN: the critic's slope is held at 1 around real samples.",
    paper="arXiv:1705.07215", year=2017, equation="the penalty, as the authors released it",
    profiles={
        "paper": Profile(
            {
                "optimiser": "adam", "lr": 1e-4, "beta1": 0.5, "beta2": 0.9, "batch_size": 128,
                "latent_dim": 100, "latent_law": "uniform", "dragan_weight": 10.0,
            },
            source="github:kodalinaveen3/DRAGAN, DRAGAN.ipynb",
        ),
    },
)  # fmt: skip

compose(
    "sngan", "hinge+sn",
    "SNGAN: the hinge objective for a critic with spectral normalisation.",
    paper="arXiv:1802.05957", year=2018, equation="eq. 16 and 17, algorithm 1", aliases=("sn-gan",),
    stem=True,
    profiles={
        "paper": Profile(
            {
                "optimiser": "adam", "lr": {"schedule": "linear", "start": 2e-4, "end": 0.0},
                "beta1": 0.0, "beta2": 0.9, "n_critic": 5, "batch_size": 64, "critic_norm": "spectral",
                "latent_dim": 128,
            },
            source="github:pfnet-research/sngan_projection, configs/sn_cifar10_unconditional.yml",
            differs=("the authors' generator learns on batches of 128: all batches of a game have one size",),
        ),
    },
)  # fmt: skip

ZERO_CENTRED = {
    "optimiser": "rmsprop", "lr": 1e-4, "decay": 0.99, "batch_size": 64, "latent_dim": 256, "ema": 0.999,
}  # fmt: skip
ZERO_CENTRED_FROM = "arXiv:1801.04406, section 6; github:LMescheder/GAN_stability, configs/default.yaml"
HALVED = (
    "gamma is the paper's, of gamma/2 E ||grad D||^2; gan_training/train.py leaves out the half, so that its "
    "10 is 20 here"
)

compose(
    "r1gan", "nsgan+r1",
    "R1: the critic's squared slope on real samples is penalised, gamma/2 E ||grad D(x)||^2.",
    paper="arXiv:1801.04406", year=2018, equation="section 4.1, R1", aliases=("gan-r1",),
    profiles={
        "paper": Profile({**ZERO_CENTRED, "r1_gamma": 10.0}, source=ZERO_CENTRED_FROM, differs=(HALVED,)),
    },
)  # fmt: skip

compose(
    "r2gan", "nsgan+r2",
    "R2: the critic's squared slope on generated samples is penalised, gamma/2 E ||grad D(G(z))||^2.",
    paper="arXiv:1801.04406", year=2018, equation="section 4.1, R2", aliases=("gan-r2",),
    profiles={
        "paper": Profile({**ZERO_CENTRED, "r2_gamma": 10.0}, source=ZERO_CENTRED_FROM, differs=(HALVED,)),
    },
)  # fmt: skip

ANNEALED = {"schedule": "cosine", "start": 0.05, "end": 0.005}
"""The gamma that the authors' released settings for CIFAR-10 go through, as their lr and beta2 do."""

compose(
    "r3gan", "rsgan+r1+r2",
    "R3GAN: relativistic in pairs, with R1 and R2 of the same gamma.",
    paper="arXiv:2501.05441", year=2025, equation="RpGAN with R1 and R2", stem=True,
    profiles={
        "paper": Profile(
            {
                "lr": {"schedule": "cosine", "start": 2e-4, "end": 5e-5},
                "beta1": 0.0, "beta2": {"schedule": "cosine", "start": 0.9, "end": 0.99},
                "batch_size": 512, "latent_dim": 64, "r1_gamma": ANNEALED, "r2_gamma": ANNEALED,
                "ema": 0.999,
            },
            source="github:brownvc/R3GAN, train.py (preset CIFAR10) and training/training_loop.py",
            differs=(
                "the half-life of the averaged generator rises to a quarter of the authors' run (5 of 20 "
                "million images), which a decay per update states for one budget only: ema is that of r1gan",
                "no augmentation and no labels, with which the authors' CIFAR-10 runs are",
            ),
        ),
    },
)  # fmt: skip

compose(
    "unrolled", "gan+unrolled",
    "Unrolled GAN: the minimax game against the critic of K steps later.",
    paper="arXiv:1611.02163", year=2016, equation="eq. 4, 7, 9 and 10", aliases=("unrolled-gan",),
    # The paper's equations: the minimax game with foreseen steps of gradient descent. Its experiments foresee
    # Adam's steps: `gan+unrolled(by=optimiser)`. The profile is that of the authors' notebook on a ring of
    # Gaussians (poolio/unrolled_gan), which foresees Adam's steps and updates both players at once.
    profiles={
        "paper": Profile(
            {
                "optimiser": "adam", "generator_lr": 1e-3, "critic_lr": 1e-4, "beta1": 0.5, "batch_size": 512,
                "latent_dim": 256, "unroll_steps": 5, "unroll_by": "optimiser", "updates": "simultaneous",
            },
            source="github:poolio/unrolled_gan, Unrolled GAN demo.ipynb",
        ),
    },
)  # fmt: skip

compose(
    "pacgan", "nsgan+pac(2)",
    "PacGAN: the critic judges two samples at a time, all real or all generated.",
    paper="arXiv:1712.04086", year=2017, equation="packing", aliases=("pacgan2",),
    profiles={
        "paper": Profile(
            {
                "optimiser": "adam", "lr": 2e-4, "beta1": 0.5, "batch_size": 128, "pac": 2, "n_generator": 2,
                "latent_dim": 100, "latent_law": "uniform",
            },
            source="github:fjxmlzn/PacGAN, config.py and model.py in stacked_MNIST_experiments/"
            "VEEGAN_experiment (batches of 64 groups)",
            differs=(
                NO_BATCHNORM,
                "the authors' generator takes both its steps on the latents that the critic has just seen",
            ),
        ),
    },
)  # fmt: skip

compose(
    "consensus", "nsgan+consensus",
    "Consensus optimisation: both players also descend on half the squared norm of all gradients.",
    paper="arXiv:1705.10461", year=2017, equation="consensus optimisation", aliases=("conopt",),
    profiles={
        "paper": Profile(
            {
                "optimiser": "rmsprop", "lr": 1e-4, "decay": 0.9, "batch_size": 64, "latent_dim": 256,
                "consensus_weight": 10.0, "n_critic": 1,
            },
            source="github:LMescheder/TheNumericsOfGANs, experiments/comparison/conopt.py",
            differs=("epsilon is outside the root, as in PyTorch; the program's TensorFlow has it inside",),
        ),
    },
)  # fmt: skip
