"""Captured iterations: equal to ordinary ones, with a stand-in for CUDA graphs and on CUDA."""

import dataclasses

import pytest
import torch

from gan_bench import variants
from gan_bench.bench.engine.graphs import WARM_UP
from gan_bench.bench.engine.train import Trainer
from tests.bench.engine.recorded import CannotRecord, Recorded
from tests.bench.engine.test_data_and_devices import cuda
from tests.training import CONV, dataset, ground, make_job, same, weights

FALLING = {"schedule": "linear", "start": 1e-3, "end": 0.0}
RISING = {"schedule": "cosine", "start": 0.1, "end": 0.4, "until": 0.6}


class NoGraph(Recorded):
    """Cannot record: all iterations are played by Python."""

    def capture(self, work):
        raise RuntimeError("no graphs here\nand more lines")


def played(job, new_graph, **options):
    """A trainer after its iterations, and the number of graphs and replays."""
    graphs = []

    def made():
        graphs.append(new_graph())
        return graphs[-1]

    trainer = Trainer(job, dataset(ground(job.variant, **options)), new_graph=made if new_graph else None)
    feeds = iter(trainer.feeds)
    for iteration in range(1, trainer.iterations + 1):
        trainer.iterate(iteration, next(feeds))
    trainer.history.flush(trainer.iterations, 1.0, 0.0)
    return trainer, graphs


def check_same(one, other):
    assert not other.captured.trouble
    for replica in range(len(one.job.seeds)):
        assert same(weights(one, replica), weights(other, replica))
    assert one.history.columns == other.history.columns
    assert all(torch.equal(one.replicas.state[k], other.replicas.state[k]) for k in one.replicas.state)


def settings_of(variant):
    """Settings with everything that changes between iterations, as far as the variant has it."""
    declared = variants.get(variant).hyperparameters
    wanted = {"ema": RISING, "n_critic": 2, "lr": FALLING, "label_smoothing": RISING}
    return {name: value for name, value in wanted.items() if name in declared}


KINDS = (
    *("nsgan", "wgan-gp", "dragan", "unrolled", "consensus", "ragan", "began", "veegan", "bgan", "pacgan"),
    *(
        "acgan",
        "infogan",
        "bigan",
        "vaegan",
        "clustergan",
        "sgan",
        "cyclegan",
        "bicyclegan",
        "munit",
        "stargan",
    ),
    *("context-encoder", "srgan", "pixelda", "cogan"),
)
"""A game of every kind, whose packs are replayed in the fast suite; all others, and all alone, are slow."""


def replays():
    for variant in variants.names():
        slow = pytest.mark.slow
        yield pytest.param(variant, (0,), id=f"{variant}-alone", marks=slow)
        yield pytest.param(variant, (0, 1), id=f"{variant}-packed", marks=[] if variant in KINDS else slow)


@pytest.mark.parametrize(("variant", "seeds"), [*replays()])
def test_replayed_iterations_give_the_bits_of_played_ones(variant, seeds, monkeypatch):
    monkeypatch.setattr(
        "gan_bench.bench.engine.graphs.WARM_UP", 1
    )  # CUDA's libraries need more, this does not
    phases = 2 if "warmup" in variants.get(variant).hyperparameters else 1  # each is recorded apart
    job = make_job(variant, seeds, settings=settings_of(variant), iterations=phases + 3)
    one, _ = played(job, NoGraph)
    other, graphs = played(job, Recorded)
    check_same(one, other)
    assert sum(graph.replays for graph in graphs) >= 3


@pytest.mark.parametrize("way", ["streams", "products"])
def test_other_ways_of_packs_are_replayed_as_well(way):
    job = make_job(
        "wgan-gp", (0, 1), architecture=CONV, iterations=WARM_UP + 3, settings=settings_of("wgan-gp")
    )
    job = dataclasses.replace(job, way=way)
    one, _ = played(job, NoGraph, candidates=("digits",))
    other, graphs = played(job, Recorded, candidates=("digits",))
    check_same(one, other)
    assert [graph.replays for graph in graphs] == [3]


def test_each_phase_has_a_graph_of_its_own():
    def trainer(new_graph):
        made = Trainer(make_job("nsgan", (0, 1), iterations=20), dataset("ring"), new_graph=new_graph)
        made.rounds[0] = dataclasses.replace(made.rounds[0], active=(0.0, 0.5))
        feeds = iter(made.feeds)
        for iteration in range(1, 21):
            made.iterate(iteration, next(feeds))
        made.history.flush(20, 1.0, 0.0)
        return made

    graphs = []
    other = trainer(lambda: graphs.append(Recorded()) or graphs[-1])
    check_same(trainer(NoGraph), other)
    assert [graph.replays for graph in graphs] == [10 - WARM_UP, 10 - WARM_UP]


def test_rounds_without_draws_are_not_those_of_the_whole_iteration():
    """`bench speed` times the critic's rounds alone, on draws of these only, with the same trainer."""

    def trainer(new_graph):
        made = Trainer(make_job("nsgan", (0, 1), iterations=20), dataset("ring"), new_graph=new_graph)
        feeds = iter(made.feeds)
        for iteration in range(1, 21):
            critic, generator = next(feeds)
            made.iterate(iteration, [critic, generator if iteration <= 10 else []])
        return made

    one, other = trainer(NoGraph), trainer(Recorded)
    assert all(same(weights(one, replica), weights(other, replica)) for replica in range(2))


def test_values_on_a_schedule_enter_as_tensors_and_change_in_replays():
    job = make_job("nsgan", iterations=WARM_UP + 4, settings={"critic_lr": {**FALLING, "until": 0.5}})
    trainer, _ = played(job, Recorded)
    before = weights(trainer)
    feeds = iter(trainer.feeds)
    trainer.iterate(WARM_UP + 4, next(feeds))  # the critic's rate is 0 by now
    after = weights(trainer)
    moved = {name.split(".")[0] for name in after if not torch.equal(before[name], after[name])}
    assert moved == {"generator"}


class BrokenGraph(Recorded):
    """Breaks while it records, and says so once more when the recording ends, as CUDA does."""

    def capture(self, work):
        try:
            super().capture(lambda: (work(), torch.zeros(1).item()))
        except CannotRecord as first:
            raise RuntimeError("operation failed due to a previous error during capture") from first


def test_an_iteration_whose_recording_breaks_is_played_with_values_of_its_own():
    """Tensors that are made while recording are never filled: here NaN, on a device whatever was there."""
    job = make_job("nsgan", (0, 1), iterations=WARM_UP + 2, settings={"label_smoothing": RISING})
    one, _ = played(job, NoGraph)
    other, _ = played(job, BrokenGraph)
    assert all(same(weights(one, replica), weights(other, replica)) for replica in range(2))
    assert other.captured.trouble.startswith("CannotRecord: ")
    assert other.captured.trouble.endswith("waits for the device")


def test_what_cannot_be_recorded_is_played_and_reported():
    trainer, graphs = played(make_job("nsgan", (0, 1)), NoGraph)
    assert trainer.captured.trouble == "RuntimeError: no graphs here"
    assert len(graphs) == 1
    outcome = trainer.outcome(0)
    assert (outcome.captured, outcome.not_captured) == (False, "RuntimeError: no graphs here")
    plain, _ = played(make_job("nsgan", (0, 1)), None)
    assert (plain.outcome(0).captured, plain.outcome(0).not_captured) == (False, "")
    assert same(weights(plain), weights(trainer))
    recorded, _ = played(make_job("nsgan", (0, 1)), Recorded)
    assert recorded.outcome(0).captured


class TestCuda:
    pytestmark = cuda

    @pytest.mark.parametrize("seeds", [(0,), (0, 1)], ids=["alone", "packed"])
    @pytest.mark.parametrize("variant", variants.names())
    def test_replayed_iterations_give_the_bits_of_played_ones(self, variant, seeds):
        job = make_job(variant, seeds, settings=settings_of(variant), iterations=WARM_UP + 4)
        self.check(dataclasses.replace(job, device="cuda"))

    @pytest.mark.parametrize("way", ["batched", "streams", "products"])
    @pytest.mark.parametrize("dtype", ["float32", "tf32", "bfloat16"])
    def test_convolutions_repeat_their_bits(self, way, dtype):
        job = make_job("wgan-gp", (0, 1), architecture=CONV, iterations=WARM_UP + 4, dtype=dtype)
        self.check(dataclasses.replace(job, device="cuda", way=way), candidates=("digits",))

    def check(self, job, **options):
        """Compare runs: one played, two replayed."""
        runs = []
        for capture in (False, True, True):
            changed = dataclasses.replace(job, capture=capture)
            trainer = Trainer(changed, dataset(ground(job.variant, **options)))
            feeds = iter(trainer.feeds)
            with trainer.training():
                for iteration in range(1, trainer.iterations + 1):
                    trainer.iterate(iteration, next(feeds))
            trainer.history.flush(trainer.iterations, 1.0, 0.0)
            assert not trainer.not_deterministic
            runs.append(trainer)
        for other in runs[1:]:
            check_same(runs[0], other)

    @pytest.mark.filterwarnings("ignore:Synchronization debug mode is a prototype")
    def test_no_call_in_an_iteration_waits_for_the_device(self):
        job = make_job("wgan-gp", (0, 1), settings={"lr": FALLING}, iterations=WARM_UP + 3)
        trainer = Trainer(dataclasses.replace(job, device="cuda"), dataset("ring"))
        feeds = iter(trainer.feeds)
        for iteration in range(1, WARM_UP + 2):
            trainer.iterate(iteration, next(feeds))
        torch.cuda.set_sync_debug_mode("error")
        try:
            trainer.iterate(WARM_UP + 2, next(feeds))
        finally:
            torch.cuda.set_sync_debug_mode("default")
