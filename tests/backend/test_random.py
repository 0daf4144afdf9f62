"""The library's generator: seeds, states, one per context, nothing to do with NumPy's."""

import contextvars
import json
import threading

import numpy as np

from dezero.backend import random
from dezero.backend.philox import Stream, words_at


def test_same_seed_same_numbers(seeded):
    random.seed(7)
    first = random.default_rng().normal(size=3)
    random.seed(7)
    np.testing.assert_array_equal(random.default_rng().normal(size=3), first)
    np.testing.assert_array_equal(np.random.default_rng(7).normal(size=3), first)


def test_other_seed_other_numbers(seeded):
    random.seed(7)
    first = random.default_rng().normal(size=3)
    random.seed(8)
    assert not np.array_equal(random.default_rng().normal(size=3), first)


def test_fresh_entropy(seeded):
    random.seed()
    first = random.default_rng().normal(size=3)
    random.seed(None)
    assert not np.array_equal(random.default_rng().normal(size=3), first)


def test_generator_goes_on():
    assert random.default_rng() is random.default_rng()
    assert random.default_rng().normal() != random.default_rng().normal()


def test_context_without_a_seed_gets_its_own():
    own = contextvars.Context().run(random.default_rng)
    assert isinstance(own, np.random.Generator)
    assert own is not random.default_rng()


def test_threads_draw_from_generators_of_their_own():
    seen = []
    thread = threading.Thread(target=lambda: seen.append(random.default_rng()))
    thread.start()
    thread.join()
    assert seen[0] is not random.default_rng()


def test_state_travels_as_json(seeded):
    random.seed(3)
    random.default_rng().normal(size=5)
    state = json.loads(json.dumps(random.get_state()))
    expected = random.default_rng().normal(size=4)
    random.seed(99)
    random.set_state(state)
    np.testing.assert_array_equal(random.default_rng().normal(size=4), expected)


def test_state_is_a_copy(seeded):
    random.seed(3)
    state = random.get_state()
    expected = random.default_rng().normal()
    random.set_state(state)
    assert random.default_rng().normal() == expected


def test_numpys_global_generator_is_left_alone(seeded):
    before = np.random.get_state(legacy=False)["state"]["key"].copy()
    random.seed(5)
    random.default_rng().normal()
    np.testing.assert_array_equal(np.random.get_state(legacy=False)["state"]["key"], before)


def test_seed_starts_the_masks_too(seeded):
    random.seed(7)
    first = random.masks().words(2)
    random.seed(7)
    np.testing.assert_array_equal(random.masks().words(2), first)
    random.seed(8)
    assert not np.array_equal(random.masks().words(2), first)
    random.seed(np.random.default_rng(7))
    np.testing.assert_array_equal(random.masks().words(2), first)
    random.seed(np.random.MT19937(7))
    random.seed()
    assert random.masks().key != random.masks().__class__((1, 2)).key


def test_masks_without_a_seed_are_a_context_s_own():
    assert contextvars.Context().run(random.masks).key != random.masks().key


def test_state_holds_the_masks(seeded):
    random.seed(3)
    random.masks().words(5)
    state = json.loads(json.dumps(random.get_state()))
    expected = random.masks().words(2)
    random.seed(4)
    random.set_state(state)
    np.testing.assert_array_equal(random.masks().words(2), expected)
    del state["masks"]
    random.set_state(state)  # as it was written before there were streams
    assert random.masks().position == 7


def test_replayed_steps_draw_what_follows(seeded):
    own = Stream((5, 6), 10)

    def step():
        places = random.place_of(random.masks(), 2), random.place_of(own, 1)
        return [*places, random.place_of(random.masks(), 3)]

    random.seed(1)
    expected = [[words_at(place, 1).tolist() for place in step()] for _ in range(3)]
    random.seed(1)
    own.position = 10
    replay = random.Replay(lambda words: words.copy())
    with random.recording(replay):
        places = step()
    assert random.masks().position == 0 and own.position == 10
    for i in range(3):
        if i == 2:  # a seed in between: the library's stream is another then
            random.seed(1)
            random.masks().take(10)
        for base, words in replay.advance():
            base[:] = words
        assert [words_at(place, 1).tolist() for place in places] == expected[i]
    assert random.masks().position == 15 and own.position == 13
