"""Einstein summation; the gradient of a sum of products is another one."""

from collections.abc import Sequence
from math import prod
from string import ascii_letters
from typing import Any

from dezero.backend import is_plain, product, xp
from dezero.core import Function, Variable, differentiable
from dezero.core.errors import describe
from dezero.functions.shape import sum_to

__all__ = ["Einsum", "einsum"]


class Einsum(Function):
    """Products summed over the letters that `output` lacks; `terms` has one string per input."""

    def __init__(self, terms: list[str], output: str) -> None:
        self.terms, self.output = terms, output

    def forward(self, *xs: Any) -> Any:
        floats = [x.dtype for x in xs if x.dtype.kind == "f"]
        if floats:
            dtype = xp(xs[0]).result_type(*floats)
            xs = tuple(x.astype(dtype) if x.dtype.kind != "f" else x for x in xs)
        if not is_plain(xs[0]):
            return contracted(self.terms, self.output, xs)
        subscripts = f"{','.join(self.terms)}->{self.output}"
        return xp(xs[0]).einsum(subscripts, *xs, optimize=len(xs) > 1)

    def backward(self, gy: Variable) -> tuple:
        return tuple(
            self._gradient(gy, k) if x.requires_grad else None for k, x in enumerate(self.inputs)
        )

    def _gradient(self, gy: Variable, k: int) -> Variable:
        x, term = self.inputs[k], self.terms[k]
        factors = [gy, *self.inputs[:k], *self.inputs[k + 1 :]]
        terms = [self.output, *self.terms[:k], *self.terms[k + 1 :]]
        module, known = xp(gy.data), {}
        for other, factor in zip(terms, factors, strict=True):
            for letter, size in zip(other, factor.shape, strict=True):
                known[letter] = max(size, known.get(letter, size))
        unused = (letter for letter in ascii_letters if letter not in known and letter not in term)
        wanted = ""
        for letter, size in zip(term, x.shape, strict=True):
            if letter in wanted:  # a diagonal: the gradient goes back there
                wanted += next(unused)
                factors.append(Variable.constant(module.eye(size, dtype=gy.dtype)))
                terms.append(letter + wanted[-1])
                continue
            wanted += letter
            if letter not in known or known[letter] < size:  # summed in x alone: repeated
                factors.append(Variable.constant(module.ones(size, dtype=gy.dtype)))
                terms.append(letter)
        return sum_to(Einsum(terms, wanted)(*factors), x.shape)


def contracted(terms: Sequence[str], output: str, xs: Sequence[Any]) -> Any:
    """Return a sum of products, pair by pair from the left, as products of matrices."""
    term, x = terms[0], xs[0]
    for i in range(1, len(xs)):
        later = {*output, *"".join(terms[i + 1 :])}
        term, x = _pair((term, x), (terms[i], xs[i]), later)
    return xp(x).einsum(f"{term}->{output}", x)


def _pair(a: tuple[str, Any], b: tuple[str, Any], later: set[str]) -> tuple[str, Any]:
    """Return (term, array) of the product of two, summed over the letters not needed later."""
    sizes: dict[str, int] = {}
    for term, x in (a, b):
        for letter, size in zip(term, x.shape, strict=True):
            sizes[letter] = max(size, sizes.get(letter, 1)) if size else 0
    # An axis of size 1 beside a longer one says nothing, and neither has a letter twice.
    (left, x), (right, y) = (_alone(part, sizes, later, set(a[0]) & set(b[0])) for part in (a, b))
    both = [letter for letter in left if letter in right]
    batch = "".join(letter for letter in both if letter in later)
    inner = "".join(letter for letter in both if letter not in later)
    rows, cols = ("".join(c for c in term if c not in both) for term in (left, right))
    B, M, K, N = (prod(sizes[c] for c in letters) for letters in (batch, rows, inner, cols))
    x = x.transpose([left.index(c) for c in batch + rows + inner]).reshape((B, M, K))
    y = y.transpose([right.index(c) for c in batch + inner + cols]).reshape((B, K, N))
    result = product(x, y) if batch else product(x[0], y[0])
    return batch + rows + cols, result.reshape([sizes[c] for c in batch + rows + cols])


def _alone(
    part: tuple[str, Any], sizes: dict[str, int], later: set[str], shared: set[str]
) -> tuple[str, Any]:
    """Return one operand with each letter once, and only those that the pair needs."""
    term, x = part
    fits = {c for c, size in zip(term, x.shape, strict=True) if size == sizes[c]}
    kept = "".join(c for c in dict.fromkeys(term) if c in fits and (c in later or c in shared))
    return kept, x if kept == term else xp(x).einsum(f"{term}->{kept}", x)


@differentiable
def einsum(subscripts: str, *operands: Any) -> Variable:
    """Sum of products in Einstein's notation: einsum("ij,jk->ik", a, b) is a @ b.

    Args:
        subscripts: one letter per axis, a term per operand; without "->" the result has the
            letters that occur once, in alphabetical order. "..." stands for axes that broadcast.
        operands: Variables or arrays.
    Returns:
        Variable.
    Raises:
        ValueError: subscripts and operands do not fit each other.
        TypeError: subscripts is not a string.
    """
    if not isinstance(subscripts, str):
        raise TypeError(
            f"einsum: expected subscripts as a string, got {describe(subscripts)}. "
            'Write for example einsum("ij,jk->ik", a, b).'
        )
    variables = [Variable.wrap(x) for x in operands]
    terms, output = _parse(subscripts, variables)
    _check_sizes(subscripts, terms, variables)
    return Einsum(terms, output)(*variables)


def _parse(subscripts: str, xs: list[Variable]) -> tuple[list[str], str]:
    """Return one term per operand and the output's, with letters in place of each "..."."""
    left, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    letters = (left + output).replace("...", "").replace(",", "")
    unused = [letter for letter in ascii_letters if letter not in letters]
    if len(terms) != len(xs) or not set(letters) <= set(ascii_letters):
        raise _misfit(subscripts, xs, "letters, and a term for each operand")
    rest = [x.ndim - len(term.replace("...", "")) for term, x in zip(terms, xs, strict=True)]
    if any(n < 0 or (n > 0 and "..." not in term) for n, term in zip(rest, terms, strict=True)):
        raise _misfit(subscripts, xs, "a letter for each axis")
    dots = "".join(unused[: max(rest)])
    if not arrow:
        once = sorted(letter for letter in set(letters) if letters.count(letter) == 1)
        output = ("..." if dots else "") + "".join(once)
    plain = output.replace("...", "")
    if len(set(plain)) != len(plain) or not set(plain) <= set(left):
        raise _misfit(subscripts, xs, "an output of letters of the terms, each once")
    if dots and "..." not in output:
        raise _misfit(subscripts, xs, "'...' in the output too")
    expanded = [
        term.replace("...", dots[len(dots) - n :]) for term, n in zip(terms, rest, strict=True)
    ]
    return expanded, output.replace("...", dots)


def _check_sizes(subscripts: str, terms: list[str], xs: list[Variable]) -> None:
    sizes: dict[str, int] = {}
    for term, x in zip(terms, xs, strict=True):
        for letter, size in zip(term, x.shape, strict=True):
            known = sizes.get(letter, 1)
            if known != size and 1 not in (known, size):
                raise _misfit(subscripts, xs, f"one size for {letter!r}, not {known} and {size}")
            sizes[letter] = size if known == 1 else known


def _misfit(subscripts: str, xs: list[Variable], what: str) -> ValueError:
    shapes = ", ".join(str(x.shape) for x in xs)
    return ValueError(
        f"einsum: expected {what}, got {subscripts!r} for shapes {shapes}. "
        "See numpy.einsum for the notation."
    )
