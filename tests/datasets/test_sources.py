from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_bench.datasets import AlignedSource, ResidentSource, StreamingSource

ROWS = torch.arange(7 * 2 * 3, dtype=torch.uint8).reshape(7, 2, 3)


def streaming(rows: torch.Tensor = ROWS) -> StreamingSource:
    return StreamingSource(rows.numpy().__getitem__, len(rows), rows.shape[1:])


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), min_size=4, max_size=4), min_size=1, max_size=5))
def test_both_sources_gather_what_plain_indexing_gives(indices):
    wanted = torch.tensor(indices)
    for source in (ResidentSource(ROWS), streaming()):
        batch = source.gather(wanted)
        assert batch.dtype == torch.uint8
        assert torch.equal(batch, ROWS[wanted])


@pytest.mark.parametrize("source", [ResidentSource(ROWS), streaming()])
def test_indices_may_have_any_shape(source):
    assert len(source) == 7
    assert source.shape == (2, 3)
    for shape in [(), (0,), (5,), (2, 3), (2, 1, 4)]:
        assert source.gather(torch.zeros(shape, dtype=torch.long)).shape == (*shape, 2, 3)


@pytest.mark.parametrize("source", [ResidentSource(ROWS), streaming()])
@pytest.mark.parametrize("index", [-1, 7])
def test_an_index_out_of_range_is_refused(source, index):
    with pytest.raises((IndexError, RuntimeError)):
        source.gather(torch.tensor([0, index]))


@pytest.mark.filterwarnings("ignore:Warning. Profiler clears")
def test_a_resident_source_gathers_by_one_index_select():
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        ResidentSource(ROWS).gather(torch.zeros(2, 3, dtype=torch.long))
    calls = {event.key: event.count for event in profile.key_averages()}
    assert calls["aten::index_select"] == 1
    assert not {"aten::_to_copy", "aten::copy_", "aten::index"} & set(calls)


def test_a_resident_source_moves_only_when_it_must():
    source = ResidentSource(ROWS)
    assert source.to("cpu") is source
    assert source.to("meta").device.type == "meta"
    assert source.device.type == "cpu"


def test_a_streaming_source_asks_for_distinct_rows_in_ascending_order():
    asked = []

    def read(rows):
        asked.append(rows.tolist())
        return ROWS.numpy()[rows]

    StreamingSource(read, 7, (2, 3)).gather(torch.tensor([[5, 1], [5, 0]]))
    assert asked == [[0, 1, 5]]


def test_a_streaming_source_reads_a_memory_mapped_file(tmp_path):
    np.save(tmp_path / "rows.npy", ROWS.numpy())
    source = StreamingSource.open(tmp_path / "rows.npy")
    assert (len(source), source.shape) == (7, (2, 3))
    assert torch.equal(source.gather(torch.tensor([6, 2, 6])), ROWS[[6, 2, 6]])


def test_pickled_objects_are_never_opened(tmp_path):
    np.save(tmp_path / "objects.npy", np.array([{}, {}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="Python objects"):
        StreamingSource.open(tmp_path / "objects.npy")


def test_aligned_fields_stay_aligned():
    labels = torch.arange(7)
    source = AlignedSource({"real": streaming(), "label": ResidentSource(labels)})
    wanted = torch.tensor([[3, 3], [0, 6]])
    batch = source.gather(wanted)
    assert len(source) == 7
    assert {name: field.shape for name, field in source.fields.items()} == {"real": (2, 3), "label": ()}
    assert torch.equal(batch["real"], ROWS[wanted])
    assert torch.equal(batch["label"], wanted)
    assert source.to("cpu").gather(wanted).keys() == {"real", "label"}


def test_fields_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="one length"):
        AlignedSource({"real": ResidentSource(ROWS), "label": ResidentSource(torch.arange(6))})
