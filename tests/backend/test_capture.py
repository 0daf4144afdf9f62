"""What a captured step does on the host, done again: numbers refilled, all or nothing."""

import numpy as np
import pytest

from dezero.backend import random
from dezero.backend.capture import (
    GraphCaptureError,
    Recording,
    Rehearsal,
    Restructured,
    recording,
    rehearsal,
    while_recording,
    while_rehearsing,
)
from dezero.backend.philox import Stream


def counter(start, log, **more):
    """Return the numbers of now, and a function that gives the later ones and counts."""
    state = [start]

    def later():
        before = state[0]
        state[0] += 1
        return {"lr": float(state[0]), **more}, lambda: state.__setitem__(0, before)

    log.append(state)
    return {"lr": float(start), **more}, later


def test_rates_become_elements_of_the_array_and_are_refilled():
    taken, log = Recording(np.zeros(8)), []
    first = taken.rates(*counter(1, log, nesterov=True))
    second = taken.rates(*counter(10, log))
    assert first["nesterov"] is True and first["lr"].shape == () and taken.used == 2
    assert taken.host[:2].tolist() == [1, 10]
    taken.device[:] = taken.host
    assert first["lr"] == 1 and second["lr"] == 10
    taken.repeat()
    assert taken.host[:2].tolist() == [2, 11]


def test_all_or_nothing():
    taken, log = Recording(np.zeros(8)), []
    taken.rates(*counter(1, log))
    taken.again(lambda: None)
    taken.again(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        taken.repeat()
    assert log[0] == [1]


def test_another_structure_is_said():
    numbers = iter([{"lr": 0.1, "warm": False}, {"lr": 0.2, "warm": False}, {"lr": 0.3, "warm": 1}])
    undone = []
    taken = Recording(np.zeros(8))
    taken.rates(next(numbers), lambda: (next(numbers), lambda: undone.append(1)))
    taken.repeat()
    with pytest.raises(Restructured):
        taken.repeat()
    assert undone == [1] and taken.host[0] == 0.2


def test_no_more_numbers_than_there_is_room_for():
    taken = Recording(np.zeros(3))
    taken.place(2)
    with pytest.raises(GraphCaptureError, match="expected at most 3 numbers that change"):
        taken.place(2)


def test_who_asks_gets_it_inside_the_block():
    taken = Recording(np.zeros(1))
    assert recording() is None
    with while_recording(taken):
        assert recording() is taken
    assert recording() is None


def test_a_rehearsal_puts_numbers_where_a_capture_would_read_them():
    written = []
    device = np.zeros(5)

    def write(place, numbers):
        written.append(len(numbers))
        place[...] = numbers

    rehearsed = Rehearsal(device, write)
    assert rehearsal() is None
    with while_rehearsing(rehearsed):
        assert rehearsal() is rehearsed
        found = rehearsed.rates({"lr": 0.5, "power": 2, "eps": 1e-7})
        stream = Stream((3, 4), 10)
        place = random.place_of(stream, 2)
    assert found["lr"].shape == () and found["lr"] == 0.5 and found["eps"] == 1e-7
    assert found["power"] == 2 and stream.position == 12
    assert place.base.tolist() == [3, 4, 10] and (place.key, place.block) == ((0, 0), 0)
    assert rehearsed.rates({"lr": 0.5}) == {"lr": 0.5}  # there is no more room
    assert rehearsed.place(stream, 1) == ((3, 4), 12, None) and written == [2, 3]
    assert rehearsed.rates({}) == {} and rehearsal() is None
