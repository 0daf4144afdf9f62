"""Pictures as the weights want them: upstream's numbers, torchvision's, and what is no picture."""

import inspect

import numpy as np
import pytest
from PIL import Image

from dezero.models import VGG16, VGG19, ResNet, ResNet18, ResNet50, SqueezeNet, preprocess

PIXELS = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
PICTURE = Image.fromarray(PIXELS)
DEEP = Image.fromarray(np.full((8, 8), 40_000, np.uint16))


class TestCaffe:
    def test_blue_green_red_less_their_means(self):
        x = preprocess(PICTURE, None)
        assert x.shape == (3, 30, 40) and x.dtype == np.float32 and x.flags.c_contiguous
        expected = PIXELS[:, :, ::-1] - np.array([103.939, 116.779, 123.68])
        np.testing.assert_allclose(x, expected.transpose(2, 0, 1), rtol=1e-6)
        x = preprocess(PICTURE, None, np.float64, style="msra")
        assert x.dtype == np.float64
        np.testing.assert_allclose(x[0], PIXELS[:, :, 2] - 103.063)

    def test_stretched_as_pillow_does_by_itself(self):
        resized = np.asarray(PICTURE.resize((20, 10)), np.float32)
        x = preprocess(PICTURE, (20, 10))
        np.testing.assert_allclose(x[2], resized[:, :, 0] - np.float32(123.68), rtol=1e-5)
        assert preprocess(PICTURE).shape == (3, 224, 224)
        assert preprocess(PICTURE, 8).shape == (3, 8, 8)

    @pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1"])
    def test_any_mode(self, mode):
        assert preprocess(PICTURE.convert(mode), (8, 8)).shape == (3, 8, 8)

    def test_arrays_are_pictures_too(self):
        np.testing.assert_array_equal(preprocess(PIXELS, 8), preprocess(PICTURE, 8))
        grey = preprocess(PIXELS[:, :, 0], None)
        np.testing.assert_allclose(grey[0] + 103.939, PIXELS[:, :, 0], rtol=1e-5)


class TestTorchvision:
    @pytest.mark.parametrize("shape", [(30, 40), (40, 30), (33, 33), (300, 257)])
    def test_the_middle_scaled_to_deviations(self, shape):
        picture = PICTURE.resize(shape[::-1])
        height, width = shape
        if height < width:
            resized = picture.resize((256 * width // height, 256), 2)
        else:
            resized = picture.resize((256, 256 * height // width), 2)
        left, top = round((resized.width - 224) / 2), round((resized.height - 224) / 2)
        cut = np.asarray(resized, np.float64)[top : top + 224, left : left + 224] / 255
        expected = (cut - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
        x = preprocess(picture, style="torchvision")
        assert x.shape == (3, 224, 224)
        np.testing.assert_allclose(x, expected.transpose(2, 0, 1), atol=1e-6)

    @pytest.mark.parametrize("size", [(64, 32), (32, 64), (7, 5), 1])
    def test_any_size(self, size):
        width, height = (size, size) if size == 1 else size
        assert preprocess(PICTURE, size, style="torchvision").shape == (3, height, width)

    def test_no_size(self):
        x = preprocess(PICTURE, None, style="torchvision")
        np.testing.assert_allclose(x[0], (PIXELS[:, :, 0] / 255 - 0.485) / 0.229, rtol=1e-5)


class TestOfModels:
    @pytest.mark.parametrize(
        ("kind", "style"),
        [(VGG16, "vgg"), (ResNet, "msra"), (ResNet50, "msra"), (VGG19, "torchvision"),
         (SqueezeNet, "torchvision")],
    )  # fmt: skip
    def test_a_class_has_that_of_its_usual_weights(self, kind, style):
        np.testing.assert_array_equal(
            kind.preprocess(PICTURE, 8), preprocess(PICTURE, 8, style=style)
        )

    def test_a_model_has_that_of_its_own(self):
        for model in (
            ResNet18(),
            ResNet50(variant="torchvision"),
            VGG16(preprocessing="torchvision"),
        ):
            expected = preprocess(PICTURE, 8, style="torchvision")
            np.testing.assert_array_equal(model.preprocess(PICTURE, 8), expected)
        model = VGG16()
        np.testing.assert_array_equal(model.preprocess(PICTURE, 8), preprocess(PICTURE, 8))
        other = model.preprocess(PICTURE, 8, style="msra")
        np.testing.assert_array_equal(other, preprocess(PICTURE, 8, style="msra"))

    def test_the_signature_of_upstream(self):
        parameters = list(inspect.signature(VGG16.preprocess).parameters.values())
        assert [p.name for p in parameters] == ["image", "size", "dtype", "style"]
        assert [p.default for p in parameters[1:3]] == [(224, 224), np.float32]


@pytest.mark.parametrize(
    ("arguments", "options", "error", "match"),
    [
        (("x.png",), {}, TypeError, "preprocess: expected a Pillow picture .* got"),
        ((np.zeros((3, 8, 8), "u1"),), {}, TypeError, "expected a Pillow picture or a uint8 array"),
        ((np.zeros((8, 8, 3)),), {}, TypeError, "expected a Pillow picture or a uint8 array"),
        ((PICTURE, 8, int), {}, TypeError, "expected a floating dtype, got int64"),
        ((DEEP,), {}, ValueError, "expected pixels of 8 bits for each value, got .* mode I;16"),
        ((DEEP.convert("F"),), {}, ValueError, "got a picture of mode F"),
        ((np.zeros((0, 8, 3), "u1"),), {}, ValueError, r"got .* of mode RGB and size \(8, 0\)"),
        ((PICTURE, (8,)), {}, ValueError, r"expected size as \(width, height\)"),
        ((PICTURE, (8, 0)), {}, ValueError, r"expected size as \(width, height\)"),
        ((PICTURE,), {"style": "keras"}, ValueError, "preprocess: style: unknown name 'keras'"),
    ],
)
def test_what_is_refused(arguments, options, error, match):
    with pytest.raises(error, match=match):
        preprocess(*arguments, **options)
