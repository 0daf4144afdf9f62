"""`dezero.datasets`, `dezero.dataloaders`, `dezero.transforms` and `dezero.utils`.

The files of published data sets are played by `tests.played`, and the cache is a folder of the
test's own.
"""

import io
import urllib.request
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import dezero.functions as F
from dezero import core, dataloaders, datasets, utils
from dezero.io import progress
from tests.upstream import ANY, Name, gpu, same, thing, value

X = np.arange(6.0).reshape(2, 3)
PICTURE = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)


class Squares(datasets.Dataset):
    """A data set as the book writes one."""

    def prepare(self):
        self.data = np.arange(10.0 if self.train else 4.0)
        self.label = np.arange(len(self.data)) % 3


def sets_work(cls):
    assert issubclass(Squares, cls)
    assert len(Squares()) == 10 and len(Squares(False)) == 4
    assert Squares()[4] == (4.0, 1)
    assert Squares(True, lambda x: x * 10, lambda t: -t)[4] == (40.0, -1)


def published(shape, labels):
    """A data set of pictures: samples, labels by name, and a look at some of them."""

    def check(cls):
        data = cls()
        x, t = data[3]
        assert x.shape == shape and x.dtype == np.float32
        assert int(t) == 3
        assert labels.items() <= cls.labels().items()
        assert len(cls(False, None, None)) == len(data)
        assert cls(transform=None)[3][0].dtype == np.uint8
        plt.close(data.show(2, 2).figure)

    return check


def cifar100(cls):
    published((3, 32, 32), {0: "apple", 99: "worm"})(cls)
    assert cls.labels("coarse")[0] == "aquatic mammals" and len(cls.labels("coarse")) == 20
    assert cls(True, None, None, "coarse").label.max() < 20


def spiral(get_spiral):
    for train in (True, False):
        x, t = get_spiral(train)
        assert x.shape == (300, 2) and x.dtype == np.float32
        assert np.array_equal(np.bincount(t), [100, 100, 100]) and t.dtype.kind == "i"
        assert np.abs(x).max() <= 1
        radius = np.sort(np.hypot(*x[t == 0].T))
        np.testing.assert_allclose(radius, np.arange(100) / 100, atol=1e-6)
    same(datasets.Spiral(False).data, x)


def sine(cls):
    train, test = cls(), cls(train=False)
    assert train.data.shape == train.label.shape == (999, 1)
    same(train.data[1:], train.label[:-1])
    same(test.data[:, 0], np.cos(np.linspace(0, 2 * np.pi, 1000))[:-1])
    assert np.abs(train.data[:, 0] - np.sin(np.linspace(0, 2 * np.pi, 1000))[:-1]).max() <= 0.05


def text(cls):
    data = cls()
    spelt = "".join(data.id_to_char[int(i)] for i in data.data)
    assert spelt == "To be, or not to b" and data.char_to_id["T"] == 0
    same(data.data[1:], data.label[:-1])


def imagenet(cls):
    names = cls.labels()
    assert len(names) == 1000 and names[0].startswith("tench") and names[999].startswith("toilet")


def saved(save_cache_npz):
    path = save_cache_npz(X, X[0], "a/b.gz", True)
    with np.load(path) as file:
        same([file["data"], file["label"]], [X, X[0]])
    assert save_cache_npz(X, X[0], "a/b.gz", True) is None


def cached(load_cache_npz):
    url = "https://host/some/file.tar.gz"
    assert load_cache_npz(url, True) == (None, None)
    assert Path(datasets.save_cache_npz(X, X[0], url, True)).is_file()
    same(load_cache_npz(url, True), (X, X[0]))
    assert load_cache_npz(url) == (None, None)


def loads(cls):
    loader = cls(Squares(), 4, True, False)
    assert (loader.batch_size, loader.shuffle, loader.gpu) == (4, True, False)
    assert (loader.data_size, loader.max_iter) == (10, 3)
    for _ in range(2):
        batches = list(loader)
        assert [len(x) for x, _ in batches] == [4, 4, 2]
        assert sorted(np.concatenate([x for x, _ in batches])) == list(range(10))
    loader = cls(Squares(), 4, shuffle=False)
    same(loader.next(), ([0, 1, 2, 3], [0, 1, 2, 0]))
    same(next(loader), ([4, 5, 6, 7], [1, 2, 0, 1]))
    loader.reset()
    assert loader.iteration == 0
    same(loader.next()[0], [0, 1, 2, 3])
    loader.to_cpu()


def loads_to_the_gpu(to_gpu):
    loader = dataloaders.DataLoader(Squares(), 4)
    with gpu() as is_there:
        to_gpu(loader)
        assert loader.gpu and all(is_there(a) for a in next(iter(loader)))
        loader.to_cpu()
        assert isinstance(next(iter(loader))[0], np.ndarray)


def loads_rows(cls):
    loader = cls(Squares(), 2, False)
    assert loader.max_iter == 5
    same([x for x, _ in loader], [[0, 5], [1, 6], [2, 7], [3, 8], [4, 9]])


def pil(array=PICTURE, mode="RGB"):
    return Image.fromarray(array, mode) if mode == "RGB" else Image.fromarray(array)


def converts(cls):
    same(np.asarray(cls("BGR")(pil())), PICTURE[:, :, ::-1])
    same(np.asarray(cls()(pil())), PICTURE)
    assert cls("L")(pil()).mode == "L"


def crops(cls):
    same(np.asarray(cls(2)(pil())), PICTURE[1:3, 1:3])
    same(np.asarray(cls((3, 2))(pil())), PICTURE[1:3, 1:4])


def resizes(cls):
    assert cls((7, 3))(pil()).size == (7, 3)
    expected = pil().resize((3, 3), Image.BILINEAR)
    same(np.asarray(cls(3)(pil())), np.asarray(expected))
    nearest = pil().resize((3, 3), Image.NEAREST)
    same(np.asarray(cls(3, Image.NEAREST)(pil())), np.asarray(nearest))


def flips(cls):
    x = PICTURE.transpose(2, 0, 1)
    flip = cls()
    seen = {flip(x).tobytes() for _ in range(40)}
    assert seen == {x.tobytes(), x[..., ::-1].tobytes()}


def to_pil(cls):
    same(np.asarray(cls()(PICTURE.transpose(2, 0, 1))), PICTURE)


def normalizes(cls):
    same(cls(1, 2)(X), (X - 1) / 2)
    same(cls([1.0, 2.0], [2.0, 4.0])(X), (X - [[1], [2]]) / [[2], [4]])
    same(cls()(X), X)


def call(name: str, like, args, x, expected) -> Name:
    """A transform made from `args`, and what it makes of x."""
    return thing(f"transforms.{name}", like, lambda cls: same(cls(*args)(x), expected))


def draws(text_of):
    x = core.Variable(np.ones((2, 3)), "x")
    y = F.tanh(x)
    y.name = "y"
    for verbose in (True, False):
        text = text_of(y, verbose)
        assert text.startswith("digraph g {\n") and text.rstrip().endswith("}")
        assert "Tanh" in text and text.count("->") == 2
        assert ("(2, 3)" in text) is verbose
    assert "x" in text_of(y) and "y" in text_of(y)


def plots(plot_dot_graph):
    y = core.Variable(2.0, "x") ** 2
    folder = Path(utils.cache_dir)
    folder.mkdir(exist_ok=True)
    for ending, head in (("png", b"\x89PNG"), ("svg", b"<"), ("pdf", b"%PDF")):
        path = folder / f"graph.{ending}"
        plot_dot_graph(y, False, str(path))
        assert path.read_bytes().startswith(head)


def downloads(get_file):
    fetched = []

    def urlretrieve(url, filename, reporthook=None, data=None):
        fetched.append(url)
        Path(filename).write_text("text")

    real, urllib.request.urlretrieve = urllib.request.urlretrieve, urlretrieve
    try:
        for _ in range(2):
            path = get_file("https://host/a/words.txt")
        renamed = get_file("https://host/a/words.txt", "other.txt")
    finally:
        urllib.request.urlretrieve = real
    assert path == str(Path(utils.cache_dir) / "words.txt") and Path(path).read_text() == "text"
    assert renamed == str(Path(utils.cache_dir) / "other.txt")
    assert fetched == ["https://host/a/words.txt"] * 2


def shows(show_progress):
    real, progress.sys.stdout = progress.sys.stdout, io.StringIO()
    try:
        show_progress(3, 10, 60)
        shown = progress.sys.stdout.getvalue()
    finally:
        progress.sys.stdout = real
    assert shown.startswith("\r[") and shown.endswith("50.00%")


def checks_gradients(gradient_check):
    x = np.array([[0.5, 1.0], [2.0, 3.0]])
    assert gradient_check(F.log, x)
    assert gradient_check(lambda x, c, k: (x * c) ** k, core.Variable(x), 2.0, k=3)
    assert not gradient_check(lambda x: x * core.Variable(x.data), x)


def row(train=True, transform=None, target_transform=None):
    return 0


def pictures(train=True, transform=ANY, target_transform=None):
    return 0


AIR = {0: "airplane", 9: "truck"}
AXES = "reshape_sum_backward"

NAMES = [
    thing("datasets.Dataset", row, sets_work),
    thing("datasets.Dataset.prepare", lambda self: 0, lambda f: f(datasets.Dataset()) is None),
    thing("datasets.get_spiral", lambda train=True: 0, spiral),
    thing("datasets.Spiral", row, lambda cls: len(cls()) == 300),
    thing("datasets.SinCurve", row, sine),
    thing("datasets.Shakespear", row, text),
    thing("datasets.MNIST", pictures, published((784,), {3: "3"})),
    thing("datasets.CIFAR10", pictures, published((3, 32, 32), AIR)),
    thing(
        "datasets.CIFAR100",
        lambda train=True, transform=ANY, target_transform=None, label_type="fine": 0,
        cifar100,
    ),
    thing("datasets.ImageNet", lambda: 0, imagenet),
    thing("datasets.load_cache_npz", lambda filename, train=False: 0, cached),
    thing("datasets.save_cache_npz", lambda data, label, filename, train=False: 0, saved),
    thing(
        "dataloaders.DataLoader", lambda dataset, batch_size, shuffle=True, gpu=False: 0, loads
    ),
    thing("dataloaders.DataLoader.to_gpu", lambda self: 0, loads_to_the_gpu),
    thing("dataloaders.SeqDataLoader", lambda dataset, batch_size, gpu=False: 0, loads_rows),
    thing(
        "dataloaders.SeqDataLoader", None, lambda cls: issubclass(cls, dataloaders.DataLoader)
    ),
    call("Compose", lambda transforms=ANY: 0, ([np.sqrt, np.negative],), X, -np.sqrt(X)),
    call("Compose", None, (), X, X),
    thing("transforms.Convert", lambda mode="RGB": 0, converts),
    thing("transforms.Resize", lambda size, mode=2: 0, resizes),
    thing("transforms.CenterCrop", lambda size: 0, crops),
    call("ToArray", lambda dtype=np.float32: 0, (), pil(), PICTURE.transpose(2, 0, 1)),
    thing("transforms.ToPIL", lambda: 0, to_pil),
    thing("transforms.RandomHorizontalFlip", lambda: 0, flips),
    thing("transforms.Normalize", lambda mean=0, std=1: 0, normalizes),
    call("Flatten", lambda: 0, (), X, X.ravel()),
    call("AsType", lambda dtype=np.float32: 0, (np.float16,), X, X),
    call("ToFloat", lambda dtype=np.float32: 0, (), X, X),
    call("ToInt", lambda dtype=np.int64: 0, (), X + 0.5, X),
    thing("utils.get_dot_graph", lambda output, verbose=True: 0, draws),
    thing("utils.plot_dot_graph", lambda output, verbose=True, to_file="graph.png": 0, plots),
    value("utils.sum_to", lambda x, shape: x.sum(0), X, (3,)),
    value("utils.logsumexp", lambda x, axis=1: np.log(np.exp(x).sum(1, keepdims=True)), X),
    value(f"utils.{AXES}", lambda gy, x_shape, axis, keepdims: gy[:, None], X[0], (3, 4), 1, False),
    value(f"utils.{AXES}", lambda gy, x_shape, axis, keepdims: gy, X[:, :1], (2, 4), 1, True),
    value("utils.max_backward_shape", lambda x, axis: [2, 1], X, 1),
    value("utils.max_backward_shape", lambda x, axis: [1, 1], X, None),
    thing("utils.gradient_check", lambda f, x, *args, rtol=1e-4, atol=1e-5, **kwargs: 0,
          checks_gradients),
    thing("utils.numerical_grad", lambda f, x, *args, **kwargs: 0,
          lambda f: np.allclose(f(F.exp, X), np.exp(X))),
    thing("utils.array_equal", lambda a, b: 0,
          lambda f: f(core.Variable(X), X) and not f(X, X + 1e-7)),
    thing("utils.array_allclose", lambda a, b, rtol=1e-4, atol=1e-5: 0,
          lambda f: f(core.Variable(X), (X + 1e-6).data) and not f(X, X + 1)),
    thing("utils.show_progress", lambda block_num, block_size, total_size: 0, shows),
    thing("utils.cache_dir", None, lambda path: isinstance(path, str)),
    thing("utils.get_file", lambda url, file_name=None: 0, downloads),
    value("utils.get_deconv_outsize", lambda size, k, s, p: s * (size - 1) + k - 2 * p, 5, 3, 2, 1),
    value("utils.get_conv_outsize", lambda input_size, kernel_size, stride, pad: 3, 5, 3, 2, 1),
    value("utils.pair", lambda x: (x, x), 3),
    value("utils.pair", lambda x: x, (2, 3)),
]  # fmt: skip
