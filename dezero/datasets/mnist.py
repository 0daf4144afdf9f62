"""MNIST and Fashion-MNIST: 60,000 + 10,000 grey images of 28 by 28, ten classes each."""

import os
from collections.abc import Callable
from typing import Any, ClassVar

from dezero.datasets.images import FASHION_CLASSES, ImageDataset, flat_unit
from dezero.datasets.sources import Collection, IdxFile, load

__all__ = ["MNIST", "FashionMNIST"]


class MNIST(ImageDataset):
    """Handwritten digits, 60,000 for training and 10,000 for the test.

    Args:
        train: the training or the test part.
        transform: callable on one image (1, 28, 28); the default gives float32 (784,) in [0, 1].
        target_transform: callable on one label.
        root: folder to look in first.
        download: fetch the files if they are nowhere on this machine.
    Raises:
        ValueError: root is not a folder.
        DataCorrupt: a file in root or DEZERO_DATA has the wrong content.
        DataNotFound: neither found nor reachable; the message lists every place.
    Note: looks in root, DEZERO_DATA, the cache (DEZERO_CACHE or ~/.dezero), then where Debian,
        Keras and torchvision keep it, then downloads. Every file is checked by SHA-256.
    """

    classes: ClassVar[tuple[str, ...]] = tuple("0123456789")
    title: ClassVar[str] = "MNIST"
    collection: ClassVar[Collection] = Collection(
        name="MNIST",
        folder="mnist",
        train=(
            IdxFile(
                name="train-images-idx3-ubyte",
                shape=(60000, 28, 28),
                sha256="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                packed_sha256="440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                packed_bytes=9912422,
                member="x_train",
            ),
            IdxFile(
                name="train-labels-idx1-ubyte",
                shape=(60000,),
                sha256="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                packed_sha256="3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                packed_bytes=28881,
                member="y_train",
            ),
        ),
        test=(
            IdxFile(
                name="t10k-images-idx3-ubyte",
                shape=(10000, 28, 28),
                sha256="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                packed_sha256="8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                packed_bytes=1648877,
                member="x_test",
            ),
            IdxFile(
                name="t10k-labels-idx1-ubyte",
                shape=(10000,),
                sha256="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                packed_sha256="f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                packed_bytes=4542,
                member="y_test",
            ),
        ),
        mirrors=(
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://raw.githubusercontent.com/fgnt/mnist/master/",
        ),
        hint="",
    )

    def __init__(
        self,
        train: bool = True,
        transform: Callable[[Any], Any] | None = flat_unit,
        target_transform: Callable[[Any], Any] | None = None,
        *,
        root: str | os.PathLike[str] | None = None,
        download: bool = True,
    ) -> None:
        self.root = root
        self.download = download
        super().__init__(train, transform, target_transform)

    def prepare(self) -> None:
        images, self.label = load(self.collection, self.train, self.root, self.download)
        self.data = images.reshape(-1, 1, 28, 28)


class FashionMNIST(MNIST):
    """Photographs of clothes in ten classes, as hard to place as MNIST's digits are easy.

    Args, Returns, Raises and the search order are those of MNIST; only the pictures differ.

    Reference:
        Xiao, Rasul, Vollgraf 2017, "Fashion-MNIST: a novel image dataset".
    """

    classes: ClassVar[tuple[str, ...]] = FASHION_CLASSES
    title: ClassVar[str] = "Fashion-MNIST"
    collection: ClassVar[Collection] = Collection(
        name="FashionMNIST",
        folder="fashion-mnist",
        train=(
            IdxFile(
                name="train-images-idx3-ubyte",
                shape=(60000, 28, 28),
                sha256="c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                packed_sha256="3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                packed_bytes=26421880,
                member="",
            ),
            IdxFile(
                name="train-labels-idx1-ubyte",
                shape=(60000,),
                sha256="bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                packed_sha256="a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                packed_bytes=29515,
                member="",
            ),
        ),
        test=(
            IdxFile(
                name="t10k-images-idx3-ubyte",
                shape=(10000, 28, 28),
                sha256="5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                packed_sha256="346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                packed_bytes=4422102,
                member="",
            ),
            IdxFile(
                name="t10k-labels-idx1-ubyte",
                shape=(10000,),
                sha256="0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
                packed_sha256="67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                packed_bytes=5148,
                member="",
            ),
        ),
        mirrors=(
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        ),
        hint=", install the Debian package dataset-fashion-mnist, or use SyntheticFashion",
    )
