"""Boston's houses of the 1970s: 13 numbers for each of 506 places, and the price in 1000 dollars.

One of the columns supposes that segregation moves prices; take another data set for new work.
"""

from dezero.keras.datasets.arrays import Split
from dezero.keras.datasets.tables import loaded_table

__all__ = ["load_data"]

SHA256 = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"


def load_data(path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113) -> Split:
    """Return ((x_train, y_train), (x_test, y_test)): float64 (404, 13), (404,) and 102.

    Args:
        path: the file's name below ~/.keras/datasets.
        test_split: the part that is for the test.
        seed: of the order.
    """
    return loaded_table(path, "boston_housing.npz", SHA256, test_split=test_split, seed=seed)
