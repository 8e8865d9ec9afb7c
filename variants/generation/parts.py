"""Parts without a class: `+gp`, `+r1(gamma=0.3)`, `+sn`, `+pac(2)` and others."""

from typing import Any

from gan_bench.variants.adversarial import Adversarial
from gan_bench.variants.parts import register_part
from gan_bench.variants.penalties import GradientPenalty


def _penalty(name: str, title: str, argument: str, *fields: str, **attributes: Any) -> None:
    penalty = GradientPenalty(**attributes)
    register_part(
        name, title, requires=Adversarial, penalty=penalty, arguments={argument: penalty.weight},
        fields=fields, replaces=("clip",),
    )  # fmt: skip


def _defaults(name: str, title: str, arguments: dict[str, str] | None = None, **defaults: object) -> None:
    replaces = ("clip",) if name == "sn" else ()
    register_part(
        name, title, requires=Adversarial, arguments=arguments or {}, defaults=defaults,
        bare=name == "pac", replaces=replaces,
    )  # fmt: skip


_penalty(
    "gp", "a two-sided penalty on slopes between real and fake (arXiv:1704.00028, eq. 3)",
    "weight", "target", "power", points="interpolates", target=1.0, default_weight=10.0,
)  # fmt: skip
_penalty(
    "dragan", "a penalty that holds slopes around real samples at 1 (arXiv:1705.07215)",
    "weight", "target", points="perturbed", target=1.0, default_weight=10.0, weight="dragan_weight",
    log="dragan",
)  # fmt: skip
_penalty(
    "div", "the penalty k E ||grad D||^p (arXiv:1712.01026)",
    "weight", "power", points="interpolates", target=0.0, power=6.0, default_weight=2.0, weight="div_weight",
    log="divergence",
)  # fmt: skip
_penalty(
    "r1", "R1, gamma/2 E ||grad D||^2 on real samples (arXiv:1801.04406, section 4.1)",
    "gamma", points="real", target=0.0, default_weight=10.0, weight="r1_gamma", scale=0.5, log="r1",
)  # fmt: skip
_penalty(
    "r2", "R2, gamma/2 E ||grad D||^2 on generated samples (arXiv:1801.04406, section 4.1)",
    "gamma", points="fake", target=0.0, default_weight=10.0, weight="r2_gamma", scale=0.5, log="r2",
)  # fmt: skip

_defaults("sn", "spectral normalisation of the critic (arXiv:1802.05957)", critic_norm="spectral")
_defaults("bn", "BatchNorm in the critic", {"batches": "critic_batches"}, critic_norm="batch")
_defaults("ln", "LayerNorm in the critic", critic_norm="layer")
_defaults("vbn", "virtual BatchNorm in the critic (arXiv:1606.03498, section 3.5)", critic_norm="virtual")
_defaults("pac", "a critic of groups of samples (arXiv:1712.04086)", {"degree": "pac"}, pac=2)
_defaults(
    "smooth", "one-sided label smoothing (arXiv:1606.03498, section 3.4)", {"amount": "label_smoothing"},
    label_smoothing=0.1,
)  # fmt: skip
_defaults(
    "noise", "instance noise (arXiv:1610.04490)",
    {"std": "instance_noise_std", "law": "instance_noise"}, instance_noise="normal",
)  # fmt: skip
_defaults("ema", "averaged weights of the generator", {"decay": "ema"}, ema=0.999)
_defaults("simultaneous", "simultaneous updates", updates="simultaneous", n_critic=1, n_generator=1)

for rule, first in (("adam", "beta1"), ("rmsprop", "decay"), ("sgd", "momentum")):
    _defaults(rule, f"the optimiser {rule}", {"lr": "lr", first: first}, optimiser=rule)
