"""Layers, their inputs and options: what `record_layers.py` asks Keras, and the tests ask us."""

from itertools import product
from typing import Any, NamedTuple


class Case(NamedTuple):
    """One layer and one call of it.

    Attributes:
        id: unique; the arrays of the record are under it.
        kind: name of the class.
        options: of the constructor; {"layer": ...} of a wrapper is a Case.
        shapes: of the inputs; several are a list, or arguments if `spread`.
        ints: inputs are integers below it.
        train: whether the layer trains.
        lengths: of the masks' True parts, for each sample; None for no mask.
        call: keywords of the call.
        states: shapes of initial states.
        spread: whether several inputs are several arguments.
    """

    id: str
    kind: str
    options: dict[str, Any]
    shapes: tuple
    ints: int = 0
    train: bool = False
    lengths: Any = None
    call: dict[str, Any] = {}
    states: tuple = ()
    spread: bool = False


def case(kind: str, *shapes: tuple, case_of: str = "", **options: Any) -> Case:
    """Return a Case named after its options; `case_of` holds what else tells it from others."""
    own = {k: options.pop(k) for k in list(options) if k in Case._fields}
    inner = options.get("layer")
    words = {k: (inner.id if k == "layer" and inner else v) for k, v in options.items()}
    shown = ",".join(f"{k}={v}" for k, v in {**words, **own}.items())
    shown = f"{kind}{list(shapes)}({shown}){case_of}".replace(" ", "").replace("'", "")
    return Case(shown.replace("/", "|"), kind, options, shapes, **own)


X2, X1 = (2, 7, 6, 4), (2, 9, 4)
FIRST = {"data_format": "channels_first"}
CONVOLUTIONS = [
    *(
        case(kind, X2, padding=padding, strides=strides, kernel_size=size, **more)
        for kind, more in (
            ("Conv2D", {"filters": 4}),
            ("Conv2DTranspose", {"filters": 4}),
            ("DepthwiseConv2D", {"depth_multiplier": 2}),
            ("SeparableConv2D", {"filters": 3, "depth_multiplier": 2}),
        )
        for padding, strides, size in (
            ("valid", 1, 3),
            ("same", 1, (2, 3)),
            ("same", 2, 3),
            ("same", 2, 4),
            ("valid", 2, 2),
        )
    ),
    *(
        case(kind, X1, padding=padding, strides=strides, kernel_size=size, **more)
        for kind, more in (
            ("Conv1D", {"filters": 4}),
            ("Conv1DTranspose", {"filters": 4}),
            ("DepthwiseConv1D", {"depth_multiplier": 2}),
            ("SeparableConv1D", {"filters": 3}),
        )
        for padding, strides, size in (("valid", 1, 3), ("same", 2, 4), ("valid", 3, 2))
    ),
    case("Conv2D", X2, filters=6, kernel_size=3, dilation_rate=2, padding="same"),
    case("Conv2D", X2, filters=6, kernel_size=(3, 2), groups=2, activation="relu"),
    case("Conv2D", X2, filters=2, kernel_size=3, use_bias=False, strides=(2, 3)),
    case("Conv1D", X1, filters=3, kernel_size=3, padding="causal", dilation_rate=2),
    case("Conv1D", X1, filters=4, kernel_size=2, groups=2, strides=2, activation="tanh"),
    case("Conv1D", X1, filters=3, kernel_size=4, padding="causal", strides=2),
    case("DepthwiseConv2D", X2, kernel_size=3, dilation_rate=2, activation="relu"),
    case("SeparableConv2D", X2, filters=3, kernel_size=3, dilation_rate=2, padding="same"),
    case("Conv2DTranspose", X2, filters=3, kernel_size=3, strides=2, output_padding=1),
    case(
        "Conv2DTranspose", X2, filters=3, kernel_size=3, strides=2, output_padding=1,
        padding="same",
    ),
    case("Conv2DTranspose", X2, filters=3, kernel_size=3, dilation_rate=2),
    case("Conv2DTranspose", X2, filters=3, kernel_size=2, strides=3, use_bias=False),
]  # fmt: skip
POOLINGS = [
    *(
        case(kind, X2, pool_size=size, strides=strides, padding=padding)
        for kind in ("MaxPooling2D", "AveragePooling2D")
        for size, strides, padding in (
            (2, None, "valid"),
            (3, 2, "same"),
            ((2, 3), (1, 2), "same"),
            (3, 2, "valid"),
        )
    ),
    *(
        case(kind, X1, pool_size=size, strides=strides, padding=padding)
        for kind in ("MaxPooling1D", "AveragePooling1D")
        for size, strides, padding in ((2, None, "valid"), (4, 2, "same"), (3, 2, "same"))
    ),
    *(
        case(f"Global{kind}Pooling{axes}D", X2 if axes == 2 else X1, keepdims=keepdims)
        for kind, axes, keepdims in product(("Max", "Average"), (1, 2), (False, True))
    ),
    case("GlobalAveragePooling1D", X1, lengths=(4, 9)),
    case("GlobalAveragePooling2D", X2, **FIRST),
    case("GlobalMaxPooling1D", X1, **FIRST),
]
BORDERS = [
    case("ZeroPadding2D", X2, padding=((1, 2), (0, 3))),
    case("ZeroPadding2D", X2, padding=(1, 2)),
    case("ZeroPadding2D", X2, padding=1, **FIRST),
    case("ZeroPadding1D", X1, padding=(1, 2)),
    case("Cropping2D", X2, cropping=((1, 2), (0, 3))),
    case("Cropping2D", X2, cropping=1, **FIRST),
    case("Cropping1D", X1, cropping=(2, 1)),
    case("UpSampling2D", X2, size=(2, 3)),
    case("UpSampling2D", X2, size=2, interpolation="bilinear"),
    case("UpSampling2D", X2, size=(2, 3), interpolation="bilinear", **FIRST),
    case("UpSampling1D", X1, size=3),
]
NORMS = [
    *(
        case("BatchNormalization", shape, train=train, **more)
        for train in (True, False)
        for shape, more in (
            ((6, 4), {}),
            (X2, {"momentum": 0.8, "epsilon": 0.01}),
            (X2, {"axis": 1}),
            (X2, {"axis": 2, "center": False}),
            (X1, {"scale": False}),
        )
    ),
    case("BatchNormalization", (2, 9, 4), train=True, lengths=(4, 9)),
    case("BatchNormalization", (1, 4), train=True),
    case("BatchNormalization", X2, train=True, trainable=False),
    case("LayerNormalization", X1),
    case("LayerNormalization", X2, axis=(1, 3), epsilon=0.1),
    case("LayerNormalization", X2, axis=1, scale=False),
    case("LayerNormalization", X1, center=False),
    case("GroupNormalization", X2, groups=2),
    case("GroupNormalization", X2, groups=-1, epsilon=0.1),
    case("GroupNormalization", X2, groups=2, axis=2, center=False),
    case("UnitNormalization", X1),
    case("UnitNormalization", X1, axis=(1, 2)),
]
ACTIVATIONS = [
    case("ReLU", X1),
    case("ReLU", X1, max_value=0.5),
    case("ReLU", X1, negative_slope=0.1, threshold=0.3),
    case("ReLU", X1, max_value=1.0, negative_slope=0.2, threshold=-0.0),
    case("LeakyReLU", X1),
    case("LeakyReLU", X1, negative_slope=0.1),
    case("PReLU", X1),
    case("PReLU", X2, shared_axes=[1, 2]),
    case("ELU", X1, alpha=0.5),
    case("Softmax", X1),
    case("Softmax", X1, axis=1),
    case("Softmax", X1, axis=(1, 2)),
    case("Softmax", (2, 9), lengths=(4, 9)),
]
PREPARED = [
    case("Rescaling", X2, scale=0.5, offset=-1.0),
    case("Resizing", X2, height=4, width=9),
    case("Resizing", X2, height=9, width=4, interpolation="nearest"),
    case("Resizing", X2, height=4, width=8, crop_to_aspect_ratio=True),
    case("Resizing", X2, height=4, width=8, pad_to_aspect_ratio=True, fill_value=0.5),
    case("Resizing", X2, height=3, width=2, **FIRST),
    case("CenterCrop", X2, height=4, width=3),
    case("CenterCrop", X2, height=9, width=5),
    case("Normalization", X1, mean=0.5, variance=2.0),
    case(
        "Normalization", X1, mean=[0.1, 0.2, 0.3, 0.4], variance=[1.0, 2.0, 3.0, 4.0], invert=True
    ),
]
FILLED = [
    *(
        case(kind, X2, train=True, fill_mode=fill, interpolation=way, **factors)
        for kind, factors in (
            ("RandomRotation", {"factor": (0.07, 0.07)}),
            ("RandomZoom", {"height_factor": (0.3, 0.3), "width_factor": (-0.21, -0.21)}),
            ("RandomTranslation", {"height_factor": (0.23, 0.23), "width_factor": (-0.31, -0.31)}),
        )
        for fill, way in (
            ("reflect", "bilinear"),
            ("nearest", "bilinear"),
            ("constant", "bilinear"),
            ("reflect", "nearest"),
        )
    ),
    case("RandomZoom", X2, height_factor=(0.3, 0.3), train=False),
]
SEQUENCES = [
    *(
        case(kind, X1, units=5, **more)
        for kind in ("SimpleRNN", "LSTM", "GRU")
        for more in (
            {},
            {"return_sequences": True, "lengths": (4, 9)},
            {"return_sequences": True, "return_state": True, "go_backwards": True},
            {"lengths": (4, 9), "go_backwards": True, "return_state": True},
            {"activation": "relu", "use_bias": False},
            {"states": ((2, 5),) * (2 if kind == "LSTM" else 1), "return_sequences": True},
        )
    ),
    case("LSTM", X1, units=3, recurrent_activation="hard_sigmoid", activation="softsign"),
    case("GRU", X1, units=3, reset_after=False, return_sequences=True, lengths=(4, 9)),
    case("GRU", X1, units=3, reset_after=False, use_bias=False),
    case("GRU", X1, units=3, recurrent_activation="tanh", states=((2, 3),)),
    case("LSTM", X1, units=3, lengths=(0, 9), states=((2, 3), (2, 3))),
    *(
        case("Bidirectional", X1, layer=case("LSTM", units=3, return_sequences=seq),
             merge_mode=mode, **more)
        for mode, seq, more in (
            ("concat", True, {}),
            ("concat", False, {"lengths": (4, 9)}),
            ("sum", True, {"lengths": (4, 9)}),
            ("ave", False, {}),
            ("mul", True, {}),
            (None, True, {}),
        )
    ),
    case(
        "Bidirectional", X1, layer=case("GRU", units=3, return_sequences=True, return_state=True)
    ),
    case("TimeDistributed", (2, 3, 5, 4), layer=case("Conv1D", filters=3, kernel_size=2)),
    case("TimeDistributed", (2, 3, 5, 4), layer=case("BatchNormalization"), train=True),
    case("Embedding", (2, 5), ints=7, input_dim=7, output_dim=3, mask_zero=True),
]  # fmt: skip
MASKED = {"spread": True, "lengths": (3, 6)}
ATTENTION = [
    case("MultiHeadAttention", (2, 5, 4), (2, 6, 3), num_heads=2, key_dim=3, spread=True),
    case(
        "MultiHeadAttention", (2, 5, 4), (2, 6, 3), num_heads=2, key_dim=3, value_dim=4,
        output_shape=7, use_bias=False, spread=True,
    ),
    case(
        "MultiHeadAttention", (2, 6, 4), (2, 6, 4), num_heads=2, key_dim=3, spread=True,
        call={"use_causal_mask": True},
    ),
    case(
        "MultiHeadAttention", (2, 6, 4), (2, 6, 4), num_heads=2, key_dim=3, spread=True,
        call={"return_attention_scores": True},
    ),
    case(
        "MultiHeadAttention", (2, 6, 4), (2, 6, 4), num_heads=2, key_dim=3, **MASKED,
    ),
    case(
        "MultiHeadAttention", (2, 6, 4), (2, 6, 4), num_heads=2, key_dim=3, **MASKED,
        call={"use_causal_mask": True},
    ),
    case("MultiHeadAttention", (2, 6, 4), (2, 6, 4), num_heads=1, key_dim=3, use_gate=True,
         sliding_window=2, spread=True),
    case("MultiHeadAttention", (2, 2, 3, 4), (2, 2, 3, 4), num_heads=2, key_dim=3, spread=True),
    case("Attention", (2, 5, 4), (2, 6, 4)),
    case("Attention", (2, 5, 4), (2, 6, 3), (2, 6, 4), use_scale=True, score_mode="concat"),
    case("Attention", (2, 6, 4), (2, 6, 4), lengths=(3, 6), call={"use_causal_mask": True}),
]  # fmt: skip
GROUPS = {
    "convolutions": CONVOLUTIONS,
    "poolings": [*POOLINGS, *BORDERS],
    "norms": [*NORMS, *ACTIVATIONS],
    "pictures": [*PREPARED, *FILLED],
    "sequences": [*SEQUENCES, *ATTENTION],
}
