"""Modes: blocks, decorators, threads, tasks, misspelt names."""

import asyncio
import threading

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Config, Variable, no_grad, test_mode, using_config
from dezero.core.config import STATE


def records():
    """Return whether a graph is recorded now."""
    return (Variable(np.ones(1)) * 2.0).creator is not None


def test_defaults():
    assert Config.enable_backprop is True
    assert Config.train is True
    assert Config.dtype is np.float32


def test_no_grad_block():
    with no_grad():
        assert not records()
        with using_config("enable_backprop", True):
            assert records()
        assert not records()
    assert records()


def test_test_mode_block():
    with test_mode():
        assert not Config.train
    assert Config.train


def test_blocks_end_with_an_error_too():
    with pytest.raises(ZeroDivisionError), no_grad(), test_mode():
        raise ZeroDivisionError
    assert records() and Config.train


def test_blocks_nest_in_any_order():
    first, second = using_config("train", False), using_config("dtype", np.float64)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert Config.train and Config.dtype is np.float64
    second.__exit__(None, None, None)
    assert Config.dtype is np.float32


def test_one_block_object_may_be_entered_twice():
    mode = no_grad()
    with mode:
        with mode:
            assert not records()
        assert not records()
    assert records()


def test_assignment():
    try:
        Config.train = False
        assert not Config.train
    finally:
        Config.train = True


@pytest.mark.parametrize("access", ["get", "set", "using"])
def test_misspelt_name(access):
    with pytest.raises(AttributeError, match="Config: unknown name 'trian'.*Did you mean 'train'"):
        if access == "get":
            _ = Config.trian
        elif access == "set":
            Config.trian = True
        else:
            using_config("trian", True)


def test_introspection_finds_no_dunder():
    assert not hasattr(Config, "__wrapped__")
    with pytest.raises(AttributeError, match="Config: expected a setting"):
        _ = Config.__wrapped__


def test_decorator():
    @no_grad()
    def double(x, *, by=2.0):
        """Doc."""
        return records(), x * by

    assert double(3.0, by=3.0) == (False, 9.0)
    assert double.__name__ == "double" and double.__doc__ == "Doc."
    assert records()


def test_decorator_survives_recursion_and_errors():
    @test_mode()
    def countdown(n):
        assert not Config.train
        if n == 0:
            raise KeyError("end")
        countdown(n - 1)

    with pytest.raises(KeyError, match="end"):
        countdown(5)
    assert Config.train


def test_decorator_on_an_async_function():
    @no_grad()
    async def work():
        await asyncio.sleep(0)
        return records()

    async def both():
        inside = asyncio.ensure_future(work())
        await asyncio.sleep(0)
        return records(), await inside

    assert asyncio.run(both()) == (True, False)


@pytest.mark.parametrize("kind", ["plain", "async"])
def test_decorator_refuses_generators(kind):
    def plain():
        yield 1

    async def coroutine():
        yield 1

    func = plain if kind == "plain" else coroutine
    with pytest.raises(TypeError, match="expected a function, got the generator function"):
        no_grad()(func)


def test_threads_do_not_see_each_other():
    inside, outside = threading.Event(), threading.Event()
    seen = []

    def work():
        inside.wait(5)
        seen.append((records(), Config.train))
        with using_config("dtype", np.float64):
            outside.set()
            seen.append(Config.dtype)

    thread = threading.Thread(target=work)
    thread.start()
    with no_grad(), test_mode():
        inside.set()
        outside.wait(5)
        assert Config.dtype is np.float32
        thread.join()
        assert not records()
    assert seen == [(True, True), np.float64]


def test_threads_train_at_the_same_time():
    results = {}

    def work(number):
        x = Variable(np.array(float(number)))
        for _ in range(50):
            with no_grad():
                x * 2.0
            x.cleargrad()
            F.exp(x * x).backward()
        results[number] = x.grad.item()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: pytest.approx(2 * n * np.exp(n * n)) for n in range(4)}


def test_tasks_do_not_see_each_other():
    async def quiet():
        with no_grad():
            await asyncio.sleep(0.001)
            return records()

    async def loud():
        await asyncio.sleep(0)
        return records()

    async def both():
        return await asyncio.gather(quiet(), loud(), quiet())

    assert asyncio.run(both()) == [False, True, False]


def test_generator_closed_elsewhere_puts_its_own_mode_back():
    def batches():
        with no_grad():
            yield records()
            yield records()

    generator = batches()
    assert next(generator) is False
    with test_mode():
        generator.close()
        assert not Config.train
    assert records()


def test_state_is_immutable():
    with pytest.raises(AttributeError, match="can't set attribute"):
        STATE.get().train = False
