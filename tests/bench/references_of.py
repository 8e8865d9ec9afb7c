"""A planned trial of one variant on digits, for rows that stand beside it."""

from gan_bench.bench.planning import catalogue
from gan_bench.bench.planning.plan import plan
from gan_bench.bench.planning.suite import load_suite


def trial_of(variant, folder, **settings):
    """The trial of a suite of one variant with small perceptrons."""
    lines = [f"{name} = {value}" for name, value in settings.items()]
    path = folder / "one.toml"
    path.write_text(
        f'title = "One"\ndatasets = ["digits"]\nvariants = ["{variant}"]\nprofile = "default"\nseeds = 1\n'
        '[architectures.mlp]\nfamily = "mlp"\nhidden = [8]\n[budgets.quick]\nkimg = 1\n'
        + "\n".join(["[hyperparameters]", *lines])
    )
    (trial,) = plan(load_suite(str(path)), catalogue.dataset)
    return trial
