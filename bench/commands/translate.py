"""The command `translate`."""

from __future__ import annotations

from rich.markup import escape

from gan_bench.bench.commands.options import reads
from gan_bench.bench.common.printing import new_console
from gan_bench.bench.sampling.translating.request import Request


@reads(Request)
def translate(request: Request) -> None:
    """Send your images through a trained model."""
    from gan_bench.bench.common.plugins import load_plugins
    from gan_bench.bench.engine.numerics import numerics
    from gan_bench.bench.sampling.restore import find_trial, restore_trial
    from gan_bench.bench.sampling.translating.application import application
    from gan_bench.bench.sampling.translating.session import translate as translate_images

    load_plugins(request.plugins)
    roots = tuple(path.resolve() for path in request.data_dirs)
    trial, dataset, model = restore_trial(*find_trial(request.record, request.results), roots)
    able = application(
        model, dataset, asked=request.ability, variant=trial.variant, label=request.to, ema=request.ema,
        seed=request.seed,
    )  # fmt: skip
    console = new_console()
    with numerics():
        for sentence in translate_images(request, able):
            console.print(escape(sentence), highlight=False, soft_wrap=True)
