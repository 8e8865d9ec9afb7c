"""The order in which lists name variants and networks, and compositions their parts.

It is stated here, so that it does not depend on the order of imports. Names that are in no table, as those of
plug-ins, follow in order of registration.
"""

VARIANTS = (
    "gan", "nsgan", "cgan", "dcgan", "ebgan", "ebgan-pt", "lsgan", "unrolled", "acgan", "infogan", "bigan",
    "began", "bgan", "bgan-discrete", "hinge", "softmax-gan", "veegan", "wgan", "wgan-gp", "wgan-div",
    "dragan", "pacgan", "consensus", "cyclegan", "discogan", "dualgan",
    "stargan", "unit", "munit", "bicyclegan", "clustergan", "rsgan", "ragan", "rlsgan", "ralsgan",
    "rhinge", "rahinge", "sngan", "r1gan", "r2gan", "r3gan", "aae", "ali", "vaegan", "sgan", "sgan-n",
    "sgan-fm", "supervised", "supervised-all", "ccgan", "pix2pix", "pix2pix-l1", "cogan", "pixelda",
    "source-only", "target-only", "context-encoder", "srresnet", "srresnet-features", "srgan", "rrdb",
    "esrgan",
)  # fmt: skip
"""Variants; lists sort them by the year of their paper first."""

PARTS = (
    "gp", "dragan", "div", "r1", "r2", "sn", "bn", "ln", "vbn", "pac", "smooth", "noise", "ema",
    "simultaneous", "adam", "rmsprop", "sgd", "history", "unrolled", "consensus", "clip",
)  # fmt: skip
"""Parts. Names of compositions, and so training keys, depend on this order: append, never insert."""

FAMILIES = ("conv", "dirac", "mlp", "patch", "resnet", "rrdb", "srresnet", "unet", "unet-nearest", "vgg")
"""Families of networks."""
