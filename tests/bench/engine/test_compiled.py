"""Compiled functions and packs, compared with the same ones without compilation."""

import dataclasses

import pytest
import torch

from gan_bench import variants
from gan_bench.bench.engine.compiled import Compiled, _mended, compilation_error
from tests.training import MLP, largest_difference, make_job, trained, weights

needs_compiler = pytest.mark.usefixtures("compiler")
SMALL = {"family": "mlp", "hidden": [8]}


@pytest.fixture(scope="module")
def compiler():
    """Skips where nothing compiles; asked only by who compiles, since asking takes seconds."""
    if (why := compilation_error()) is not None:
        pytest.skip(f"nothing compiles here: {why}")


def compiled_and_eager(variant, architecture, settings):
    """Trainers of a pack of two after ten iterations, one of them compiled."""
    job = make_job(variant, (0, 1), architecture=architecture, settings=settings, dtype="float64")
    return trained(dataclasses.replace(job, compile=True)), trained(job)


def difference(one, other):
    """The largest difference between weights, over two replicas."""
    return max(largest_difference(weights(one, i), weights(other, i)) for i in range(2))


@pytest.fixture(scope="module")
def pair(compiler):
    """Trainers of a game with averaged weights, slopes at inputs, and a setting that falls."""
    falling = {"schedule": "linear", "start": 10.0, "end": 0.0}
    return compiled_and_eager("wgan-gp", SMALL, {"penalty_weight": falling, "ema": 0.9})


@needs_compiler
def test_a_function_of_trees_keeps_its_values_and_its_structure():
    weight = torch.arange(6.0).reshape(2, 3)

    def function(fixed, batch, unused):
        return {"sum": fixed["w"] @ batch["x"], "more": (fixed["w"].sum(), len(unused))[0]}

    compiled = Compiled(function, ({"w": weight},))
    for scale in (1.0, 2.0):
        x = torch.full((3, 2), scale)
        result = compiled({"x": x}, [torch.zeros(1)])
        assert torch.equal(result["sum"], weight @ x)
        assert result["more"] == 15.0
    with pytest.raises(ValueError, match="takes"):
        compiled({"y": x}, [torch.zeros(1)])


@needs_compiler
def test_changes_in_place_happen_once_at_every_call_the_first_included():
    state = [torch.zeros(4)]

    def count(state, step):
        torch._foreach_add_(state, step)

    compiled = Compiled(count, (state,))
    for calls in range(1, 4):
        compiled(torch.ones(()))
        assert state[0].tolist() == [calls] * 4


def test_a_compiled_pack_agrees_with_an_eager_one_and_follows_a_schedule(pair):
    assert difference(*pair) < 1e-6


@needs_compiler
@pytest.mark.slow
@pytest.mark.parametrize("variant", ["nsgan", "wgan-gp", "began", "gan+unrolled(by=optimiser)"])
def test_a_compiled_pack_agrees_with_an_eager_one(variant):
    assert difference(*compiled_and_eager(variant, SMALL, {"ema": 0.9})) < 1e-6


@needs_compiler
@pytest.mark.slow
@pytest.mark.parametrize("variant", variants.names())
def test_every_variant_compiled_agrees_with_eager(variant):
    declared = variants.get(variant).hyperparameters
    own = [{"lr": 1e-3}, {n: v for n, v in {"lr": 3e-3, "critic_lr": 2e-3}.items() if n in declared}]
    assert difference(*compiled_and_eager(variant, MLP, own)) < 1e-6


def test_a_compiled_replica_is_a_pack_of_one():
    job = make_job("nsgan")
    assert job.alone
    assert not dataclasses.replace(job, compile=True).alone
    with pytest.raises(ValueError, match="compiled"):
        dataclasses.replace(job, compile=True, solo=True)


@pytest.mark.parametrize("before", ["", "backend raised:\n"])
def test_the_compilers_error_is_reported(monkeypatch, before):
    def refuse(*_, **__):
        raise RuntimeError(f"{before}no C++ compiler\nand much more")

    monkeypatch.setattr(torch, "compile", refuse)
    assert compilation_error() == f"RuntimeError: {before}no C++ compiler".replace("\n", " ")


def test_compiling_is_not_training_time(pair):
    compiled, eager = (trainer.outcome(0) for trainer in pair)
    assert compiled.compile_seconds > 5 * compiled.seconds > 0.0
    assert eager.compile_seconds == 0.0


def test_what_a_killed_compiler_left_half_written_is_made_anew(tmp_path):
    damaged = [tmp_path / "one.so", tmp_path / "other.so"]
    for path in damaged:
        path.write_bytes(b"\x7fELF")

    def program(x):
        for path in damaged:
            if path.exists():
                raise ImportError(f"{path}: file too short")
        return (x + 1,)

    assert _mended(program)(torch.zeros(1)) == (1.0,)
    assert not any(path.exists() for path in damaged)


def test_other_troubles_of_a_program_are_not_hidden():
    def program(x):
        raise RuntimeError("/lib/no_such_file.so: file too short")

    with pytest.raises(RuntimeError, match="too short"):
        _mended(program)(torch.zeros(1))
