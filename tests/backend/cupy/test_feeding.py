"""Batches on their way to the device: none is read before it is there, or written to too early."""

import gc

import numpy as np
import pytest

from dezero.backend import backend_of, no_sync, transfers
from dezero.backend.cupy import feeding
from dezero.backend.cupy import loading as room
from dezero.backend.cupy.feeding import DEPTH, FORMS, Feeder, fed, feeder
from dezero.backend.cupy.streams import STREAMS
from dezero.dataloaders import DataLoader, SeqDataLoader
from tests.backend.cupy import fake_runtime as runtime
from tests.backend.cupy.fake_stream import FAKE, Array, Stream, fake_stream
from tests.strict_device import strict_gpu


@pytest.fixture
def gpu(monkeypatch):
    with fake_stream(monkeypatch) as device:
        yield device


def batch(i, n=4):
    return [np.full((n, 3), i, "f4"), np.arange(n) + i]


def walk(sender, steps=12, size=4):
    """Send batches and compute with each as a training does; return what was computed."""
    total, current = FAKE.from_host(np.zeros(3)), []
    for i in range(steps):
        current = sender.send(batch(i, size(i) if callable(size) else size))
        x, t = current
        total += x.sum(axis=0) * t.sum()
    return total.get().tolist()


def expected(steps=12, size=4):
    parts = [batch(i, size(i) if callable(size) else size) for i in range(steps)]
    return sum(x.sum(axis=0) * t.sum() for x, t in parts).tolist()


@pytest.mark.parametrize("size", [4, lambda i: 2 if i % 5 == 4 else 4, lambda i: i % 7 + 1])
def test_batches_arrive_in_time_and_in_order(gpu, size):
    sender = Feeder(FAKE.xp)
    assert walk(sender, 40, size) == expected(40, size)
    sender.rest()
    assert not gpu.flights


def test_what_no_pinned_memory_can_hold_goes_by_itself(gpu):
    sender = Feeder(FAKE.xp)
    for arrays in ([np.zeros((0, 3), "f4"), np.arange(2)], [np.arange(3, dtype=">f4")]):
        there = sender.send(arrays)
        assert [a.get().tolist() for a in there] == [a.tolist() for a in arrays]
    assert not sender._rings


def test_memory_takes_turns_and_no_more(gpu):
    sender = Feeder(FAKE.xp)
    walk(sender, 30)
    (ring,) = sender._rings.values()
    assert len(ring) == DEPTH
    for n in range(FORMS + 2):
        walk(sender, 5, n + 1)
    assert len(sender._rings) == FORMS


def test_a_copy_goes_beside_the_step_before(gpu, monkeypatch):
    sender, waited = Feeder(FAKE.xp), []
    real = Stream.wait_event
    walk(sender, 6)
    ours = gpu.current

    def wait_event(stream, event):
        if stream is sender.copies:
            waited.append(event.clock[ours.number])
        real(stream, event)

    monkeypatch.setattr(Stream, "wait_event", wait_event)
    for i in range(4):
        last = ours.tick
        x, _ = sender.send(batch(i))
        assert waited[-1] < last  # not for what was launched last
        x * 2


def test_what_somebody_keeps_is_not_written_to(gpu):
    sender = Feeder(FAKE.xp)
    kept = [sender.send(batch(i)) for i in range(9)]
    views = [sender.send(batch(i))[0][1:] for i in range(9)]
    walk(sender)
    for i, (x, t) in enumerate(kept):
        assert (x.get() == i).all() and t.get().tolist() == (np.arange(4) + i).tolist()
    for i, view in enumerate(views):
        assert (view.get() == i).all()


def test_what_the_host_writes_meanwhile_is_not_sent(gpu):
    sender, x = Feeder(FAKE.xp), np.zeros((4, 3), "f4")
    for i in range(8):
        x[...] = i
        (there,) = sender.send([x])
        x[...] = -1
        assert (there.get() == i).all()


def no_host_wait(patch):
    patch.setattr(runtime.Event, "synchronize", lambda e: None)


def no_wait_of_the_step(patch):
    real = Stream.wait_event
    patch.setattr(Stream, "wait_event", lambda s, e: s.number and real(s, e))


def no_wait_of_the_copy(patch):
    real = Stream.wait_event
    patch.setattr(Stream, "wait_event", lambda s, e: s.number or real(s, e))


def let_go_early(patch):
    def let_go(slot, stream, turn):
        slot.passed, slot.turn = runtime.Event(), turn

    patch.setattr(feeding._Slot, "let_go", let_go)


FAULTS = {
    no_host_wait: "pinned memory is used again before its copy was waited for",
    no_wait_of_the_step: "race: another stream",
    no_wait_of_the_copy: "race: another stream",
    let_go_early: "race: another stream",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_refused(gpu, monkeypatch, fault):
    with monkeypatch.context() as patch:
        fault(patch)
        sender = Feeder(FAKE.xp)
        with pytest.raises(AssertionError, match=FAULTS[fault]):
            walk(sender)
        gpu.reset()


def test_pinned_memory_that_goes_or_changes_too_early_is_refused(gpu, monkeypatch):
    gc.collect()  # streams of earlier tests, which would wait for all there is
    everything = {number: 10**9 for number in range(9)}
    gc.collect()  # what other tests have left goes now, not below
    sender = Feeder(FAKE.xp)
    sender.send(batch(0))
    with monkeypatch.context() as patch:
        patch.setattr(Stream, "synchronize", lambda s: None)
        sender.rest()
        with pytest.raises(AssertionError, match="was let go of before its copy was done"):
            gpu.land(everything)
    gpu.reset()
    pinned, there = gpu.new_pinned(3), FAKE.from_host(np.zeros(3))
    pinned[...] = 1
    there.set(pinned, Stream(non_blocking=True))
    pinned[...] = 2
    with pytest.raises(AssertionError, match="was written to before its copy was done"):
        gpu.land(everything)


def test_copies_are_counted_and_refused_as_others(gpu):
    sender = Feeder(FAKE.xp)
    with transfers() as moved:
        sender.send(batch(0))
    assert moved.from_host == 2 and moved.from_host_bytes == 4 * 3 * 4 + 4 * 8
    with no_sync(sending=False), pytest.raises(RuntimeError, match="from_host: expected nothing"):
        sender.send(batch(0))


@pytest.mark.parametrize("odd", [np.zeros((0, 3)), np.arange(3, dtype=">i4"), np.arange(6.0)[::2]])
def test_odd_arrays_arrive_too(gpu, odd):
    (there,) = Feeder(FAKE.xp).send([odd])
    assert type(there) is Array and there.get().tolist() == odd.tolist()


def test_a_forked_process_is_refused(gpu, monkeypatch):
    monkeypatch.setattr(room, "_owner", [-1])
    with pytest.raises(RuntimeError, match="fit: expected the process that began to use the GPU"):
        feeder(FAKE, "fit")
    loader = DataLoader(np.arange(8.0), 2, gpu=True)
    with pytest.raises(RuntimeError, match="DataLoader: expected the process that began to use"):
        next(iter(loader))


def test_without_streams_there_is_no_feeder():
    assert feeder(backend_of(X), "fit") is None
    with strict_gpu() as backend:
        assert feeder(backend, "fit") is None
        STREAMS["cuda"] = Feeder  # of another device of this name
        assert feeder(backend, "fit") is None
        batches = list(fed(iter([(np.arange(3), None)]), backend, "fit"))
        assert batches[0][0].get().tolist() == [0, 1, 2] and batches[0][1] is None


X, T = np.arange(40, dtype="f4").reshape(20, 2), np.arange(20)


@pytest.mark.parametrize("prefetch", [0, 2])
def test_a_loader_sends_its_batches(gpu, prefetch):
    options = {"seed": 3, "prefetch": prefetch}
    plain = [(x.tolist(), t.tolist()) for x, t in DataLoader((X, T), 3, **options)]
    loader = DataLoader((X, T), 3, gpu=True, **options)
    found = list(loader)  # kept, all of them
    assert [(x.get().tolist(), t.get().tolist()) for x, t in found] == plain
    assert not gpu.flights
    for _ in loader:
        break
    gc.collect()
    assert not gpu.flights


def test_a_loader_of_dicts_and_of_arrays_that_are_there(gpu):
    class Named:
        def __len__(self):
            return 6

        def __getitem__(self, i):
            return {"x": X[i], "no": i}

    first = next(iter(DataLoader(Named(), 3, shuffle=False, gpu=True)))
    assert first["x"].get().tolist() == X[:3].tolist() and first["no"].get().tolist() == [0, 1, 2]
    there = FAKE.from_host(X), FAKE.from_host(T)
    for gpu_wanted in (False, True):
        loader = DataLoader(there, 3, seed=3, gpu=gpu_wanted)
        assert [t.get().tolist() for _, t in loader] == [
            t.tolist() for _, t in DataLoader((X, T), 3, seed=3)
        ]
        rows = next(iter(SeqDataLoader(there[1], 4, gpu=gpu_wanted)))
        assert rows.get().tolist() == [0, 5, 10, 15]
    with pytest.raises(TypeError, match="DataLoader: expected arrays on one device, got"):
        DataLoader((there[0], T), 3)


def test_an_error_leaves_nothing_on_its_way(gpu):
    def broken():
        yield X[:4]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        for _ in fed(broken(), FAKE, "fit"):
            pass
    assert not gpu.flights
    sender = Feeder(FAKE.xp)
    sender.send(batch(0))
    del sender
    gc.collect()
    assert not gpu.flights
