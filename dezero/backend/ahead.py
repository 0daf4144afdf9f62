"""Batches made ahead of who reads them, in a thread of their own."""

import contextvars
import queue
import sys
import threading
from collections.abc import Iterator
from typing import Any

__all__ = ["ahead"]


class _Failure:
    """An exception on its way from the thread to the consumer."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


_END = object()


def ahead(batches: Iterator[Any], depth: int) -> Iterator[Any]:
    """Yield from `batches`, made by a thread that is at most `depth` of them ahead.

    The thread is gone when this generator is: exhausted, closed by a `break`, or after an error,
    which is raised here.
    """
    box: queue.Queue[Any] = queue.Queue(maxsize=depth)
    stop = threading.Event()
    context = contextvars.copy_context()  # the consumer's random generator and configuration
    thread = threading.Thread(
        target=context.run, args=(_produce, batches, box, stop), name="dezero-prefetch", daemon=True
    )
    thread.start()
    try:
        while (item := box.get()) is not _END:
            if isinstance(item, _Failure):
                raise item.error
            yield item
    finally:
        stop.set()
        # When the interpreter ends, the thread stands still and could never be joined.
        while thread.is_alive() and not sys.is_finalizing():
            _empty(box)
            thread.join(0.01)


def _produce(batches: Iterator[Any], box: "queue.Queue[Any]", stop: threading.Event) -> None:
    try:
        for batch in batches:
            if stop.is_set():
                return
            box.put(batch)
        box.put(_END)
    except BaseException as error:  # whatever it is, it belongs to the thread that asked
        box.put(_Failure(error))


def _empty(box: "queue.Queue[Any]") -> None:
    try:
        while True:
            box.get_nowait()
    except queue.Empty:
        pass
