from __future__ import annotations

import os
import pickle

import pytest
import torch
from torch_fidelity import feature_extractor_inceptionv3 as source

from gan_bench.bench.metrics import Evaluator, MetricError
from gan_bench.bench.metrics.extractors.inception import InceptionExtractor, load


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """InceptionV3's weights file with random weights."""
    path = tmp_path_factory.mktemp("inception") / "weights.pth"
    with pytest.MonkeyPatch.context() as patch, torch.random.fork_rng():
        torch.manual_seed(0)
        patch.setattr(source, "load_state_dict_from_url", lambda *_, **__: {})
        patch.setattr(source.FeatureExtractorInceptionV3, "load_state_dict", lambda *_: None)
        network = source.FeatureExtractorInceptionV3("random", ["2048"])
    torch.save(network.state_dict(), path)
    yield path
    path.unlink()  # 96 MB


def test_scores_on_inception_have_the_plain_names(weights, stripes, monkeypatch):
    extractor = load(weights, "cpu")
    generator = torch.Generator().manual_seed(0)
    # The real network takes a second for ten images, and FID in its 2,048 dimensions ten more.
    monkeypatch.setattr(
        extractor, "_network", lambda x: [torch.rand(len(x), size, generator=generator) for size in (8, 1008)]
    )
    evaluator = Evaluator(stripes, samples=20, final_samples=20, inception=weights)
    assert evaluator.protocol["extractors"] == {"inception": extractor.sha256}
    assert evaluator.primary == "fid"
    found = {m.metric: m for m in evaluator.measure(stripes.reference("test"), final=True)}
    for name in ("fid", "is", "kid", "precision", "recall", "density", "coverage"):
        assert found[name].reason is None
    assert "no feature extractor" in found["class_kl"].reason  # Inception knows nothing of these classes


def test_shapes(weights):
    grey = torch.randint(0, 256, (2, 1, 28, 28), dtype=torch.uint8)
    found = load(weights, "cpu")(grey)
    assert found.features.shape == (2, 2048)
    assert found.logits.shape == (2, 1008)
    assert torch.equal(load(weights, "cpu")(grey.repeat(1, 3, 1, 1)).features, found.features)


def test_images_of_another_type_are_refused(weights):
    with pytest.raises(MetricError, match="Inception takes uint8 images"):
        load(weights, "cpu")(torch.zeros(1, 1, 28, 28))


def test_a_file_that_would_run_code_is_refused(tmp_path):
    class Harmful:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "harm"),)

    (tmp_path / "evil.pth").write_bytes(pickle.dumps(Harmful(), protocol=2))
    with pytest.raises(MetricError, match="is not a weights file"):
        InceptionExtractor(tmp_path / "evil.pth")
    assert not (tmp_path / "harm").exists()


def test_other_files_are_refused(tmp_path):
    with pytest.raises(MetricError, match=r"cannot read the Inception weights .*none\.pth: No such file"):
        InceptionExtractor(tmp_path / "none.pth")
    torch.save({"other": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(MetricError, match="does not hold InceptionV3's weights"):
        InceptionExtractor(tmp_path / "other.pth")
