"""Draws of a replica: they depend on its own seed only, have every row once per epoch, and are prepared."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils._pytree import tree_leaves

from gan_bench.bench.engine import feeds
from gan_bench.bench.engine.facts import data_spec
from gan_bench.bench.engine.feeds import Feeds, call_names
from gan_bench.bench.engine.readers import Order
from gan_bench.bench.engine.streams import stream
from gan_bench.datasets.scales import PIXELS
from gan_bench.datasets.sources import AlignedSource, ResidentSource
from gan_bench.spaces import Space
from gan_bench.variants import Noise, Player, Round
from tests.toys import ToyData, ToyGame
from tests.training import dataset

CPU = torch.device("cpu")
ELEMENTS, LONGEST = feeds.CHUNKS["cpu"]


class Reading(ToyGame):
    """Reads one stream and one noise, twice in the first round."""

    stream = "real"

    def noise(self):
        return {"z": Noise((3,))}

    def players(self):
        return [Player("a", ("x",), lambda play: play.noise["z"].sum(), critic=True)]

    def rounds(self):
        draws = {"streams": (self.stream,), "noise": ("z",)}
        return [Round(("a",), repeat=2, **draws), Round(("a",), **draws)]


class Labelled(Reading):
    stream = "labelled"


def make(data, seeds=(0,), *, solo=False, game=Reading, dtype=torch.float32, batch_size=4):
    played = game(data_spec(data), None)
    return Feeds(played, data, seeds, batch_size, device=CPU, dtype=dtype, solo=solo)


def take(feed, iterations, kind="real"):
    """All batches (or noise) of some iterations, in order: [draws, ...]."""
    draws = []
    for _, iteration in zip(range(iterations), feed, strict=False):
        for repeats in iteration:
            draws += [batch[kind] if kind in batch else noise[kind] for batch, noise in repeats]
    return torch.stack(draws)


def numbered(rows=10):
    return ToyData(real=torch.arange(float(rows))[:, None])


@given(length=st.integers(1, 20), counts=st.lists(st.integers(0, 30), min_size=1, max_size=6))
def test_an_order_is_one_permutation_per_epoch(length, counts):
    order = Order(length, torch.Generator().manual_seed(0))
    read = torch.cat([order.take(count) for count in counts]).numpy()
    assert len(read) == sum(counts)
    for start in range(0, len(read), length):
        epoch = read[start : start + length]
        assert len(np.unique(epoch)) == len(epoch)
        assert ((epoch >= 0) & (epoch < length)).all()


def test_epochs_differ_and_do_not_depend_on_how_much_is_taken_at_once():
    at_once = Order(50, torch.Generator().manual_seed(3)).take(200)
    bit_by_bit = Order(50, torch.Generator().manual_seed(3))
    assert torch.equal(at_once, torch.cat([bit_by_bit.take(n) for n in (1, 49, 50, 70, 30)]))
    assert not torch.equal(at_once[:50], at_once[50:100])


def test_every_row_is_read_once_per_epoch_across_chunks(monkeypatch):
    monkeypatch.setitem(feeds.CHUNKS, "cpu", (ELEMENTS, 2))
    feed = make(numbered(), solo=True)
    assert feed.chunk == 2
    read = take(feed, 10).flatten()  # 3 draws of 4 rows in each of 10 iterations
    generator = stream(0, "data", "real")
    epochs = torch.cat([torch.randperm(10, generator=generator) for _ in range(12)])
    assert torch.equal(read, epochs.float())


def test_noise_continues_across_chunks(monkeypatch):
    monkeypatch.setitem(feeds.CHUNKS, "cpu", (ELEMENTS, 2))
    drawn = take(make(numbered(), solo=True), 4, "z")
    generator = stream(0, "noise", "z")
    by_hand = torch.cat([Noise((3,)).draw(6, 4, generator) for _ in range(2)])
    assert torch.equal(drawn, by_hand)


@pytest.mark.parametrize("kind", ["real", "z"])
@pytest.mark.parametrize("data", ["numbered", "ring"])
def test_a_replicas_draws_depend_on_its_seed_alone(kind, data):
    source = numbered() if data == "numbered" else dataset("ring")
    alone = take(make(source, (5,), solo=True), 70, kind)
    packed = take(make(source, (5,)), 70, kind)
    third = take(make(source, (8, 9, 5, 1)), 70, kind)
    assert torch.equal(alone, packed[:, 0])
    assert torch.equal(alone, third[:, 2])
    assert not torch.equal(third[:, 2], third[:, 3])


def test_the_chunk_does_not_depend_on_the_number_of_replicas():
    images = dataset("digits")
    lengths = {make(images, range(k), batch_size=64).chunk for k in (1, 2, 16)}
    assert len(lengths) == 1
    assert 1 <= lengths.pop() < LONGEST  # images are large: the chunk is bounded by its elements
    assert make(numbered()).chunk == LONGEST
    assert make(ToyData(real=torch.zeros(2, 2**19))).chunk == 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_images_are_gathered_as_bytes_and_prepared(dtype):
    data = dataset("digits")
    source = data.stream("real")
    batch = take(make(data, (0, 1), dtype=dtype), 1)
    assert batch.dtype == dtype
    assert batch.shape == (3, 2, 4, 1, 28, 28)
    rows = torch.randperm(len(source), generator=stream(1, "data", "real"))[:12]
    expected = source.gather(rows).numpy().astype(np.float64) / 127.5 - 1
    assert batch[:, 1].reshape(12, 1, 28, 28).numpy() == pytest.approx(expected, abs=1e-6)
    assert batch.min() == -1.0


def test_fields_are_read_at_the_same_rows_and_labels_stay_integers():
    labels = torch.arange(10)
    fields = {"real": ResidentSource(labels[:, None].to(torch.uint8)), "label": ResidentSource(labels)}
    data = ToyData(real=torch.zeros(10, 1), labelled=AlignedSource(fields))
    feed = make(data, (0, 1), game=Labelled, dtype=torch.float64)
    batch = next(iter(feed))[0][0][0]["labelled"]
    assert batch["real"].dtype == torch.float64
    assert batch["label"].dtype == torch.int64
    assert batch["real"].shape == (2, 4, 1)
    assert torch.equal(batch["real"][..., 0], batch["label"].double())


class Paired(Reading):
    stream = "pairs"


@pytest.mark.parametrize("solo", [True, False])
def test_fields_of_a_pair_have_their_own_shapes_and_scales_and_share_rows(solo):
    row = torch.arange(6)
    fields = {
        "outline": row.reshape(6, 1, 1, 1).repeat(1, 1, 2, 2).to(torch.uint8),
        "photo": 100.0 + row.reshape(6, 1, 1, 1).repeat(1, 3, 4, 4),
        "count": 10 * row[:, None],  # whole numbers that are no labels
        "map": row.reshape(6, 1, 1).repeat(1, 2, 2),
    }
    sources = AlignedSource({name: ResidentSource(rows) for name, rows in fields.items()})
    spaces = {"map": Space((2, 2), classes=6), "outline": Space((1, 2, 2), (-1.0, 1.0))}
    data = ToyData(real=torch.zeros(6, 1), pairs=sources, spaces=spaces)
    data.scales = {"outline": PIXELS}
    feed = make(data, (3,) if solo else (3, 4), solo=solo, game=Paired, dtype=torch.float64)
    batch = next(iter(feed))[0][0][0]["pairs"]
    lead = (4,) if solo else (2, 4)
    assert {name: rows.shape for name, rows in batch.items()} == {
        "outline": (*lead, 1, 2, 2), "photo": (*lead, 3, 4, 4), "count": (*lead, 1), "map": (*lead, 2, 2)
    }  # fmt: skip
    rows = batch["map"][..., 0, 0]
    assert rows.dtype == torch.int64
    assert batch["count"].dtype == torch.float64
    assert torch.equal(batch["count"][..., 0], 10.0 * rows)
    assert torch.equal(batch["photo"][..., 0, 0, 0], 100.0 + rows)
    torch.testing.assert_close(batch["outline"][..., 0, 0, 0], rows.double() / 127.5 - 1)
    first = batch["map"] if solo else batch["map"][0]
    order = torch.cat(
        [torch.randperm(6, generator=g) for g in [stream(3, "data", "pairs")] for _ in range(2)]
    )
    assert torch.equal(first[..., 0, 0], order[:4]), "one order for the whole stream, of its own name"


def test_a_split_smaller_than_the_batch_is_read_in_epochs():
    """No row is read a second time more often than another; five batches of 16 are 16 epochs of 5 rows."""
    read = take(make(numbered(5), batch_size=16, solo=True), 5)[:5].flatten().int()
    for count in (1, 16, 17, 32, 79):
        times = read[:count].bincount(minlength=5)
        assert times.max() - times.min() <= 1
    assert read.bincount().tolist() == [16] * 5


def test_labels_beside_images_leave_the_chunk_as_it_is_and_every_other_field_counts():
    digits = dataset("digits")
    chunks = [make(digits, game=game, batch_size=8).chunk for game in (Reading, Labelled)]
    noise, uses = 3, 3
    assert chunks == [ELEMENTS // (8 * uses * (28 * 28 + noise))] * 2
    sources = {
        "low": ResidentSource(torch.zeros(4, 1, 9, 9)),
        "high": ResidentSource(torch.zeros(4, 1, 18, 18)),
    }
    pairs = ToyData(real=torch.zeros(4, 1), pairs=AlignedSource(sources))
    found = make(pairs, game=Paired, batch_size=16).chunk
    assert found == ELEMENTS // (16 * uses * (81 + 324 + noise))


def test_toy_samples_of_float64_training_are_those_of_float32():
    single = take(make(dataset("ring"), solo=True), 2)
    double = take(make(dataset("ring"), solo=True, dtype=torch.float64), 2)
    assert torch.equal(single.double(), double)


def test_nothing_is_drawn_from_the_global_generator():
    before = torch.get_rng_state()
    take(make(dataset("ring"), (0, 1)), 3)
    take(make(numbered(), (0, 1)), 3)
    assert torch.equal(before, torch.get_rng_state())


def test_calls_of_stochastic_networks():
    owned = {"critic.2": Noise((4,), "bernoulli"), "generator.1": Noise((4,), "bernoulli")}
    assert call_names(owned, {"critic": 2, "generator": 1}) == ["critic.2.0", "critic.2.1", "generator.1.0"]
    assert call_names(owned, {"generator": 1}) == ["generator.1.0"]


@pytest.mark.parametrize("first", [(), (Round(("a",), streams=("real",)),)])
def test_what_the_round_before_does_not_have_cannot_be_shared(first):
    class Mistaken(Reading):
        def rounds(self):
            return [*first, Round(("a",), streams=("real",), noise=("z",), shares=("real", "z"))]

    with pytest.raises(ValueError, match=rf"round {len(first) + 1} shares .*'z', which the round before it"):
        make(numbered(), game=Mistaken)


def test_one_noise_may_be_shared_and_another_drawn_anew():
    class Mixed(Reading):
        def noise(self):
            return {"z": Noise((3,)), "w": Noise((3,))}

        def rounds(self):
            draws = {"streams": ("real",), "noise": ("z", "w")}
            return [Round(("a",), **draws), Round(("a",), **draws, shares=("z",))]

    (first,), (second,) = next(iter(make(numbered(), game=Mixed)))
    assert torch.equal(first[1]["z"], second[1]["z"])
    assert not torch.equal(first[1]["w"], second[1]["w"])
    assert not torch.equal(first[0]["real"], second[0]["real"])


def test_every_noise_and_stream_of_a_replica_is_drawn_once_per_chunk(monkeypatch):
    """On a GPU each draw is a launch, and chunks are longer there."""
    drawn = []
    draw, take = Noise.draw, Order.take
    monkeypatch.setattr(Noise, "draw", lambda *args: drawn.append("noise") or draw(*args))
    monkeypatch.setattr(Order, "take", lambda *args: drawn.append("stream") or take(*args))
    for chunk in (LONGEST, 4 * LONGEST):
        monkeypatch.setitem(feeds.CHUNKS, "cpu", (ELEMENTS, chunk))
        drawn.clear()
        feed = make(numbered(), (0, 1))
        for _, _ in zip(range(chunk), feed, strict=False):
            pass
        assert (feed.chunk, sorted(drawn)) == (chunk, ["noise", "noise", "stream", "stream"])
    assert all(on_gpu > here for on_gpu, here in zip(feeds.CHUNKS["cuda"], feeds.CHUNKS["cpu"], strict=True))


@pytest.mark.parametrize("game", [Reading, Labelled])
@pytest.mark.parametrize("position", [0, 1, 5, 6, 7, 13])
def test_feeds_continue_where_others_stand(monkeypatch, game, position):
    """Chunks of 6 iterations, epochs of 10 rows, batches of 4: they end within each other."""
    monkeypatch.setattr(feeds, "CHUNKS", {"cpu": (2**18, 6)})
    data = (
        numbered()
        if game is Reading
        else ToyData(
            labelled=AlignedSource(
                {
                    "image": ResidentSource(torch.arange(10.0)[:, None]),
                    "label": ResidentSource(torch.arange(10)),
                }
            )
        )
    )
    one, other = make(data, (0, 1), game=game), make(data, (0, 1), game=game)
    drawn = iter(one)
    for _ in range(position):
        next(drawn)
    start, at = one.state()
    other.load({name: tensor.clone() for name, tensor in start.items()}, at)
    again = iter(other)
    for _ in range(20):
        for mine, theirs in zip(tree_leaves(next(drawn)), tree_leaves(next(again)), strict=True):
            assert torch.equal(mine, theirs)


def test_feeds_refuse_the_state_of_other_draws():
    with pytest.raises(ValueError, match="number of replicas"):
        make(numbered(), (0, 1)).load(*make(numbered()).state())
