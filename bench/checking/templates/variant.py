"""A loss of your own: one class with three formulas. Change them; the name stays where it is registered.

Train it:   python -m bench run --suite ring --variants template --plugin FILE
Check it:   python -m bench check FILE
Read it:    python -m bench show template --plugin FILE
"""

from types import SimpleNamespace

from torch import Tensor
from torch.nn.functional import softplus

from gan_bench.variants import Hyperparameter, Objective, Profile, register


# version: raise it whenever the numbers may change; `run` then trains again what older records hold.
@register("template", paper="arXiv:1406.2661", year=2014, equation="section 3", version=1)
class Template(Objective):
    """My loss: the non-saturating loss, with a weight on generated samples."""

    # Hyperparameters of your own, beside lr, beta1, batch_size and others that every game has.
    # Do not write `if hp.fake_weight > 0`: a continuous one may be a tensor.
    hyperparameters = {
        "fake_weight": Hyperparameter(1.0, "continuous", "weight of generated samples", low=0.0)
    }

    # Settings of the paper, used with `--profile paper`. Others start from the defaults.
    profiles = {"paper": Profile({"lr": 2e-4, "beta1": 0.5}, source="arXiv:1511.06434, section 4")}

    # Scores are of shape (batch,). A loss is a pure function: no optimiser, no random number, no detach.
    # The docstrings are the formulas that `show` prints.
    def real(self, real: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E softplus(-D(x))."""
        return softplus(-real).mean()

    def fake(self, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return w E softplus(D(G(z)))."""
        return hp.fake_weight * softplus(fake).mean()

    def generator(self, real: Tensor, fake: Tensor, hp: SimpleNamespace) -> Tensor:
        """Return E softplus(-D(G(z)))."""
        return softplus(-fake).mean()
