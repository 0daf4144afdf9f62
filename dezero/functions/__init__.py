"""Everything that maps Variables to Variables; `import dezero.functions as F`."""

from dezero.functions.activation import *  # noqa: F403
from dezero.functions.activation import __all__ as _activation
from dezero.functions.adaptive_pooling import *  # noqa: F403
from dezero.functions.adaptive_pooling import __all__ as _adaptive_pooling
from dezero.functions.arithmetic import *  # noqa: F403
from dezero.functions.arithmetic import __all__ as _arithmetic
from dezero.functions.attention import *  # noqa: F403
from dezero.functions.attention import __all__ as _attention
from dezero.functions.average_pooling import *  # noqa: F403
from dezero.functions.average_pooling import __all__ as _average_pooling
from dezero.functions.batchnorm import *  # noqa: F403
from dezero.functions.batchnorm import __all__ as _batchnorm
from dezero.functions.columns import *  # noqa: F403
from dezero.functions.columns import __all__ as _columns
from dezero.functions.contraction import *  # noqa: F403
from dezero.functions.contraction import __all__ as _contraction
from dezero.functions.conv import *  # noqa: F403
from dezero.functions.conv import __all__ as _conv
from dezero.functions.conv1d import *  # noqa: F403
from dezero.functions.conv1d import __all__ as _conv1d
from dezero.functions.conv_relu import *  # noqa: F403
from dezero.functions.conv_relu import __all__ as _conv_relu
from dezero.functions.cross_entropy import *  # noqa: F403
from dezero.functions.cross_entropy import __all__ as _cross_entropy
from dezero.functions.ctc import *  # noqa: F403
from dezero.functions.ctc import __all__ as _ctc
from dezero.functions.decomposition import *  # noqa: F403
from dezero.functions.decomposition import __all__ as _decomposition
from dezero.functions.elementwise import *  # noqa: F403
from dezero.functions.elementwise import __all__ as _elementwise
from dezero.functions.evaluation import *  # noqa: F403
from dezero.functions.evaluation import __all__ as _evaluation
from dezero.functions.focal import *  # noqa: F403
from dezero.functions.focal import __all__ as _focal
from dezero.functions.gates import *  # noqa: F403
from dezero.functions.gates import __all__ as _gates
from dezero.functions.groupnorm import *  # noqa: F403
from dezero.functions.groupnorm import __all__ as _groupnorm
from dezero.functions.indexing import *  # noqa: F403
from dezero.functions.indexing import __all__ as _indexing
from dezero.functions.joining import *  # noqa: F403
from dezero.functions.joining import __all__ as _joining
from dezero.functions.linalg import *  # noqa: F403
from dezero.functions.linalg import __all__ as _linalg
from dezero.functions.logic import *  # noqa: F403
from dezero.functions.logic import __all__ as _logic
from dezero.functions.loss import *  # noqa: F403
from dezero.functions.loss import __all__ as _loss
from dezero.functions.margins import *  # noqa: F403
from dezero.functions.margins import __all__ as _margins
from dezero.functions.noise import *  # noqa: F403
from dezero.functions.noise import __all__ as _noise
from dezero.functions.normalization import *  # noqa: F403
from dezero.functions.normalization import __all__ as _normalization
from dezero.functions.ordering import *  # noqa: F403
from dezero.functions.ordering import __all__ as _ordering
from dezero.functions.piecewise import *  # noqa: F403
from dezero.functions.piecewise import __all__ as _piecewise
from dezero.functions.pooling import *  # noqa: F403
from dezero.functions.pooling import __all__ as _pooling
from dezero.functions.rectifier import *  # noqa: F403
from dezero.functions.rectifier import __all__ as _rectifier
from dezero.functions.recurrent import *  # noqa: F403
from dezero.functions.recurrent import __all__ as _recurrent
from dezero.functions.reduction import *  # noqa: F403
from dezero.functions.reduction import __all__ as _reduction
from dezero.functions.regression import *  # noqa: F403
from dezero.functions.regression import __all__ as _regression
from dezero.functions.resampling import *  # noqa: F403
from dezero.functions.resampling import __all__ as _resampling
from dezero.functions.rounding import *  # noqa: F403
from dezero.functions.rounding import __all__ as _rounding
from dezero.functions.sequence import *  # noqa: F403
from dezero.functions.sequence import __all__ as _sequence
from dezero.functions.shape import *  # noqa: F403
from dezero.functions.shape import __all__ as _shape
from dezero.functions.smooth import *  # noqa: F403
from dezero.functions.smooth import __all__ as _smooth
from dezero.functions.taps import *  # noqa: F403
from dezero.functions.taps import __all__ as _taps
from dezero.functions.triangular import *  # noqa: F403
from dezero.functions.triangular import __all__ as _triangular
from dezero.functions.trigonometric import *  # noqa: F403
from dezero.functions.trigonometric import __all__ as _trigonometric

__all__ = [
    *_activation,
    *_adaptive_pooling,
    *_arithmetic,
    *_average_pooling,
    *_batchnorm,
    *_columns,
    *_attention,
    *_contraction,
    *_conv,
    *_conv1d,
    *_conv_relu,
    *_cross_entropy,
    *_ctc,
    *_decomposition,
    *_elementwise,
    *_evaluation,
    *_focal,
    *_gates,
    *_groupnorm,
    *_indexing,
    *_joining,
    *_linalg,
    *_logic,
    *_loss,
    *_margins,
    *_noise,
    *_normalization,
    *_ordering,
    *_piecewise,
    *_pooling,
    *_rectifier,
    *_recurrent,
    *_reduction,
    *_regression,
    *_resampling,
    *_rounding,
    *_sequence,
    *_shape,
    *_smooth,
    *_taps,
    *_triangular,
    *_trigonometric,
]
