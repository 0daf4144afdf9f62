"""When a step runs as it is, when it is captured, and when a capture is given up."""

import gc
import weakref

import numpy as np
import pytest

from dezero.backend.capture import GraphCaptureError, recording, rehearsal
from dezero.backend.cupy.graph import RESTLESS, SEEN, Driver
from dezero.backend.cupy.streams import CupyStreams
from tests.backend.cupy.fake_stream import FAKE, fake_stream


class Place:
    """A world of one array that steps add to."""

    def __init__(self):
        self.x = FAKE.from_host(np.zeros(2))
        self.extra, self.count, self.fault = [], 0, ""

    def state(self):
        return [self.x, *self.extra]

    def snapshot(self):
        count = self.count
        return lambda: setattr(self, "count", count)

    def guard(self):
        pass

    def check(self):
        if self.fault:
            raise GraphCaptureError(self.fault)

    def results(self):
        return lambda: None


class Call:
    def __init__(self, place, x, key="a"):
        self.place, self.arrays, self.key, self.signature = place, [x], key, key

    def run(self, arrays):
        place = self.place
        taken = recording()
        number = 1.0 + place.count
        if taken is not None:
            number = taken.rates({"n": number}, self.later)["n"]
        elif rehearsal() is not None:
            number = rehearsal().rates({"n": number})["n"]
        place.count += 1
        place.x += arrays[0] * number
        return place.x

    def later(self):
        place, before = self.place, self.place.count
        place.count += 1
        if place.extra == ["fail"]:
            raise ValueError("no rate")
        return {"n": 1.0 + before}, lambda: setattr(place, "count", before)


@pytest.fixture
def world(monkeypatch):
    with fake_stream(monkeypatch):
        yield Place()


def driver(world, reasons=None, warmup=2, limit=4):
    reasons = [] if reasons is None else reasons
    return Driver(
        CupyStreams(),
        world,
        warmup=warmup,
        limit=limit,
        explain=str,
        refused=lambda reason, error: reasons.append(reason),
    )


def run(drive, world, steps, key="a"):
    return [drive(Call(world, FAKE.from_host(np.ones(2)), key))[1] for _ in range(steps)]


def test_warm_up_calls_capture_and_replays_are_all_updates(world):
    drive = driver(world)
    assert run(drive, world, 6) == [False, False, True, True, True, True]
    assert world.x.get().tolist() == [21, 21] and world.count == 6


def test_each_key_runs_as_it_is_before_it_is_captured(world):
    drive = driver(world)
    run(drive, world, 2)
    call = Call(world, FAKE.from_host(np.ones(2)), "b")
    call.signature = "a"  # the same arguments in another mode, whose kernels are met first
    assert [drive(call)[1] for _ in range(3)] == [False, True, True]
    assert list(drive.graphs) == ["b"] and world.x.get().tolist() == [15, 15]


def test_another_state_makes_it_begin_again(world):
    drive = driver(world)
    run(drive, world, 4)
    world.x = world.x.copy()
    assert run(drive, world, 3) == [False, True, True]
    assert world.x.get().tolist() == [28, 28]


def test_a_graph_that_is_given_up_leaves_nothing_to_the_collector(world):
    drive = driver(world)
    run(drive, world, 4)
    recording = weakref.ref(drive.graphs["a"].recording)
    gc.disable()
    try:
        drive.reset()
        assert recording() is None
    finally:
        gc.enable()


def test_not_before_the_state_has_settled(world):
    drive, reasons = driver(world, reasons := []), reasons
    seen = []
    for _ in range(RESTLESS + 3):
        world.x = world.x.copy()
        seen += run(drive, world, 1)
    assert not any(seen) and len(reasons) == 1
    assert "not the same in any two calls" in reasons[0]
    drive.reset()
    assert run(drive, world, 3) == [False, False, True]


def test_a_limit_of_graphs_and_of_what_is_remembered(world):
    drive = driver(world, limit=2)
    for key in "abc":
        run(drive, world, 4, key)
    assert list(drive.graphs) == ["a", "b"]
    for key in range(2 * SEEN):
        drive._calls[key] = drive._keys[key] = 1
        drive.reasons[key] = "why"
    drive.graphs.clear()
    run(drive, world, 2, "new")
    assert "new" in drive._calls
    world.fault = "never"
    run(drive, world, 1, "new")
    assert drive.reasons.pop("new") == "never" and 0 not in drive.reasons


def test_what_cannot_be_is_remembered(world):
    reasons = []
    drive = driver(world, reasons)
    world.fault = "it moves"
    assert not any(run(drive, world, 6)) and reasons == ["it moves"]
    assert world.x.get().tolist() == [21, 21] and world.count == 6


def test_a_rate_that_cannot_be_worked_out_stops_before_the_update(world):
    drive = driver(world)
    run(drive, world, 4)
    before = world.x.get().tolist()
    graph = next(iter(drive.graphs.values()))
    world.extra = ["fail"]
    graph.state = world.state()
    with pytest.raises(ValueError, match="no rate"):
        run(drive, world, 1)
    assert world.x.get().tolist() == before
