"""CIFAR-10 and CIFAR-100: 50,000 + 10,000 colour pictures of 32 by 32."""

import os
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from dezero.datasets.cifar_files import CIFAR10_FILES, CIFAR100_FILES, Cifar, load
from dezero.datasets.images import ImageDataset
from dezero.transforms import Compose, Normalize, ToFloat

__all__ = ["CIFAR10", "CIFAR100"]

# Brings 0..255 to -1..1, what upstream's mean 0.5 and std 0.5 do to pictures from 0 to 1.
signed_unit = Compose([ToFloat(), Normalize(127.5, 127.5)])

COARSE = (
    "aquatic mammals, fish, flowers, food containers, fruit and vegetables, "
    "household electrical devices, household furniture, insects, large carnivores, "
    "large man-made outdoor things, large natural outdoor scenes, "
    "large omnivores and herbivores, medium-sized mammals, non-insect invertebrates, people, "
    "reptiles, small mammals, trees, vehicles 1, vehicles 2"
)
FINE = (
    "apple, aquarium fish, baby, bear, beaver, bed, bee, beetle, bicycle, bottle, bowl, boy, "
    "bridge, bus, butterfly, camel, can, castle, caterpillar, cattle, chair, chimpanzee, clock, "
    "cloud, cockroach, couch, crab, crocodile, cup, dinosaur, dolphin, elephant, flatfish, forest, "
    "fox, girl, hamster, house, kangaroo, keyboard, lamp, lawn mower, leopard, lion, lizard, "
    "lobster, man, maple tree, motorcycle, mountain, mouse, mushroom, oak tree, orange, orchid, "
    "otter, palm tree, pear, pickup truck, pine tree, plain, plate, poppy, porcupine, possum, "
    "rabbit, raccoon, ray, road, rocket, rose, sea, seal, shark, shrew, skunk, skyscraper, snail, "
    "snake, spider, squirrel, streetcar, sunflower, sweet pepper, table, tank, telephone, "
    "television, tiger, tractor, train, trout, tulip, turtle, wardrobe, whale, willow tree, wolf, "
    "woman, worm"
)


class CIFAR10(ImageDataset):
    """Ten classes of animals and vehicles, 50,000 pictures for training and 10,000 for the test.

    Args:
        train: the training or the test part.
        transform: callable on one picture (3, 32, 32) of uint8; the default gives float32 from
            -1 to 1.
        target_transform: callable on one label.
        root: folder to look in first.
        download: fetch the archive (170 MB) if it is nowhere on this machine.
    Raises:
        ValueError: root is not a folder.
        DataCorrupt: a file in root or DEZERO_DATA has the wrong content.
        DataNotFound: neither found nor reachable; the message lists every place.
    Note: reads the binary or the Python version, packed or unpacked, from root, DEZERO_DATA, the
        cache (DEZERO_CACHE or ~/.dezero) and where Debian, Keras and torchvision keep theirs, and
        downloads the binary one. Files are checked by the published hashes; nothing is unpickled.

    Reference:
        Krizhevsky 2009, "Learning multiple layers of features from tiny images".
    """

    classes: ClassVar[tuple[str, ...]] = (
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    )
    title: ClassVar[str] = "CIFAR-10"
    files: ClassVar[Cifar] = CIFAR10_FILES

    def __init__(
        self,
        train: bool = True,
        transform: Callable[[Any], Any] | None = signed_unit,
        target_transform: Callable[[Any], Any] | None = None,
        *,
        root: str | os.PathLike[str] | None = None,
        download: bool = True,
    ) -> None:
        self.root = root
        self.download = download
        super().__init__(train, transform, target_transform)

    def prepare(self) -> None:
        self.data, labels = load(self.files, self.train, self.root, self.download)
        self.label = labels[:, self._column()].astype(np.int64)

    def _column(self) -> int:
        return 0


class CIFAR100(CIFAR10):
    """A hundred classes in twenty groups, 500 pictures of each for training, 100 for the test.

    Args:
        train: the training or the test part.
        transform: callable on one picture (3, 32, 32), as in CIFAR10.
        target_transform: callable on one label.
        label_type: "fine" for the classes, 0 to 99, "coarse" for the groups, 0 to 19; `classes`
            then has the names of the groups.
        root, download: as in CIFAR10, and so are Raises and the search.
    Raises:
        ValueError: label_type is another word.
    """

    classes: ClassVar[tuple[str, ...]] = tuple(FINE.split(", "))
    groups: ClassVar[tuple[str, ...]] = tuple(COARSE.split(", "))
    title: ClassVar[str] = "CIFAR-100"
    files: ClassVar[Cifar] = CIFAR100_FILES

    def __init__(
        self,
        train: bool = True,
        transform: Callable[[Any], Any] | None = signed_unit,
        target_transform: Callable[[Any], Any] | None = None,
        label_type: str = "fine",
        *,
        root: str | os.PathLike[str] | None = None,
        download: bool = True,
    ) -> None:
        self.label_type = _checked_type(label_type)
        if label_type == "coarse":
            self.classes = self.groups  # type: ignore[misc]
        super().__init__(train, transform, target_transform, root=root, download=download)

    @classmethod
    def labels(cls, label_type: str = "fine") -> dict[int, str]:
        """Return class number -> name, of the "fine" or the "coarse" labels."""
        return dict(enumerate(cls.classes if _checked_type(label_type) == "fine" else cls.groups))

    def _column(self) -> int:
        return 1 if self.label_type == "fine" else 0


def _checked_type(label_type: str) -> str:
    if label_type not in {"fine", "coarse"}:
        raise ValueError(
            f"CIFAR100: expected label_type 'fine' or 'coarse', got {label_type!r}. Take 'fine'."
        )
    return label_type
