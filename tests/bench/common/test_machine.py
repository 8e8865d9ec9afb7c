"""Facts of the machine that change rounding."""

from __future__ import annotations

from pathlib import Path

import pytest

from gan_bench.bench.common import machine

FIRST = "processor\t: 0\nvendor_id\t: {}\n{}\nflags\t\t: fpu sse\n"


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (
            "cpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\nstepping\t: 1",
            "AMD EPYC (family 25, model 17)",
        ),
        ("model name\t: A core: of two", "A core: of two"),
        ("cpu family\t:\nmodel name\t: AMD EPYC", "AMD EPYC"),
    ],
)
def test_a_processor_has_the_numbers_of_its_model(
    lines: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cpuinfo"
    other = "\nprocessor\t: 1\nmodel name\t: another\nmodel\t: 3\n"
    file.write_text(FIRST.format("Maker", lines) + other)
    monkeypatch.setattr(machine, "CPUINFO", file)
    assert machine.processor() == name


def test_a_processor_without_a_name_is_what_python_calls_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine.platform, "processor", lambda: "aarch64")
    monkeypatch.setattr(machine, "CPUINFO", tmp_path / "none")
    assert machine.processor() == "aarch64"
    (tmp_path / "none").write_text("processor\t: 0\nCPU part\t: 0xd0c\n")
    assert machine.processor() == "aarch64"
    monkeypatch.setattr(machine.platform, "processor", lambda: "")
    assert machine.processor() is None
