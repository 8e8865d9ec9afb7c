"""Scores of two folders against torch-fidelity's own function on the same folders and features."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch_fidelity
from PIL import Image
from rich.console import Console
from torch_fidelity.feature_extractor_base import FeatureExtractorBase

from gan_bench import datasets
from gan_bench.bench.evaluation.request import Request
from gan_bench.bench.evaluation.session import evaluate
from gan_bench.bench.metrics.extractors import extractor
from gan_bench.bench.metrics.fidelity import KID_SUBSETS

COUNT = 120


class Shipped(FeatureExtractorBase):
    """The extractor of MNIST for torch-fidelity, which reads all files as colour."""

    def __init__(self, name, features_list, **_):
        super().__init__(name, features_list)

    @staticmethod
    def get_provided_features_list():
        return "features", "logits"

    @staticmethod
    def get_default_feature_layer_for_metric(metric):
        return "logits" if metric == "isc" else "features"

    @staticmethod
    def can_be_compiled():
        return False

    @staticmethod
    def get_dummy_input_for_compile():
        return torch.zeros(1, 3, 28, 28, dtype=torch.uint8)

    def forward(self, images):
        found = extractor("lenet28")(images[:, :1].cpu())
        return tuple(
            {"features": found.features, "logits": found.logits}[name] for name in self.features_list
        )


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    base = tmp_path_factory.mktemp("images")
    rows = datasets.load("digits").stream("real", "train").gather(torch.arange(2 * COUNT))
    for number, row in enumerate(rows.numpy()):
        folder = base / ("one" if number % 2 else "other")
        folder.mkdir(exist_ok=True)
        Image.fromarray(row[0]).save(folder / f"{number}.png")
    return base / "one", base / "other"


def test_two_folders_have_torch_fidelitys_scores(folders: tuple[Path, Path], monkeypatch) -> None:
    registry = torch_fidelity.registry.FEATURE_EXTRACTORS_REGISTRY
    monkeypatch.setitem(registry, "shipped", Shipped)
    one, other = folders
    theirs = torch_fidelity.calculate_metrics(
        input1=str(one), input2=str(other), feature_extractor="shipped", cuda=False, batch_size=COUNT,
        fid=True, kid=True, isc=True, prc=True, kid_subsets=KID_SUBSETS, kid_subset_size=COUNT // 2,
        save_cpu_ram=True, verbose=False, cache=False,
    )  # fmt: skip
    request = Request(one, dataset=str(other), extractor="lenet28", halves=0, device="cpu")
    frame = evaluate(request, Console(quiet=True)).set_index("metric")["value"]
    for ours, name in {
        "fid_lenet28": "frechet_inception_distance",
        "kid_lenet28": "kernel_inception_distance_mean",
        "is_lenet28": "inception_score_mean",
        "precision_lenet28": "precision",
        "recall_lenet28": "recall",
    }.items():
        assert frame[ours] == pytest.approx(theirs[name], rel=1e-6, abs=1e-6), ours
