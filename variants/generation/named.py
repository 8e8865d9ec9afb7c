"""Variants that are nothing but compositions: an objective with parts and a paper's settings."""

from variants.registry import compose

compose(
    "wgan-gp", "wgan+gp",
    "WGAN-GP: a two-sided penalty holds the critic's slope at 1 between real and fake.",
    paper="arXiv:1704.00028", year=2017, equation="eq. 3, algorithm 1", aliases=("wgangp",), stem=True,
    profiles={
        "paper": {
            "lr": 1e-4, "beta1": 0.0, "beta2": 0.9, "n_critic": 5, "penalty_weight": 10.0, "batch_size": 64,
        },
    },
)  # fmt: skip

compose(
    "wgan-div", "wgan+div",
    "WGAN-div: Wasserstein's divergence, E D(x) - E D(G(z)) - k E ||grad D||^p, k = 2 and p = 6.",
    paper="arXiv:1712.01026", year=2017, equation="the Wasserstein divergence", aliases=("wgandiv",),
    stem=True,
    profiles={
        "paper": {"lr": 2e-4, "beta1": 0.0, "beta2": 0.9, "n_critic": 4, "div_weight": 2.0, "batch_size": 64},
    },
)  # fmt: skip

compose(
    "dcgan", "nsgan+bn",
    "DCGAN: the recipe; BatchNorm also in the critic, Adam with beta1 = 0.5, a uniform latent of 100.",
    paper="arXiv:1511.06434", year=2015, equation="sections 3 and 4",
    profiles={
        "paper": {
            "optimiser": "adam", "lr": 2e-4, "beta1": 0.5, "batch_size": 128, "latent_dim": 100,
            "latent_law": "uniform", "critic_norm": "batch",
        },
    },
)  # fmt: skip

compose(
    "dragan", "nsgan+dragan",
    "DRAGAN: the critic's slope is held at 1 around real samples.",
    paper="arXiv:1705.07215", year=2017, equation="the penalty, as the authors released it",
    profiles={
        "paper": {
            "optimiser": "adam", "lr": 1e-4, "beta1": 0.5, "beta2": 0.9, "batch_size": 128, "latent_dim": 100,
            "latent_law": "uniform", "dragan_weight": 10.0,
        },
    },
)  # fmt: skip

compose(
    "sngan", "hinge+sn",
    "SNGAN: the hinge objective for a critic with spectral normalisation.",
    paper="arXiv:1802.05957", year=2018, equation="eq. 16 and 17, algorithm 1", aliases=("sn-gan",),
    stem=True,
    profiles={
        "paper": {
            "optimiser": "adam", "lr": 2e-4, "beta1": 0.0, "beta2": 0.9, "n_critic": 5, "batch_size": 64,
            "critic_norm": "spectral", "latent_dim": 128,
        },
    },
)  # fmt: skip

ZERO_CENTRED = {"optimiser": "rmsprop", "lr": 1e-4, "decay": 0.99, "batch_size": 64, "ema": 0.999}
"""Mescheder et al. 2018, section 6: RMSProp, and averaged generators for evaluation."""

compose(
    "r1gan", "nsgan+r1",
    "R1: the critic's squared slope on real samples is penalised, gamma/2 E ||grad D(x)||^2.",
    paper="arXiv:1801.04406", year=2018, equation="section 4.1, R1", aliases=("gan-r1",),
    profiles={"paper": {**ZERO_CENTRED, "r1_gamma": 10.0}},
)  # fmt: skip

compose(
    "r2gan", "nsgan+r2",
    "R2: the critic's squared slope on generated samples is penalised, gamma/2 E ||grad D(G(z))||^2.",
    paper="arXiv:1801.04406", year=2018, equation="section 4.1, R2", aliases=("gan-r2",),
    profiles={"paper": {**ZERO_CENTRED, "r2_gamma": 10.0}},
)  # fmt: skip

ANNEALED = {"schedule": "cosine", "start": 0.05, "end": 0.005}
"""The gamma that the authors' released settings for CIFAR-10 go through, as their lr and beta2 do."""

compose(
    "r3gan", "rsgan+r1+r2",
    "R3GAN: relativistic in pairs, with R1 and R2 of the same gamma.",
    paper="arXiv:2501.05441", year=2025, equation="RpGAN with R1 and R2", stem=True,
    profiles={
        "paper": {
            "lr": {"schedule": "cosine", "start": 2e-4, "end": 5e-5},
            "beta1": 0.0, "beta2": {"schedule": "cosine", "start": 0.9, "end": 0.99},
            "batch_size": 512, "latent_dim": 64, "r1_gamma": ANNEALED, "r2_gamma": ANNEALED,
        },
    },
)  # fmt: skip

compose(
    "unrolled", "nsgan+unrolled",
    "Unrolled GAN: the generator plays against the critic of K steps later.",
    paper="arXiv:1611.02163", year=2016, equation="eq. 7 and 9", aliases=("unrolled-gan",),
    # On the non-saturating loss, so that no steps are nsgan; its minimax game (eq. 4) is gan+unrolled.
    # The profile is of the authors' notebook on a ring of Gaussians, whose foreseen steps are Adam's.
    profiles={
        "paper": {
            "optimiser": "adam", "generator_lr": 1e-3, "critic_lr": 1e-4, "beta1": 0.5, "batch_size": 512,
            "latent_dim": 256, "unroll_steps": 5, "unroll_by": "optimiser",
        },
    },
)  # fmt: skip

compose(
    "pacgan", "nsgan+pac(2)",
    "PacGAN: the critic judges two samples at a time, all real or all generated.",
    paper="arXiv:1712.04086", year=2017, equation="packing", aliases=("pacgan2",),
    # As released for stacked MNIST: batches of 64 packs, two generator updates to one of the critic.
    profiles={
        "paper": {
            "optimiser": "adam", "lr": 2e-4, "beta1": 0.5, "batch_size": 128, "pac": 2, "n_generator": 2,
            "latent_dim": 100, "latent_law": "uniform",
        },
    },
)  # fmt: skip

compose(
    "consensus", "nsgan+consensus",
    "Consensus optimisation: both players also descend on half the squared norm of all gradients.",
    paper="arXiv:1705.10461", year=2017, equation="consensus optimisation", aliases=("conopt",),
    # As released for CIFAR-10; the decay is the default of TensorFlow's RMSProp.
    profiles={
        "paper": {
            "optimiser": "rmsprop", "lr": 1e-4, "decay": 0.9, "batch_size": 64, "latent_dim": 256,
            "consensus_weight": 10.0, "n_critic": 1,
        },
    },
)  # fmt: skip
