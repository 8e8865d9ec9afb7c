"""The Python API: the functions of `gan_bench`, each of which does what the command of its name does."""

from gan_bench.bench.commands.api.evaluating import evaluate
from gan_bench.bench.commands.api.gate import compare
from gan_bench.bench.commands.api.results import Results, load
from gan_bench.bench.commands.api.running import run

__all__ = ["Results", "compare", "evaluate", "load", "run"]
