"""Normalisation as Keras has it: of batches, samples, groups of channels, and to unit length."""

from typing import Any

from dezero import functions as F
from dezero.core import Config, Variable, as_array
from dezero.keras.layers.weighted import Weighted


class _Affine(Weighted):
    """A scale gamma and a shift beta."""

    roles = ("beta", "gamma")
    supports_masking = True
    gamma: Any = None
    beta: Any = None
    axis: Any
    scale: bool
    center: bool
    epsilon: float

    def _set_affine(self, axis: Any, epsilon: float, center: bool, scale: bool) -> None:
        self.axis, self.epsilon = axis, float(epsilon)
        self.center, self.scale = bool(center), bool(scale)

    def _build_affine(self, shape: tuple) -> None:
        if None in shape:
            raise ValueError(
                f"{type(self).__name__}: expected sizes that are known along axis {self.axis}, "
                f"got {shape}. Give input_shape."
            )
        self.gamma = self._weight("gamma", shape) if self.scale else None
        self.beta = self._weight("beta", shape) if self.center else None

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the inputs."""
        return tuple(input_shape)


def _along_axis(x: Any, axis: int) -> tuple[Any, str, Any]:
    """Return x with its channels on an axis that a layout names, the layout, and the way back."""
    ndim = len(x.shape)
    axis %= ndim
    if axis == ndim - 1:
        return x, "NHWC", None
    if axis == 1:
        return x, "NCHW", None
    return F.moveaxis(x, axis, -1), "NHWC", axis


class BatchNormalization(_Affine):
    """Normalise channels by the batch, in inference and where frozen by the moving statistics.

    Args:
        axis: that of the channels.
        momentum: what remains of the moving statistics at a step.
        epsilon: added to the variance.
        center, scale: whether there are beta and gamma.
        beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer,
            beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint: as in `Dense`.
        renorm, renorm_clipping, renorm_momentum: batch renormalisation, which is not there: True
            raises a ValueError.
        synchronized: accepted; there is one device.
    Note: NaN or infinity in a batch leaves the moving statistics of its channel as they are, where
        Keras's are lost.
    """

    fields = ("axis", "momentum", "epsilon", "center", "scale", "synchronized")
    moving_mean: Any = None
    moving_variance: Any = None

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        axis: Any = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if renorm:
            raise ValueError(
                "BatchNormalization: expected renorm=False, got True. Batch renormalisation is not "
                "there; LayerNormalization and GroupNormalization do without batch statistics."
            )
        if isinstance(axis, list | tuple):  # as files of Keras 2 have it
            (axis,) = axis
        self._set_affine(int(axis), epsilon, center, scale)
        self.momentum, self.synchronized = float(momentum), bool(synchronized)
        self._set_roles(
            beta=(beta_initializer, beta_regularizer, beta_constraint),
            gamma=(gamma_initializer, gamma_regularizer, gamma_constraint),
            moving_mean=(moving_mean_initializer,),
            moving_variance=(moving_variance_initializer,),
        )

    roles = ("beta", "gamma", "moving_mean", "moving_variance")

    def build(self, input_shape: Any) -> None:
        """Make gamma, beta and the moving statistics, all (C,)."""
        if not -len(input_shape) <= self.axis < len(input_shape):
            raise ValueError(
                f"BatchNormalization: expected an axis of inputs {tuple(input_shape)}, got "
                f"{self.axis}. The channels are the last, -1, in most models."
            )
        shape = (input_shape[self.axis],)
        self._build_affine(shape)
        self.moving_mean = self._weight("moving_mean", shape, trainable=False)
        self.moving_variance = self._weight("moving_variance", shape, trainable=False)

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Return the normalised inputs; with a mask, only what it keeps counts in training."""
        x, layout, back = _along_axis(Variable.wrap(inputs), self.axis)
        train = bool(Config.train if training is None else training) and self.trainable
        y = F.batch_norm(
            x,
            self.gamma,
            self.beta,
            self.moving_mean,
            self.moving_variance,
            self.momentum,
            self.epsilon,
            layout=layout,
            train=train,
            unbiased=False,
            mask=None if mask is None else as_array(mask),
        )
        return y if back is None else F.moveaxis(y, -1, back)


class LayerNormalization(_Affine):
    """Normalise each sample along `axis`, then scale by gamma and shift by beta.

    Args:
        axis: int or several.
        epsilon: added to the variance.
        center, scale: whether there are beta and gamma.
        beta_initializer, gamma_initializer and so on: as in `Dense`.
    """

    fields = ("axis", "epsilon", "center", "scale")

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        if kwargs.pop("rms_scaling", False):
            raise ValueError(
                "LayerNormalization: expected rms_scaling=False, got True. It is not there any "
                "more, in Keras either; dezero.layers.RMSNorm does it."
            )
        super().__init__(**kwargs)
        axis = tuple(axis) if isinstance(axis, list | tuple) else int(axis)
        self._set_affine(axis, epsilon, center, scale)
        self._set_roles(
            beta=(beta_initializer, beta_regularizer, beta_constraint),
            gamma=(gamma_initializer, gamma_regularizer, gamma_constraint),
        )

    def build(self, input_shape: Any) -> None:
        """Make gamma and beta, of the shape of the inputs along `axis`."""
        axes = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        ndim = len(input_shape)
        if not all(-ndim <= a < ndim for a in axes) or len({a % ndim for a in axes}) < len(axes):
            raise ValueError(
                f"LayerNormalization: expected different axes of inputs {tuple(input_shape)}, got "
                f"axis {self.axis}. The last is -1, the batch is 0."
            )
        # Keras sorts the axes as they were written: (-1, 1) gives weights (C, H).
        self._build_affine(tuple(input_shape[a] for a in sorted(axes)))

    def call(self, inputs: Any) -> Any:
        """Return the normalised inputs."""
        x = Variable.wrap(inputs)
        axes = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        axes = tuple(sorted(a % x.ndim for a in axes))
        shape = tuple(x.shape[a] for a in axes)
        # As in Keras the weights fill these axes in their own order of elements.
        gamma, beta = (
            w if w is None or w.shape == shape else F.reshape(w, shape)
            for w in (self.gamma, self.beta)
        )
        return F.layer_norm(x, gamma, beta, self.epsilon, axes)


class GroupNormalization(_Affine):
    """Normalise groups of channels of each sample.

    Args:
        groups: into how many the channels are divided; -1 for each channel by itself.
        axis: that of the channels.
        epsilon, center, scale, beta_initializer and so on: as in `LayerNormalization`.
    """

    fields = ("groups", "axis", "epsilon", "center", "scale")

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.groups = groups
        self._set_affine(int(axis), epsilon, center, scale)
        self._set_roles(
            beta=(beta_initializer, beta_regularizer, beta_constraint),
            gamma=(gamma_initializer, gamma_regularizer, gamma_constraint),
        )

    def build(self, input_shape: Any) -> None:
        """Make gamma and beta (C,)."""
        self._build_affine((input_shape[self.axis],))

    def call(self, inputs: Any) -> Any:
        """Return the normalised inputs."""
        x, layout, back = _along_axis(Variable.wrap(inputs), self.axis)
        groups = self.groups
        if groups == -1:
            groups = x.shape[1 if layout == "NCHW" else -1]
        y = F.group_norm(x, groups, self.gamma, self.beta, self.epsilon, layout=layout)
        return y if back is None else F.moveaxis(y, -1, back)


class UnitNormalization(Weighted):
    """Scale each sample to length 1 along `axis`, an int or several."""

    fields = ("axis",)
    supports_masking = True

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = tuple(axis) if isinstance(axis, list | tuple) else int(axis)

    def call(self, inputs: Any) -> Any:
        """Return the inputs, scaled."""
        return F.normalize(inputs, self.axis)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the inputs."""
        return tuple(input_shape)
