"""Process-wide settings: TF32 only where it is declared, and operations without a deterministic algorithm."""

from __future__ import annotations

import contextlib
import dataclasses
import warnings

import pytest
import torch

from gan_bench.bench.common.devices import check_dtype
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.engine.numerics import noted, numerics
from gan_bench.bench.engine.train import Trainer
from tests.training import dataset, make_job


def tf32():
    return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32


@pytest.mark.parametrize("dtype", ["float32", "tf32", "bfloat16"])
def test_tf32_is_on_only_where_it_is_declared_and_never_while_measuring(dtype):
    before, measured = tf32(), []
    trainer = Trainer(make_job("nsgan", dtype=dtype, iterations=2), dataset("ring"))
    seen = []
    iterate = trainer.iterate
    trainer.iterate = lambda *args: (seen.append(tf32()), iterate(*args))
    with numerics():
        assert tf32() == (False, False)
        trainer.run(on_point=lambda _: measured.append(tf32()))
    assert set(seen) == {(dtype == "tf32",) * 2}
    assert set(measured) == {(False, False)}
    assert tf32() == before


@pytest.mark.parametrize("fails", [False, True])
def test_threads_and_denormals_are_set_inside_and_as_before_outside(fails):
    def settings():
        return torch.get_num_threads(), (torch.tensor([1e-310], dtype=torch.float64) * 1.0).item() == 0.0

    threads = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with contextlib.suppress(ZeroDivisionError), numerics():
            assert settings() == (1, True)
            if fails:
                raise ZeroDivisionError
        assert settings() == (3, False)
    finally:
        torch.set_num_threads(threads)


def test_operations_without_a_deterministic_algorithm_are_noted_and_other_warnings_shown():
    names = set()
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        with noted(names):
            warnings.warn(
                "cumsum_cuda_kernel does not have a deterministic implementation, but", stacklevel=1
            )
            warnings.warn("something else", stacklevel=1)
    assert names == {"cumsum_cuda_kernel"}
    assert [str(warning.message) for warning in shown] == ["something else"]


def test_a_processor_refuses_tf32_and_takes_the_others():
    for dtype in ("float32", "float64", "bfloat16"):
        check_dtype(dtype, ("cpu",))
    with pytest.raises(UsageError, match="dtype tf32: cpu"):
        check_dtype("tf32", ("cpu",))


def test_a_compiled_pack_has_no_other_way():
    with pytest.raises(ValueError, match="streams"):
        dataclasses.replace(make_job("nsgan", (0, 1)), compile=True, way="streams")
