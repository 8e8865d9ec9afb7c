"""Generators from elsewhere: ONNX files, latents, scales of their images, and files that are refused."""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from gan_bench import datasets
from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.evaluation.generators import PICKLED
from gan_bench.bench.evaluation.latents import Latents
from gan_bench.bench.evaluation.models import draw
from tests.bench.conftest import Run

RING, DIGITS = datasets.load("ring"), datasets.load("digits")


def field(number: int, content: bytes | int) -> bytes:
    """Return a field of a Protobuf message: a text, message or bytes, or a whole number."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    *rest, last = [value >> shift & 127 for shift in range(0, max(value.bit_length(), 1), 7)]
    return bytes([*(part | 128 for part in rest), last])


def onnx(path: Path, operator: str, shape: list[int | str], *, inputs: int = 1, gives: int = 1) -> Path:
    """Write an ONNX file of one operator without weights; the numbers are those of ONNX's schema."""
    dims = b"".join(field(1, field(1, d) if isinstance(d, int) else field(2, d.encode())) for d in shape)
    kind = field(1, field(1, 1) + field(2, dims))
    names = [f"z{place}".encode() for place in range(inputs)]
    node = b"".join(field(1, name) for name in names) + field(2, b"x") + field(4, operator.encode())
    graph = field(1, node) + field(2, b"g")
    graph += b"".join(field(11, field(1, name) + field(2, kind)) for name in names)
    graph += field(12, field(1, b"x") + field(2, field(1, field(1, gives))))
    path.write_bytes(field(1, 8) + field(8, field(1, b"") + field(2, 13)) + field(7, graph))
    return path


@pytest.mark.parametrize("batch", ["n", 16])
def test_an_onnx_file_makes_what_its_formula_says(tmp_path: Path, batch: int | str) -> None:
    pytest.importorskip("onnxruntime")
    file = onnx(tmp_path / "tanh.onnx", "Tanh", [batch, 2])
    made = draw(str(file), RING, 40, Latents((2,)), seed=3).rows
    (tmp_path / "same.py").write_text("import torch\ngenerator = torch.tanh\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        expected = draw("same", RING, 40, Latents((2,)), seed=3).rows
    assert made.shape == (40, 2)
    assert torch.allclose(made, expected, atol=1e-6)


def test_an_onnx_file_that_does_not_fit_is_a_sentence(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    fits, two = (
        onnx(tmp_path / "a.onnx", "Tanh", ["n", 2]),
        onnx(tmp_path / "b.onnx", "Add", ["n", 2], inputs=2),
    )
    (tmp_path / "c.onnx").write_bytes(b"no model")
    for file, latents, message in (
        (fits, (5,), r"does not take latents of shape \(5,\): it states 2 \(--latent 2\)"),
        (two, (2,), "has the inputs z0, z1; expected one, the latents"),
        (tmp_path / "c.onnx", (2,), "cannot be read as ONNX"),
        (tmp_path / "d.onnx", (2,), "there is no such file"),
    ):
        with pytest.raises(UsageError, match=message):
            draw(str(file), RING, 4, Latents(latents), seed=0)
    whole, boolean = 7, 9  # ONNX's numbers of types
    size = onnx(tmp_path / "e.onnx", "Size", [16, 2], gives=whole)
    with pytest.raises(UsageError, match="gave a single number, expected a tensor or array of samples"):
        draw(str(size), RING, 4, Latents((2,)), seed=0)
    nan = onnx(tmp_path / "f.onnx", "IsNaN", ["n", 2], gives=boolean)
    with pytest.raises(UsageError, match=r"gave numbers of type torch\.bool"):
        draw(str(nan), RING, 4, Latents((2,)), seed=0)
    with pytest.raises(UsageError, match=r"samples of shape \(4, 2\), expected \(4, 1, 28, 28\)"):
        draw(str(fits), DIGITS, 4, Latents((2,)), seed=0)


def test_a_missing_library_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(UsageError, match=r"needs onnxruntime: pip install 'gan-bench\[onnx\]'"):
        draw(str(onnx(tmp_path / "a.onnx", "Tanh", ["n", 2])), RING, 4, Latents((2,)), seed=0)


def test_images_on_another_scale_or_layout_become_the_same_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scales.py").write_text(
        "import torch\n"
        "def usual(z): return torch.tanh(z).reshape(-1, 1, 28, 28)\n"
        "def unit(z): return usual(z) / 2 + 0.5\n"
        "def bytes_last(z): return (usual(z) * 127.5 + 127.5).movedim(1, -1)\n"
    )
    monkeypatch.chdir(tmp_path)
    shape = Latents((784,), uniform=True)
    usual = draw("scales:usual", DIGITS, 5, shape, 0).rows
    assert usual.dtype == torch.uint8
    unit = draw("scales:unit", DIGITS, 5, shape, 0, scale=(0, 1)).rows
    last = draw("scales:bytes_last", DIGITS, 5, shape, 0, scale=(0, 255), channels_last=True).rows
    assert (usual.int() - unit.int()).abs().max() <= 1
    assert (usual.int() - last.int()).abs().max() <= 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("generator = 7", "--model mine is int, expected a function of latents"),
        (
            "def generator(z): return z @ z",
            r"failed on latents of shape \(2,\) \(--latent states it\): mine\.py, line 1: Runt",
        ),
        ("def generator(z): return None", "--model mine gave NoneType, expected one tensor or array"),
        ("def generator(z): return z, z[:1]", "--model mine gave tuple, expected one tensor or array"),
        ("def generator(z): return z.sum()", "--model mine gave a single number, expected a tensor"),
        (
            "def generator(z): return z.repeat(1, len(z))",
            r"--model mine makes samples of several shapes: \(200,\), \(1000,\)",
        ),
        ("def generator(z): return z[:-1]", r"makes samples of shape \(598, 2\), expected \(600, 2\)"),
        ("def generator(z): return z + 1j", "gave numbers of type torch.complex64, expected floats or whole"),
        (
            "def generator(z): return z > 0",
            "gave numbers of type torch.bool, expected floats or whole numbers",
        ),
        ("def generator(z): raise SystemExit(0)", r"mine\.py, line 1: SystemExit: 0$"),
        ("def generator(z): raise OSError('a\\nb')", r"failed on .*: mine\.py, line 1: OSError: a$"),
        ("generator = (", r"importing mine failed: mine\.py, line 1: SyntaxError: '\(' was never closed$"),
        ("import sys\nsys.exit()", r"importing mine failed: mine\.py, line 2: SystemExit: $"),
        ("\n1 / 0", r"importing mine failed: mine\.py, line 2: ZeroDivisionError: division by zero$"),
        (
            "import nowhere",
            r"importing mine failed: mine\.py, line 1: ModuleNotFoundError: No module named 'now",
        ),
    ],
)
def test_a_function_that_is_no_generator_of_such_samples_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, message: str
) -> None:
    (tmp_path / "mine.py").write_text(body)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    importlib.invalidate_caches()
    with pytest.raises(UsageError, match=message):
        draw("mine", RING, 600, Latents((2,)), seed=0)


def test_a_sparse_tensor_is_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_sparse.py").write_text("def generator(z): return z.to_sparse()\n")
    (tmp_path / "made_dense.py").write_text("def generator(z): return z\n")
    monkeypatch.chdir(tmp_path)
    one, other = (draw(name, RING, 40, Latents((2,)), seed=3).rows for name in ("made_sparse", "made_dense"))
    assert torch.equal(one, other)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mine.py:f", "mine.py is a path, expected a module: mine:f$"),
        ("./mine:f", "./mine is a path, expected a module: mine:f$"),
        (
            "nets/mine.py",
            "nets/mine.py is a path, expected a module: mine:FUNCTION, with nets as the current",
        ),
        (".mine:f", "expected FILE.onnx or MODULE:FUNCTION"),
        ("nets.nowhere.mine:f", "No module named 'nets'; expected FILE.onnx or MODULE:FUNCTION"),
    ],
)
def test_a_path_is_no_module(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        draw(name, RING, 4, Latents((2,)), seed=0)


def test_latents_that_memory_cannot_hold_are_refused() -> None:
    with pytest.raises(UsageError, match=r"-n 4: latents of shape \(1000000000000,\) take 14,901 GiB"):
        draw("torch:tanh", RING, 4, Latents((10**12,)), seed=0)


def test_images_on_quite_another_scale_are_refused_and_an_overshoot_is_clipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bright.py").write_text(
        "import torch\n"
        "def whole(z): return (z * 127.5 + 127.5).reshape(-1, 1, 28, 28)\n"
        "def over(z): return 1.5 * z.reshape(-1, 1, 28, 28)\n"
    )
    monkeypatch.chdir(tmp_path)
    latents = Latents((784,), uniform=True)
    with pytest.raises(UsageError, match=r"values from .* to 25\d.*, expected images from -1 \(black\) to 1"):
        draw("bright:whole", DIGITS, 5, latents, 0)
    made = draw("bright:whole", DIGITS, 5, latents, 0, scale=(0, 255)).rows
    over = draw("bright:over", DIGITS, 5, latents, 0).rows
    assert made.float().std() > 60
    assert {int(over.min()), int(over.max())} == {0, 255}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100", Latents((100,))),
        ("normal:64", Latents((64,))),
        ("100x1x1", Latents((100, 1, 1))),
        ("100,1,1", Latents((100, 1, 1))),
        ("100,", Latents((100,))),
        ("uniform:7", Latents((7,), uniform=True)),
    ],
)
def test_latents_are_read(text: str, expected: Latents) -> None:
    assert Latents.parse(text) == expected


@pytest.mark.parametrize("text", ["", "0", "-3", "100x", "100,,", "gamma:3", "1e2"])
def test_other_latents_are_refused(bench: Run, text: str) -> None:
    status, _, shown = bench("evaluate", "--model", "a.onnx", "--latent", text, "--dataset", "ring")
    assert (status, f"--latent {text}: expected dimensions or a shape" in shown) == (2, True)


@pytest.mark.parametrize("suffix", PICKLED)
def test_files_that_would_run_code_are_refused_unread(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(UsageError, match=r"is refused: .*\. Give an ONNX file"):
        draw(str(tmp_path / f"model{suffix}"), RING, 4, Latents((2,)), seed=0)


class Harmless:
    """A pickle of it calls `print` when it is read."""

    def __reduce__(self) -> Any:
        return print, ("code of the archive was run",)


@pytest.mark.slow
@pytest.mark.sample
def test_torchs_own_loader_runs_code_of_an_archive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason why .pt2 is refused: once this fails, `bench.evaluation.generators` can take such files."""
    program = torch.export.export(torch.nn.Linear(3, 2), (torch.randn(5, 3),))
    torch.export.save(program, tmp_path / "plain.pt2")
    content = io.BytesIO()
    torch.save((Harmless(),), content)
    with (
        zipfile.ZipFile(tmp_path / "plain.pt2") as plain,
        zipfile.ZipFile(tmp_path / "evil.pt2", "w") as evil,
    ):
        for name in plain.namelist():
            inputs = name.endswith("sample_inputs/model.pt")
            evil.writestr(name, content.getvalue() if inputs else plain.read(name))
    with contextlib.suppress(Exception):  # whatever comes after the code has run
        torch.export.load(tmp_path / "evil.pt2")
    assert "code of the archive was run" in capsys.readouterr().out
