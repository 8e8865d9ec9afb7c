"""The command `explain`, start to end."""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from gan_bench.bench.commands import app as cli
from gan_bench.bench.explain.request import Request
from gan_bench.bench.explain.session import prepare
from tests.bench.conftest import FakeEngine, Start

Explain = Callable[..., tuple[int, str, str]]


@pytest.fixture
def explain(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Explain:
    """Runs `explain` in tmp_path: exit status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*options: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bench", "explain", *options])
        status = cli.main()
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_a_page_with_a_picture_and_numbers_of_every_plot(explain: Explain, tmp_path: Path) -> None:
    quick = ["--iterations", "2", "--every", "2", "--set", "n_critic=2", "--set", "n_generator=2"]
    status, out, err = explain("--variant", "lsgan", "--dataset", "ring", *quick)
    assert (status, err) == (0, "")
    folder = tmp_path / "results" / "explain" / "lsgan-ring"
    assert "Page: results/explain/lsgan-ring/index.html" in out
    plots = ["distance", "features-1", "features-2", "losses", "samples", "shifts"]
    files = sorted(path.name for path in (folder / "plots").iterdir())
    assert files == sorted(f"{name}{ending}" for name in plots for ending in (".csv", ".png"))
    assert all(np.asarray(Image.open(folder / "plots" / f"{name}.png")).std() > 0 for name in plots)

    page = (folder / "index.html").read_text()
    assert "Features of the critic of lsgan on ring" in page
    assert "bench explain --variant lsgan --dataset ring" in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    sources = re.findall(r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="[^"]+"', page)
    assert len(sources) == len(plots)
    for source in sources:  # themed, and only once
        assert base64.b64decode(source).decode().count("prefers-color-scheme:dark") == 1

    features = pd.read_csv(folder / "plots" / "features-2.csv")
    counts = features.groupby(["update", "steps", "moment", "source"]).size()
    assert len(counts) == 2 * 2 * 2
    assert set(counts) == {500}
    samples = pd.read_csv(folder / "plots" / "samples.csv")
    counts = samples.groupby(samples["iteration"].fillna(-1)).size()
    assert counts.to_dict() == {-1: 1000, 0: 1000, 2: 1000}
    losses = pd.read_csv(folder / "plots" / "losses.csv")
    assert {"critic_loss", "generator_loss"} <= set(losses["name"])


@pytest.mark.slow
@pytest.mark.sample
def test_with_results_the_report_has_the_page_too(
    explain: Explain, session: Start, engine: FakeEngine, tmp_path: Path, draw_only: Callable[..., None]
) -> None:
    draw_only()
    session()
    quick = ["--iterations", "2", "--every", "2", "--set", "n_critic=2", "--set", "n_generator=2"]
    status, out, _ = explain("--dataset", "ring", *quick, "--results", "out")
    assert status == 0
    assert "Report: out/report/index.html" in out
    assert (tmp_path / "out" / "explain" / "nsgan-ring" / "index.html").is_file()
    (page,) = (tmp_path / "out" / "report").glob("critic--*.html")
    assert page.name in (tmp_path / "out" / "report" / "index.html").read_text()
    text = page.read_text()
    assert "bench explain --dataset ring" in text
    pictures = re.findall(r'<img src="(plots/[^"]+\.svg)"', text)
    assert len(pictures) == 6
    assert all((page.parent / file).is_file() for file in pictures)


def test_a_game_that_diverges_is_shown_as_far_as_it_came(explain: Explain, tmp_path: Path) -> None:
    broken = ["--iterations", "3", "--every", "1", "--set", "lr=1e30", "--set", "optimiser=sgd"]
    status, out, _ = explain(*broken, "--out", "page")
    assert status == 0
    assert "diverged at iteration" in out
    assert "diverged at iteration" in (tmp_path / "page" / "index.html").read_text()


def test_a_game_that_needs_labels_is_trained_on_data_that_have_them() -> None:
    """The example's own data, quadratic, have none; they decide nothing where others are named."""
    trial, data, _ = prepare(Request("explain", variant="acgan", dataset="ring", iterations=2, every=2))
    assert (trial.dataset, trial.content_hash) == ("ring", data.content_hash)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--variant", "nsgam"], "did you mean 'nsgan'"),
        (["--dataset", "quadratc"], "quadratic"),
        (["--dataset", "digits"], "expected numbers or points of a plane"),
        (["--variant", "began"], "features, expected 2"),
        (
            ["--variant", "acgan", "--dataset", "gaussian1d"],
            "acgan cannot be trained on gaussian1d: it needs",
        ),
        (["--variant", "nothing"], "--variant: unknown variant 'nothing'"),
        (["--dataset", "facades"], "expected numbers or points of a plane"),
        (["--set", "lr=1e39"], "32-bit floats"),
        (["--out", "/proc/nothing"], "--out /proc/nothing: "),
        (["--out", "/proc"], "--out /proc: "),
        (["--set", "lr=fast"], "a number expected"),
        (["--iterations", "0"], "--iterations"),
    ],
)
def test_an_impossible_request_gives_one_message(
    explain: Explain, tmp_path: Path, options: list[str], message: str
) -> None:
    status, out, err = explain(*options)
    assert (status, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())
