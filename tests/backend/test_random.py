"""The library's generator: seeds, states, one per context, nothing to do with NumPy's."""

import contextvars
import json
import threading

import numpy as np

from dezero.backend import random


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
