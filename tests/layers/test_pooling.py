"""What specs cannot say of `dezero/layers/pooling.py`: what is shown and what is refused."""

import pytest

import dezero.layers as L


@pytest.mark.parametrize(
    "layer, shown",
    [
        (L.MaxPool2d(2), "MaxPool2d(kernel 2x2)"),
        (
            L.MaxPool2d((3, 2), 1, ((1, 1), (0, 1)), ceil_mode=True, layout="NHWC"),
            "MaxPool2d(kernel 3x2, stride 1x1, pad [[1, 1], [0, 1]], ceil, NHWC)",
        ),
        (L.MaxPool2d(3, dilation=2), "MaxPool2d(kernel 3x3, dilation 2x2)"),
        (L.MaxPool1d(3, 2, "same"), "MaxPool1d(kernel 3, stride 2, pad same)"),
        (L.AvgPool2d(2, pad=1, count_include_pad=False), "AvgPool2d(kernel 2x2, pad 1, bare)"),
        (L.AvgPool1d(2, layout="NLC"), "AvgPool1d(kernel 2, NLC)"),
        (L.GlobalAvgPool(), "GlobalAvgPool()"),
        (L.GlobalMaxPool(layout="NCL"), "GlobalMaxPool(NCL)"),
        (L.AdaptiveAvgPool((None, 3)), "AdaptiveAvgPool(anyx3)"),
        (L.AdaptiveMaxPool(3, layout="NLC"), "AdaptiveMaxPool(3, NLC)"),
    ],
)
def test_layers_say_what_tells_them_apart(layer, shown):
    assert repr(layer) == shown


@pytest.mark.parametrize(
    "make, error, match",
    [
        (lambda: L.MaxPool2d(0), ValueError, "MaxPool2d: expected kernel_size >= 1"),
        (lambda: L.MaxPool2d(2.0), TypeError, "MaxPool2d: expected kernel_size"),
        (lambda: L.AvgPool2d(2, pad="full"), ValueError, "AvgPool2d: expected pad as numbers"),
        (lambda: L.MaxPool2d(2, pad=-1), ValueError, "MaxPool2d: expected pad >= 0"),
        (lambda: L.MaxPool1d(2, pad=(1, 2, 3)), ValueError, "MaxPool1d: expected pad as a number"),
        (lambda: L.MaxPool1d(2, dilation=0), ValueError, "MaxPool1d: expected dilation >= 1"),
        (
            lambda: L.MaxPool1d(2, layout="NCHW"),
            ValueError,
            "MaxPool1d: expected layout 'NCL' or 'NLC', got 'NCHW'",
        ),
        (lambda: L.GlobalMaxPool(layout="CHW"), ValueError, "GlobalMaxPool: expected layout"),
        (lambda: L.AdaptiveMaxPool((3, 0)), ValueError, "AdaptiveMaxPool: expected output_size"),
        (lambda: L.AdaptiveAvgPool((3, 3, 3)), ValueError, "AdaptiveAvgPool: expected output_size"),
    ],
)
def test_wrong_settings_are_refused_at_once(make, error, match):
    with pytest.raises(error, match=match):
        make()
