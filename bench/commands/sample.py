"""The command `sample`."""

from __future__ import annotations

from rich.markup import escape

from gan_bench.bench.commands.options import reads
from gan_bench.bench.common.files import unwritable, write
from gan_bench.bench.common.printing import new_console
from gan_bench.bench.sampling.request import Request


@reads(Request)
def sample(request: Request) -> None:
    """Generate samples, or other pictures, from a checkpoint."""
    from gan_bench.bench.common.plugins import load_plugins
    from gan_bench.bench.engine.numerics import numerics
    from gan_bench.bench.sampling import abilities
    from gan_bench.bench.sampling.generate import generate
    from gan_bench.bench.sampling.pictures import check_out, encode, npz
    from gan_bench.bench.sampling.restore import find_trial, restore_trial

    out = request.out
    check_out(out)
    load_plugins(request.plugins)
    roots = tuple(path.resolve() for path in request.data_dirs)
    trial, dataset, model = restore_trial(*find_trial(request.record, request.results), roots)
    stands = f" (stands in for {trial.stand_in_for})" if trial.stand_in_for else ""
    weights = "EMA weights" if request.ema else "raw weights"
    context = f"{trial.title}{stands} · {trial.kimg:g} kimg · {weights}"
    if request.what not in ("reconstructions", "clusters"):
        context += f" · latents of seed {request.seed}"
    says, suffix = "", out.suffix.lower()
    with numerics():
        if request.what in abilities.KINDS:
            pictured = abilities.picture(request, model, dataset, trial.variant)
            says = f"\n{pictured.says}" if dataset.kind == "images" else ""
            drawn = suffix == ".png"
            content = abilities.png_of(pictured, trial, dataset, context) if drawn else npz(pictured.arrays)
        else:
            made = generate(request, model, trial.variant)
            content = encode(made, request.what, trial, dataset, context, suffix)
    with unwritable(f"-o {out}"):
        write(out, content)
    console = new_console()
    console.print(escape(f"{context}{says}\nWritten: {out}"), highlight=False, soft_wrap=True)
