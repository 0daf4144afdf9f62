"""California's houses of 1990: 8 numbers for each of 20640 districts, and the price in dollars."""

from dezero.keras.datasets.arrays import Split
from dezero.keras.datasets.tables import loaded_table

__all__ = ["load_data"]

SHA256 = "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
ROWS = {"large": None, "small": 600}


def load_data(
    version: str = "large",
    path: str = "california_housing.npz",
    test_split: float = 0.2,
    seed: int = 113,
) -> Split:
    """Return ((x_train, y_train), (x_test, y_test)): float32 (16512, 8), (16512,) and 4128.

    Args:
        version: "large", or "small" for 600 districts.
        path: the file's name below ~/.keras/datasets.
        test_split: the part that is for the test.
        seed: of the order.
    Raises:
        ValueError: version is neither.
    """
    if version not in ROWS:
        raise ValueError(
            f"load_data: expected version 'large' or 'small', got {version!r}. Take 'large'."
        )
    options = {"test_split": test_split, "seed": seed, "most": ROWS[version]}
    return loaded_table(path, "california_housing.npz", SHA256, **options)
