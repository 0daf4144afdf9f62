"""What a kernel of the GPU is, as data: text, arguments, the types it is for, and its twin.

A spec imports nothing and compiles nothing, so that every text can be compiled, and run on the
host against its NumPy twin, on machines without a GPU.
"""

from dataclasses import dataclass

__all__ = ["CTYPES", "PHASES", "WIDE", "KernelSpec", "typedefs"]

# C's names of the types that NumPy's letters stand for; float16 is CuPy's class.
CTYPES = {
    "?": "bool",
    "b": "signed char",
    "B": "unsigned char",
    "h": "short",
    "H": "unsigned short",
    "i": "int",
    "I": "unsigned int",
    "l": "long long",
    "L": "unsigned long long",
    "e": "float16",
    "f": "float",
    "d": "double",
}
# For preambles: A is the type to add up in, float for float16 and float, double for double.
WIDE = """
template<typename U> struct Wide { typedef float type; };
template<> struct Wide<double> { typedef double type; };
typedef typename Wide<T>::type A;
"""

# Threads of a block wait for each other between phases. A host runs a phase thread by thread.
PHASES = """
#ifdef __CUDACC__
#define EACH_THREAD
#define TOGETHER __syncthreads();
#else
#define EACH_THREAD for (threadIdx.x = 0; threadIdx.x < blockDim.x; ++threadIdx.x)
#define TOGETHER
#endif
#define ADD_UP(sums) TOGETHER for (int half = (int)blockDim.x / 2; half > 0; half /= 2) { \\
    EACH_THREAD { \\
        if ((int)threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half]; \\
    } \\
    TOGETHER \\
}
#define LARGEST(tops) TOGETHER for (int half = (int)blockDim.x / 2; half > 0; half /= 2) { \\
    EACH_THREAD { \\
        if ((int)threadIdx.x < half) { \\
            const auto v = tops[threadIdx.x + half]; \\
            if (v > tops[threadIdx.x] || v != v) tops[threadIdx.x] = v; \\
        } \\
    } \\
    TOGETHER \\
}
#define EACH_COLUMN for (long long j = threadIdx.x; j < width; j += blockDim.x)
"""


@dataclass(frozen=True)
class KernelSpec:
    """One kernel.

    Attributes:
        kind: "elementwise", "reduction" or "raw", as CuPy's three classes.
        name: its name in C, unique in the table.
        in_params, out_params: CuPy's notation, such as "T g, float64 lr, raw I index". Outputs may
            be read: an update in place has its array there. Names are those of the twin's
            arguments. A number that changes from step to step is a plain float64: it may be given
            as a Python float, or as an array of one element, which is what a captured graph reads.
        operation: the statement of an elementwise kernel; of a reduction, the expression of the
            inputs that is added up.
        reduce, post, identity, reduce_type: the rest of a reduction, in `a` and `b`, and `a`.
        source: all of a raw kernel, `extern "C" __global__ void NAME(...)` of pointers, `long long`
            and `double`, in terms of T; CuPy's float16 and atomics are there.
        preamble: functions in front of the kernel, in terms of T.
        dtypes: the letters T stands for.
        others: (type variable, its letters) beside T.
        reference: "module:function" of its twin, called with arguments of the same names; empty if
            the tests of its table bring the expected values.
        shared: whether it needs threads that wait for each other.
        phased: whether it says itself where they wait, by the macros of PHASES, so that a
            host can run it: a block at a time, all its threads from one such place to the next.
    """

    kind: str
    name: str
    in_params: str = ""
    out_params: str = ""
    operation: str = ""
    reduce: str = "a + b"
    post: str = ""
    identity: str = "0"
    reduce_type: str = "T"
    source: str = ""
    preamble: str = ""
    dtypes: str = "fd"
    others: tuple[tuple[str, str], ...] = ()
    reference: str = ""
    shared: bool = False
    phased: bool = False


def typedefs(spec: KernelSpec, letters: str) -> str:
    """Return what makes T, and the other type variables in their order, the types of `letters`."""
    names = ["T", *(name for name, _ in spec.others)]
    pairs = zip(names, letters, strict=True)
    return "".join(f"typedef {CTYPES[letter]} {name};\n" for name, letter in pairs)
