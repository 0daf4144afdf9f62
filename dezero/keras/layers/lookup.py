"""Words and numbers of a vocabulary as indices: StringLookup, IntegerLookup."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from dezero.backend import to_host
from dezero.core import Variable, as_array
from dezero.keras.layers.weighted import Weighted, checked_words
from dezero.keras.tensors import is_symbolic

__all__ = ["IntegerLookup", "Lookup", "StringLookup"]

MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")


class Lookup(Weighted):
    """The place of each token in a vocabulary, in front of it the mask token and the unknown one.

    Args:
        max_tokens: the most that `adapt` keeps, the special ones counted.
        num_oov_indices: 1 for an index of unknown tokens, 0 refuses them.
        mask_token: what index 0 stands for; None for no such index.
        oov_token: what the index of unknown tokens stands for.
        vocabulary: tokens in their order, or a text file with one in each line.
        idf_weights: of the vocabulary, for "tf_idf".
        invert: give the tokens of indices.
        output_mode: "int", "one_hot", "multi_hot", "count" or "tf_idf".
        pad_to_max_tokens: give that many columns, also if there are fewer tokens.
    """

    fields = (
        "max_tokens", "num_oov_indices", "mask_token", "oov_token", "invert", "output_mode",
        "pad_to_max_tokens",
    )  # fmt: skip
    kind: Any = str

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: Any = None,
        oov_token: Any = None,
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        **kwargs: Any,
    ) -> None:
        for name in ("sparse", "encoding", "vocabulary_dtype", "vocabulary_size", "oov_method"):
            kwargs.pop(name, None)
        kwargs.pop("salt", None)
        super().__init__(**kwargs)
        if num_oov_indices not in (0, 1):
            raise ValueError(
                f"{type(self).__name__}: expected num_oov_indices 0 or 1, got {num_oov_indices}. "
                "Several would need Keras's own hash."
            )
        self.max_tokens, self.num_oov_indices = max_tokens, num_oov_indices
        self.mask_token, self.oov_token, self.invert = mask_token, oov_token, bool(invert)
        mode = "multi_hot" if output_mode == "binary" else output_mode
        self.output_mode = checked_words(type(self).__name__, "output_mode", mode, MODES)
        self.pad_to_max_tokens = bool(pad_to_max_tokens)
        self._tokens: list = []
        self._idf: Any = None
        self._places: dict = {}
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    def _specials(self) -> list:
        has_mask = self.mask_token is not None and self.output_mode == "int"
        return [self.mask_token] * has_mask + [self.oov_token] * self.num_oov_indices

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Take these tokens, with their weights for "tf_idf"; special ones in front may be among.

        Raises:
            ValueError: a token is there twice, or the weights are missing.
        """
        if isinstance(vocabulary, str | Path):
            vocabulary = Path(vocabulary).read_text("utf-8").splitlines()
        tokens = [self._token(token) for token in _plain(vocabulary)]
        special = [self._token(token) for token in self._specials()]
        if special and tokens[: len(special)] == special:
            tokens = tokens[len(special) :]
        if len(set(tokens)) != len(tokens) or set(tokens) & set(special):
            twice = [t for t, n in Counter([*tokens, *special]).items() if n > 1]
            raise ValueError(
                f"{type(self).__name__}: expected each token once, got {twice[:5]} again. "
                "Take one of them out."
            )
        if self.output_mode == "tf_idf" and idf_weights is None:
            raise ValueError(
                f"{type(self).__name__}: expected idf_weights for 'tf_idf', got none. Call adapt."
            )
        self._tokens, self._idf = tokens, idf_weights
        self._places = {token: i + len(special) for i, token in enumerate(tokens)}

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Take the tokens of data, the most frequent first, the later of equals first."""
        counts, documents, seen = Counter(), Counter(), 0
        for row in self._documents(data):
            counts.update(row)
            documents.update(set(row))
            seen += 1
        special = self._specials()
        for token in special:
            counts.pop(self._token(token), None)
        order = sorted(counts, key=self._rank(counts), reverse=True)
        if self.max_tokens is not None:
            order = order[: max(0, self.max_tokens - len(special))]
        idf = [float(np.log(1 + seen / (1 + documents[token]))) for token in order]
        self.set_vocabulary(order, idf)

    @staticmethod
    def _rank(counts: Counter) -> Any:
        return lambda token: (counts[token], token)

    def _documents(self, data: Any) -> Iterable[list]:
        """Yield the tokens of each row of data, arrays or batches of a data set."""
        if hasattr(data, "cardinality") or hasattr(data, "__next__"):
            for batch in data:
                yield from self._documents(batch[0] if isinstance(batch, tuple) else batch)
            return
        array = np.asarray(_plain(data))
        for row in array.reshape(array.shape[0], -1) if array.ndim else array.reshape(1, 1):
            yield [self._token(value) for value in row.tolist()]

    def _token(self, value: Any) -> Any:
        return value.decode() if isinstance(value, bytes) else self.kind(value)

    def get_vocabulary(self, include_special_tokens: bool = True) -> list:
        """Return the tokens in the order of their indices."""
        return (self._specials() if include_special_tokens else []) + self._tokens

    def vocabulary_size(self) -> int:
        """Return how many indices there are."""
        return len(self._specials()) + len(self._tokens)

    def __call__(self, inputs: Any, *others: Any, **options: Any) -> Any:
        """Return the indices of tokens, or their counts; of a model's tensor, its layer."""
        if is_symbolic(inputs):
            return super().__call__(inputs, *others, **options)
        self.built = True
        return self.call(inputs)

    def call(self, inputs: Any) -> Any:
        """Return the indices of tokens as int64, or what output_mode says of each row."""
        if self.invert:
            return self._inverted(np.asarray(_plain(inputs)))
        found = self.indices(np.asarray(_plain(inputs)))
        return found if self.output_mode == "int" else Variable.constant(self.counted(found.data))

    def _inverted(self, places: np.ndarray) -> np.ndarray:
        known = self.get_vocabulary()
        tokens = [known[i] if 0 <= i < len(known) else self.oov_token for i in places.ravel()]
        return np.array(tokens, object if self.kind is str else np.int64).reshape(places.shape)

    def indices(self, tokens: np.ndarray) -> Variable:
        """Return the index of each token.

        Raises:
            ValueError: one is unknown, and there is no index for such.
        """
        masked = self.mask_token is not None and self.output_mode == "int"
        places = dict(self._places)
        unknown = int(masked) if self.num_oov_indices else None
        if masked:
            places[self._token(self.mask_token)] = 0
        elif self.mask_token is not None and unknown is not None:
            places.setdefault(self._token(self.mask_token), unknown)
        flat = [places.get(self._token(token), unknown) for token in tokens.ravel().tolist()]
        if None in flat:
            unknown = tokens.ravel().tolist()[flat.index(None)]
            raise ValueError(
                f"{type(self).__name__}: expected tokens of the vocabulary, got {unknown!r}. "
                "Take num_oov_indices=1 for unknown ones."
            )
        return Variable.constant(np.array(flat, np.int64).reshape(tokens.shape))

    def _width(self) -> int:
        return (
            self.max_tokens
            if self.pad_to_max_tokens and self.max_tokens
            else (self.vocabulary_size())
        )

    def counted(self, places: np.ndarray) -> np.ndarray:
        """Return counts, or 0 and 1, of the indices of each row; negative ones count nowhere."""
        at = places[..., None] == np.arange(self._width())
        if self.output_mode == "one_hot":
            at = at[..., 0, :] if places.ndim and places.shape[-1] == 1 else at
            return at.astype(np.int64)
        if self.output_mode == "multi_hot":
            return at.any(-2).astype(np.int64)
        counts = at.sum(-2)
        if self.output_mode == "count":
            return counts.astype(np.int64)
        idf = np.zeros(self._width(), self.dtype)
        known = np.asarray(self._idf, self.dtype)
        idf[: self.num_oov_indices] = known.mean() if len(known) else 0
        idf[self.num_oov_indices :][: len(known)] = known
        return counts.astype(self.dtype) * idf

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the indices, or of the counts."""
        shape = tuple(input_shape)
        if self.output_mode == "int":
            return shape
        if self.output_mode == "one_hot":
            return (*(shape[:-1] if shape[-1] == 1 else shape), self._width())
        return (*shape[:-1], self._width())

    def output_dtype(self, inputs: tuple) -> Any:
        """Return int64, or the layer's own dtype for "tf_idf"."""
        return self.dtype if self.output_mode == "tf_idf" else "int64"

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        weights = None if self._idf is None else [float(v) for v in self._idf]
        tokens = list(self._tokens) or None
        return super().get_config() | {"vocabulary": tokens, "idf_weights": weights}


class StringLookup(Lookup):
    """The place of each word in a vocabulary; see `Lookup`, whose arguments it takes.

    Note: words come as lists or arrays, not through a model's Input.
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: Any = None,
        oov_token: Any = "[UNK]",
        **kwargs: Any,
    ) -> None:
        super().__init__(max_tokens, num_oov_indices, mask_token, oov_token, **kwargs)


class IntegerLookup(Lookup):
    """The place of each whole number in a vocabulary; see `Lookup`, whose arguments it takes."""

    kind = int

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: Any = None,
        oov_token: Any = -1,
        **kwargs: Any,
    ) -> None:
        super().__init__(max_tokens, num_oov_indices, mask_token, oov_token, **kwargs)


def _plain(values: Any) -> Any:
    """Return what NumPy can take: an array of a device or Variable comes to the host."""
    if isinstance(values, Variable) or hasattr(values, "__cuda_array_interface__"):
        return to_host(as_array(values))
    return values
