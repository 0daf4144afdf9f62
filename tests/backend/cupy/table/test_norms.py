"""The text of normalisation against NumPy in float64, kernel by kernel in every type."""

import numpy as np
import pytest

from dezero.backend.cupy.table import norms
from tests.backend.cupy.host_kernels import HostKernel, needs_compiler, pairs, params_of

pytestmark = needs_compiler

ROW, COLUMN = (6, 1), (1, 9)
SHAPES = {
    "mean": ROW, "inverse": ROW, "share": ROW, "product": ROW, "gamma": COLUMN, "beta": COLUMN,
    "eps": (), "size": (), "squares": ROW,
}  # fmt: skip
TWINS = {
    "sum_of": lambda x: x.sum(1),
    "squares_around": lambda x, center: ((x - center) ** 2).sum(1),
    "products_around": lambda g, x, center: (g * (x - center)).sum(1),
    "channel_affine": lambda x, scale, shift, center: (x - center) * scale + shift,
    "channel_gradient": lambda gy, x, by_gy, by_x, shift: gy * by_gy + x * by_x + shift,
    "row_squares": lambda x, mean: ((x - mean) ** 2).sum(1),
    "row_inverse": lambda squares, eps, size: (squares / size + eps) ** -0.5,
    "row_apply": lambda x, mean, inverse, gamma, beta: (x - mean) * inverse * gamma + beta,
    "row_share": lambda gy, gamma: (gy * gamma).sum(1),
    "row_product": lambda gy, gamma, x, mean, inverse: (gy * gamma * (x - mean) * inverse).sum(1),
    "column_product": lambda gy, x, mean, inverse: (gy * (x - mean) * inverse).sum(1),
    "row_back": lambda gy, x, gamma, mean, inverse, share, product, size: (
        (gy * gamma - (share + (x - mean) * inverse * product) / size) * inverse
    ),
}


@pytest.mark.parametrize(("spec", "letters"), pairs(norms.SPECS))
def test_text_gives_what_numpy_gives(spec, letters, rng):
    given = []
    for p in params_of(spec):
        if not p.is_out:
            dtype = letters[0] if p.ctype == "T" else "f8"
            shape = SHAPES.get(p.name, (6, 9))
            values = np.abs(rng.standard_normal(shape)).astype(dtype)
            given.append(9 if p.name == "size" else float(values) if shape == () else values)
    options = {"axis": 1} if spec.kind == "reduction" else {}
    result = HostKernel(spec)(*given, **options)
    wide = [v.astype("f8") if isinstance(v, np.ndarray) else v for v in given]
    eps = 40 * np.finfo(letters[0] if result.dtype != "f8" else "f8").eps
    if spec.name == "column_product":  # what is normalised is rounded before it is added
        eps = 40 * np.finfo(letters[0]).eps
    np.testing.assert_allclose(result, TWINS[spec.name](*wide), eps, eps)
