"""Loggers write what the store holds: read back by the programs' own readers."""

from __future__ import annotations

import importlib.util
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from gan_bench.bench.common.errors import UsageError
from gan_bench.bench.results.records import Evaluation, Record
from gan_bench.bench.results.store import Store
from gan_bench.bench.running import loggers
from gan_bench.bench.running.loggers import hook
from gan_bench.bench.running.loggers.base import logged
from tests.bench.conftest import FakeEngine, Run, Start

pytestmark = pytest.mark.usefixtures("no_report", "forget_evaluators")


def needs(package: str) -> pytest.MarkDecorator:
    there = importlib.util.find_spec(package) is not None
    return pytest.mark.skipif(not there, reason=f"{package} is not installed")


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


def of_variant(out: Path, variant: str) -> tuple[Record, Evaluation]:
    store = Store(out)
    for key in store:
        record = store.read(key)
        assert record is not None
        if record.trial.variant == variant:
            return record, store.evaluations(key)[-1]
    raise LookupError(variant)


def expected(out: Path, variant: str) -> dict[str, list[tuple[int, float]]]:
    """Contents of the record and the evaluation, put together without the loggers' code."""
    record, evaluation = of_variant(out, variant)
    steps = record.history["iteration"]
    found = {"loss/critic_loss": list(zip(map(int, steps), record.history["critic_loss"], strict=True))}
    modes = [r for r in evaluation.rows if r["metric"] == "modes" and r["split"] == "test"]
    for weights, end in (("raw", ""), ("ema", " ema")):
        for when, start in (("curve", ""), ("final", "final/")):
            rows = [r for r in modes if (r["when"], r["weights"]) == (when, weights)]
            found[f"score/{start}modes{end}"] = [(r["iteration"], r["value"]) for r in rows]
    return found


@needs("tensorboard")
def test_event_files_have_losses_and_scores(session: Start, engine: FakeEngine, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    engine.diverge = {1}
    status, _ = session(seeds=(0, 1), log=("tensorboard",))
    assert status == 0
    folders = sorted((tmp_path / "out" / "logs" / "tensorboard" / "tiny").iterdir())
    assert len(folders) == 4
    (own,) = (f for f in folders if f.name.startswith("nsgan paper seed 0"))
    events = EventAccumulator(str(own))
    events.Reload()
    read = {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
    for tag, points in expected(tmp_path / "out", "nsgan").items():
        assert points, tag
        assert [step for step, _ in read[tag]] == [step for step, _ in points]
        assert [v for _, v in read[tag]] == pytest.approx([v for _, v in points], rel=1e-6)
    text = events.Tensors("settings/text_summary")[0].tensor_proto.string_val[0].decode()
    assert '"variant": "nsgan"' in text
    assert '"hyperparameter/batch_size": 32' in text
    (lost,) = (f for f in folders if f.name.startswith("lsgan paper seed 1"))
    events = EventAccumulator(str(lost))
    events.Reload()
    assert len(events.Scalars("loss/critic_loss")) == 1  # the second is no number


@needs("mlflow")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of its own libraries
@pytest.mark.slow
def test_mlflow_has_a_run_per_trial(session: Start, engine: FakeEngine, tmp_path: Path) -> None:
    import mlflow

    session(seeds=(0,), log=("mlflow",))
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{tmp_path / 'out/logs/mlflow/mlflow.db'}")
    experiment = client.get_experiment_by_name("tiny")
    assert experiment is not None
    runs = {run.data.params["variant"]: run for run in client.search_runs([experiment.experiment_id])}
    assert runs.keys() == {"nsgan", "lsgan"}
    for tag, points in expected(tmp_path / "out", "nsgan").items():
        history = client.get_metric_history(runs["nsgan"].info.run_id, tag)
        assert sorted((m.step, m.value) for m in history) == sorted(points)


def entries(content: bytes) -> Iterator[bytes]:
    """The entries of a file of wandb: LevelDB's log format in blocks of 32 KiB, after a header of 7 bytes."""
    place, parts = 7, b""
    while place + 7 <= len(content):
        if (room := 32768 - place % 32768) < 7:
            place += room
            continue
        size, kind = struct.unpack_from("<HB", content, place + 4)
        parts += content[place + 7 : place + 7 + size]
        place += 7 + size
        if kind in (1, 4):  # whole, or the last part
            yield parts
            parts = b""


@needs("wandb")
@pytest.mark.slow
def test_wandb_writes_offline_runs(session: Start, engine: FakeEngine, tmp_path: Path) -> None:
    from wandb.proto import wandb_internal_pb2

    session(seeds=(0,), log=("wandb",))
    files = sorted((tmp_path / "out" / "logs" / "wandb").rglob("run-*.wandb"))
    assert len(files) == 2
    key = of_variant(tmp_path / "out", "nsgan")[0].trial.key
    (own,) = (file for file in files if key in file.name)
    names = set()
    for data in entries(own.read_bytes()):
        record = wandb_internal_pb2.Record()
        record.ParseFromString(data)
        names |= {item.key or "/".join(item.nested_key) for item in record.history.item}
    assert expected(tmp_path / "out", "nsgan").keys() <= names


def test_a_trial_of_a_failed_task_has_settings_and_no_numbers(
    session: Start, engine: FakeEngine, tmp_path: Path
) -> None:
    engine.fail = {0: RuntimeError("no")}
    session(seeds=(0,))
    store = Store(tmp_path / "out")
    record = store.read(next(iter(store)))
    assert record is not None
    trial = logged(record, [])
    assert (trial.status, trial.points) == ("failed", [])
    assert trial.settings["seed"] == 0


@pytest.mark.usefixtures("pretended")
@pytest.mark.parametrize("name", loggers.LOGGERS)
def test_a_missing_package_is_said_while_planning(name: str) -> None:
    with pytest.raises(UsageError) as raised:
        loggers.check([name])
    assert str(raised.value).startswith(f"--log {name}: the package {name} is not installed")


def test_an_unknown_logger_is_refused(bench: Run) -> None:
    status, _, err = bench("run", "--suite", "ring", "--log", "tensorbord", "--dry-run")
    assert status == 2
    assert "did you mean 'tensorboard'" in err


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loggers, "check", lambda _: None)


class Full:
    """A logger whose disk is full."""

    def __init__(self, fails: str) -> None:
        self.fails, self.added = fails, 0

    def add(self, _trial: object) -> None:
        self.added += 1
        if self.fails == "add":
            raise OSError(28, "No space left on device")

    def close(self) -> None:
        if self.fails == "close":
            raise OSError(28, "No space left on device")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("fails", "added"), [("add", 1), ("close", 2)])
def test_a_logger_that_fails_ends_no_training(
    session: Start, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, fails: str, added: int
) -> None:
    made = {"tensorboard": Full(fails), "mlflow": Full("")}
    monkeypatch.setattr(hook, "_make", lambda name, folder: made[name])
    status, shown = session(seeds=(0, 1), variants=("nsgan",), pack=1, log=tuple(made))
    assert status == 0
    assert shown.count("--log tensorboard: nothing more is logged: OSError: [Errno 28] No space left") == 1
    assert [logger.added for logger in made.values()] == [added, 2], "the other one goes on"


@pytest.mark.usefixtures("installed")
def test_a_file_in_place_of_the_folder_is_said_before_training(
    session: Start, engine: FakeEngine, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "logs").touch()
    with pytest.raises(UsageError, match=r"--log mlflow: .*logs.mlflow"):
        session(log=("mlflow",))
    assert engine.jobs == []
