"""Games for tests of the training loop: one with a known rate of descent, one that diverges."""

import torch

from gan_bench.bench.engine import Budget, Job
from gan_bench.variants import Loss, Player, Round
from tests.toys import ToyGame, value
from tests.training import make_job


class Falling(ToyGame):
    """The generator's number falls by the rate in every update, y likewise."""

    starts = {"generator": 1.0, "y": 1.0}
    rounds_of_an_iteration = (Round(("a",)), Round(("b",)))

    def players(self):
        return [
            Player("a", ("y",), lambda play: value(play.y), critic=True),
            Player("b", ("generator",), lambda play: play.hp.weight * value(play.generator)),
        ]

    def rounds(self):
        return list(self.rounds_of_an_iteration)


class Breaking(Falling):
    """The loss is not a number from the call on that hyperparameter ``weight`` names; 0: never."""

    def state(self):
        return {"calls": torch.zeros(())}

    def players(self):
        def breaking(play):
            calls, last = play.state["calls"] + 1, torch.as_tensor(play.hp.weight)
            broken = (last > 0) & (calls >= last)
            loss = value(play.y) * torch.where(broken, torch.nan, 1.0)
            return Loss(loss, state={"calls": calls})

        generator = Player("b", ("generator",), lambda play: value(play.generator))
        return [Player("a", ("y",), breaking, critic=True), generator]


def job_of(name, seeds=(0,), points=None, *, iterations=10, settings=(), **options):
    """A toy job at rate 0.1, with points at given iterations."""
    own = settings if isinstance(settings, list) else [settings or {}] * len(seeds)
    job = make_job(name, seeds, iterations=iterations, settings=[{"lr": 0.1, **s} for s in own], **options)
    kimgs = tuple(16 * i / 1000 for i in points or (iterations,))
    fields = {"budget": Budget(kimgs[-1], kimgs), "hyperparameters": job.hyperparameters, "seeds": job.seeds}
    return Job(job.variant, job.architecture, dtype=job.dtype, solo=job.solo, **fields)
