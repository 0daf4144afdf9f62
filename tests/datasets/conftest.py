"""A machine of one's own for the tests that look for files, and a web server on it."""

import http.server
import threading
from functools import partial

import pytest

from dezero.datasets import places


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine without data, network or variables set outside; returns its root folder."""
    for name in ("DEZERO_DATA", "DEZERO_CACHE", "DEZERO_OFFLINE", "KERAS_HOME", "TORCH_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(places, "SYSTEM", tmp_path / "system")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


@pytest.fixture
def serve():
    """Return a function from a folder to the address under which it is served."""
    servers = []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    def start(folder):
        handler = partial(Quiet, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()
