"""Frozen networks: loaded from a file, shared, and never trained."""

import hashlib

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from gan_bench.bench.engine.train import Trainer
from gan_bench.spaces import Space
from gan_bench.variants import Frozen, Player, Round, ability
from gan_bench.variants.networks.layers import Stack
from gan_bench.variants.networks.norms import BatchNorm
from tests.contract.interface.playing import LR, play
from tests.toys import ToyGame, numbers, ones, value
from tests.training import both_ways, make_job


def frozen_game(module, file, sha256):
    class WithFrozen(ToyGame):
        """x is pulled along what a fixed network says of the data."""

        starts = {"x": 0.0}

        def networks(self, build):
            return super().networks(build) | {"features": Frozen(module(build), file, sha256)}

        def players(self):
            def loss(play):
                return value(play.x) * play.features(play.batch["real"]).mean()

            return [Player("a", ("x",), loss, critic=True)]

        def rounds(self):
            return [Round(("a",), streams=("real",))]

        @ability(inputs=("real",))
        def describe(self, play):
            return play.features(play.batch["real"])

    return WithFrozen


@pytest.fixture
def frozen_file(tmp_path):
    file = tmp_path / "features.safetensors"
    save_file({"weight": torch.tensor([[2.0]]), "bias": torch.tensor([0.5])}, file)
    return file, hashlib.sha256(file.read_bytes()).hexdigest()


@both_ways
def test_a_frozen_network_is_loaded_shared_and_not_trained(toy, seeds, frozen_file):
    game = frozen_game(lambda build: nn.Linear(1, 1), *frozen_file)
    trainer = play(toy(game), seeds=seeds, iterations=4)
    assert numbers(trainer, len(seeds) - 1)["x"] == pytest.approx(-LR * 4 * 2.5)
    assert trainer.outcome(0).parameters == {"x": 1}
    features = trainer.replicas.frozen["features"]
    assert features.weight.shape == (1, 1)
    assert features.weight.item() == 2.0
    described = trainer.models(1.0)[-1].apply("describe", 3, {"real": torch.full((3, 1), 4.0).double()})
    assert described.flatten().tolist() == [8.5] * 3


def test_a_frozen_network_may_come_from_the_architecture(toy, tmp_path):
    def module(build):
        return build.encoder(Space((1,)), makes=Space((1,)))

    file = tmp_path / "critic.safetensors"
    state = {"0.weight": torch.tensor([[3.0]]), "0.bias": torch.tensor([1.0])}
    save_file(state, file)
    game = frozen_game(module, file, hashlib.sha256(file.read_bytes()).hexdigest())
    trainer = play(toy(game), iterations=1, architecture={"family": "mlp", "hidden": []})
    assert numbers(trainer)["x"] == pytest.approx(-LR * 4.0)


def test_a_frozen_networks_statistics_stay_what_they_are(toy, tmp_path):
    """A classifier with BatchNorm, evaluated beside a generator whose own BatchNorm is being calibrated."""
    classifier = nn.Sequential(nn.BatchNorm1d(1), nn.Dropout(0.5))
    classifier[0].running_mean.fill_(7.0)
    file = tmp_path / "classifier.safetensors"
    save_file(classifier.state_dict(), file)
    base = frozen_game(lambda build: classifier, file, hashlib.sha256(file.read_bytes()).hexdigest())

    class Calibrated(base):
        def networks(self, build):
            return super().networks(build) | {"y": Stack(BatchNorm(1))}

        @ability(inputs=("real",))
        def describe(self, play):
            return play.features(play.y(play.batch["real"]))

    trainer = play(toy(Calibrated), iterations=1)
    model = trainer.models(1.0)[0]
    points = torch.randn(50, 1, dtype=torch.float64)
    first, second = (model.apply("describe", 50, {"real": points}) for _ in range(2))
    assert trainer.replicas.frozen["features"][0].running_mean.item() == 7.0
    assert torch.equal(first, second)
    normalised = (points - points.mean()) / (points.var() + 1e-5).sqrt()
    assert torch.allclose(first, (normalised - 7.0) / (1 + 1e-5) ** 0.5)


def test_a_frozen_network_with_the_wrong_hash_is_refused(toy, frozen_file):
    file, sha256 = frozen_file
    game = frozen_game(lambda build: nn.Linear(1, 1), file, "0" * 64)
    with pytest.raises(ValueError, match=rf"features.*{file.name} has SHA-256 {sha256}, expected 0000"):
        Trainer(make_job(toy(game)), ones())


def test_a_file_of_torch_save_may_hold_more_than_the_network(toy, tmp_path):
    """As torchvision's: the first digits of the hash are known, and the classifier is not needed."""
    file = tmp_path / "features.pth"
    torch.save({"weight": torch.tensor([[2.0]]), "bias": torch.tensor([0.5]), "head": torch.zeros(3)}, file)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    game = frozen_game(lambda build: nn.Linear(1, 1), file, sha256[:8])
    assert numbers(play(toy(game), iterations=4))["x"] == pytest.approx(-LR * 4 * 2.5)


def test_a_frozen_file_without_a_tensor_of_the_network_is_refused(toy, tmp_path):
    file = tmp_path / "features.safetensors"
    save_file({"weight": torch.tensor([[2.0]])}, file)
    game = frozen_game(lambda build: nn.Linear(1, 1), file, hashlib.sha256(file.read_bytes()).hexdigest())
    with pytest.raises(ValueError, match=r"features: .*features\.safetensors has no tensor 'bias'"):
        Trainer(make_job(toy(game)), ones())
