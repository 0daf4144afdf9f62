"""Vectors of numbers inside compiled loops: what a register of the processor holds.

LLVM turns a plain loop into vectors only if it can prove that no store changes what a later load
reads. A loop that writes to several places fails that test, and so does one that keeps a block of
sums in registers. Here the vectors are written out: `load`, `store`, `repeat`, `fill`, and + - *
and `fma` on them. Indices are not checked, and not counted from the end.
"""

import operator
from collections.abc import Callable
from typing import Any

import numba
from llvmlite import binding, ir
from numba.core import types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic as _intrinsic
from numba.extending import models, register_model


def intrinsic(build: Callable) -> Any:
    """Return what compiled code calls to get the instructions that `build` writes.

    To a checker of types, where numba is not installed, it would have the arguments of `build`.
    """
    return _intrinsic(build)


def _register_bytes() -> int:
    features = numba.config.CPU_FEATURES  # type: ignore[attr-defined]
    if features is None:
        return 64 if binding.get_host_cpu_features().get("avx512f") else 32
    return 64 if "+avx512f" in features else 32


# Of one vector. On processors with shorter registers LLVM takes two for it.
BYTES = _register_bytes()


class Vector(types.Type):
    """The type, inside compiled code, of as many numbers of a dtype as `BYTES` hold."""

    def __init__(self, dtype: Any) -> None:
        self.dtype, self.lanes = dtype, BYTES * 8 // dtype.bitwidth
        super().__init__(f"Vector({dtype}, {self.lanes})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Vector) -> None:
        number = manager.lookup(kind.dtype).get_value_type()
        super().__init__(manager, kind, ir.VectorType(number, kind.lanes))


def _operator(function: Any, instruction: str) -> None:
    vectors = Vector(types.float32), Vector(types.float64)

    class Template(ConcreteTemplate):
        cases = [signature(v, v, v) for v in vectors]

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*args)

    register: Any = infer_global(function)
    register(Template)
    for v in vectors:
        lower_builtin(function, v, v)(lower)


_operator(operator.add, "fadd")
_operator(operator.sub, "fsub")
_operator(operator.mul, "fmul")


def _address(context: Any, builder: Any, array: Any, args: Any) -> Any:
    """Return a pointer to array[i]."""
    data = context.make_array(array)(context, builder, args[0]).data
    return builder.gep(data, [args[1]])


def _vector_address(context: Any, builder: Any, array: Any, args: Any) -> Any:
    vector = context.get_value_type(Vector(array.dtype))
    return builder.bitcast(_address(context, builder, array, args), vector.as_pointer())


def _filled(context: Any, builder: Any, number: Any, kind: Vector) -> Any:
    vector, index = context.get_value_type(kind), ir.IntType(32)
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), number, index(0))
    mask = ir.Constant(ir.VectorType(index, kind.lanes), [0] * kind.lanes)
    return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), mask)


@intrinsic
def load(typingctx: Any, array: Any, i: Any) -> Any:
    """Return the vector array[i : i + lanes] of an array seen as flat."""

    def generate(context, builder, sig, args):
        place = _vector_address(context, builder, array, args)
        return builder.load(place, align=array.dtype.bitwidth // 8)

    return Vector(array.dtype)(array, types.intp), generate


@intrinsic
def store(typingctx: Any, array: Any, i: Any, vector: Any) -> Any:
    """Set array[i : i + lanes] of an array seen as flat."""

    def generate(context, builder, sig, args):
        place = _vector_address(context, builder, array, args)
        builder.store(args[2], place, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), generate


@intrinsic
def repeat(typingctx: Any, array: Any, i: Any) -> Any:
    """Return a vector with array[i] of a flat array in every lane."""
    kind = Vector(array.dtype)

    def generate(context, builder, sig, args):
        number = builder.load(_address(context, builder, array, args))
        return _filled(context, builder, number, kind)

    return kind(array, types.intp), generate


@intrinsic
def fill(typingctx: Any, number: Any) -> Any:
    """Return a vector with `number` in every lane."""
    kind = Vector(number)

    def generate(context, builder, sig, args):
        return _filled(context, builder, args[0], kind)

    return kind(number), generate


@intrinsic
def fma(typingctx: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a * b + c, in one instruction where the processor has it."""

    def generate(context, builder, sig, args):
        vector = context.get_value_type(a)
        name = f"llvm.fmuladd.v{a.lanes}f{a.dtype.bitwidth}"
        kind = ir.FunctionType(vector, [vector] * 3)
        function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        return builder.call(function, args)

    return a(a, a, a), generate
