"""Where published weights come from, and what a class must say to be published."""

import hashlib
import http.server
import threading

import numpy as np
import pytest

from dezero.io import DownloadError
from dezero.models import VGG16, Published, SqueezeNet
from dezero.models.published import WeightFile, obtain

X = np.random.default_rng(0).standard_normal((1, 3, 30, 30)).astype("f4")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and counts what it is asked for."""

    def do_GET(self):
        self.server.asked.append(self.path)
        super().do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A machine on which nothing has been downloaded yet."""
    for name, folder in (("DEZERO_CACHE", "cache"), ("TORCH_HOME", "torch")):
        monkeypatch.setenv(name, str(tmp_path / folder))
    for name in ("DEZERO_DATA", "DEZERO_OFFLINE", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "server"
    folder.mkdir()

    def handler(*args):
        return Handler(*args, directory=str(folder))

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    web.folder, web.asked = folder, []
    web.url = f"http://127.0.0.1:{web.server_address[1]}/"
    thread = threading.Thread(target=web.serve_forever, args=(0.01,))
    thread.start()
    yield web
    web.shutdown()
    thread.join()
    web.server_close()


@pytest.fixture
def published(server, home):
    """A small SqueezeNet, and a class whose weights the server has under two names."""
    model = SqueezeNet(width=1 / 8, classes=10)
    model(X)
    model.save_weights(server.folder / "free.npz")
    model.save_weights(server.folder / "pinned.safetensors")
    digest = hashlib.sha256((server.folder / "pinned.safetensors").read_bytes()).hexdigest()

    class Small(SqueezeNet):
        def __init__(self, pretrained=False, **options):
            super().__init__(pretrained, width=1 / 8, classes=10, dropout=0, **options)

        def sources(self):
            return {
                "free": WeightFile(f"{server.url}free.npz", None, 1 << 20),
                "pinned": WeightFile(
                    f"{server.url}pinned.safetensors", f"{digest[:8]}...", 1 << 20
                ),
                "wrong": WeightFile(f"{server.url}pinned.safetensors", "0" * 8 + "...", 1 << 20),
                "large": WeightFile(f"{server.url}free.npz", None, 1000),
            }

    return model, Small


def same(one, other):
    mine, theirs = dict(one.named_params()), dict(other.named_params())
    return all(np.array_equal(mine[name].data, theirs[name].data) for name in theirs)


class TestDownloads:
    @pytest.mark.parametrize("which", [True, "free", "pinned"])
    def test_fetched_once(self, published, server, home, which):
        model, Small = published
        for _ in range(2):
            assert same(Small(which), model)
        assert len(server.asked) == 1
        assert [p.name for p in (home / "cache").iterdir()] == [server.asked[0][1:]]

    @pytest.mark.parametrize("which", ["wrong", "large"])
    def test_what_is_not_the_file(self, published, home, which):
        with pytest.raises(DownloadError, match="expected SHA-256 0{8}...|at most 1000 bytes"):
            published[1](which)
        assert not list((home / "cache").glob("*.npz")) + list((home / "cache").glob("*.safe*"))

    def test_copies_elsewhere(self, published, server, home, monkeypatch):
        model, Small = published
        hub = home / "torch" / "hub" / "checkpoints"
        hub.mkdir(parents=True)
        (hub / "pinned.safetensors").write_bytes(
            (server.folder / "pinned.safetensors").read_bytes()
        )
        assert same(Small("pinned"), model) and not server.asked
        (hub / "pinned.safetensors").write_bytes(b"another file")
        assert same(Small("pinned"), model) and len(server.asked) == 1
        monkeypatch.setenv("DEZERO_DATA", str(server.folder))
        assert same(Small("free"), model) and len(server.asked) == 1

    def test_offline(self, published, server, home, monkeypatch):
        monkeypatch.setenv("DEZERO_OFFLINE", "1")
        with pytest.raises(
            DownloadError, match=r"Small: expected free.npz on this machine, got no"
        ):
            published[1]("free")
        monkeypatch.setenv("DEZERO_DATA", str(server.folder))
        assert same(published[1]("pinned"), published[0]) and not server.asked

    def test_no_home(self, monkeypatch):
        monkeypatch.delenv("DEZERO_CACHE", raising=False)
        monkeypatch.setattr(
            "pathlib.Path.expanduser", lambda self: (_ for _ in ()).throw(RuntimeError())
        )
        monkeypatch.delenv("DEZERO_DATA", raising=False)
        with pytest.raises(RuntimeError, match="expected a home folder"):
            obtain("VGG16", WeightFile("http://127.0.0.1:9/x.npz", None, 10))

    def test_a_download_of_something_else_is_no_model(self, published, server):
        (server.folder / "free.npz").write_bytes(b"<html>please log in</html>")
        with pytest.raises(ValueError, match="load_npz: "):
            published[1]("free")


class TestSubclasses:
    def test_what_they_must_say(self):
        class Empty(Published):
            pass

        with pytest.raises(NotImplementedError, match="Empty.parts: expected the subclass"):
            Empty().parts()
        with pytest.raises(NotImplementedError, match="Empty.steps: expected the subclass"):
            Empty().steps()
        assert Empty().sources() == {} and Empty().torch_names() == {} and Empty().smallest() == 1

    def test_without_published_weights(self):
        class Own(VGG16):
            def sources(self):
                return {}

        with pytest.raises(ValueError, match="Own: expected pretrained to be True, a file"):
            Own(True)


def test_pinned_by_what_the_names_say():
    """Eight digits of the hash stand in torchvision's names; upstream has told nothing."""
    from dezero.models import VGG19, ResNet

    models = [VGG16(), VGG19(), *(ResNet(n) for n in (18, 34, 50, 101, 152))]
    models += [SqueezeNet(version=version) for version in ("1.0", "1.1")]
    for model in models:
        file = model.sources()["torchvision"]
        assert file.url.startswith("https://download.pytorch.org/models/")
        digits = file.url.rpartition("-")[2].removesuffix(".pth")
        assert file.sha256 == f"{digits}..." and len(digits) == 8
        upstreams = model.sources().get("dezero")
        assert upstreams is None or upstreams.sha256 is None
