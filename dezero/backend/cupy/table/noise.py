"""Noise by counting: each thread computes a block of Philox4x64-10 and what is made of it.

The words are those of `numpy.random.Philox`, see `dezero.backend.philox`. `base` holds what is to
be added to key and block: zeros, or what a captured step is given anew at each replay.
"""

from dezero.backend.cupy.specs import KernelSpec

__all__ = ["SPECS"]

# Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", table 2 and figure 3.
_PHILOX = """
struct Words { unsigned long long word[4]; };
__device__ inline Words philox(unsigned long long counter, unsigned long long key0,
                               unsigned long long key1) {
    unsigned long long a = counter, b = 0, c = 0, d = 0;
    for (int round = 0; round < 10; ++round) {
        unsigned long long high0 = __umul64hi(0xD2E7470EE14C6C93ull, a);
        unsigned long long low0 = 0xD2E7470EE14C6C93ull * a;
        unsigned long long high1 = __umul64hi(0xCA5A826395121157ull, c);
        unsigned long long low1 = 0xCA5A826395121157ull * c;
        a = high1 ^ b ^ key0; b = low1; c = high0 ^ d ^ key1; d = low0;
        key0 += 0x9E3779B97F4A7C15ull; key1 += 0xBB67AE8584CAA73Bull;
    }
    Words result = {{a, b, c, d}};
    return result;
}
"""
_WORDS = "Words words = philox(block + base[2] + i + 1, key0 + base[0], key1 + base[1]);\n"
_PLACE = "uint64 key0, uint64 key1, uint64 block, raw uint64 base"

# Box and Muller 1958, in the steps of `dezero.backend.philox.normals`.
_NORMALS = (
    _PHILOX
    + """
__device__ inline void two_normals(unsigned long long word, float& first, float& second) {
    unsigned int low = (unsigned int)word, high = (unsigned int)(word >> 32);
    float uniform = (float)high * 2.3283064365386963e-10f + 1.1641532182693481e-10f;
    float distance = sqrtf(-2.0f * logf(uniform));
    float angle = (float)((int)(low & 0x3FFFFFFFu) - 0x20000000) * 1.4629180792671596e-09f;
    float c = cosf(angle) * distance, s = sinf(angle) * distance;
    unsigned int quarter = low >> 30;
    first = quarter & 1 ? s : c;
    second = quarter & 1 ? c : s;
    if ((quarter + 1) & 2) { first = -first; }
    if (quarter & 2) { second = -second; }
}
"""
)


def _each_normal(statement: str) -> str:
    return (
        _WORDS
        + """
        for (int k = 0; k < 4; ++k) {
            float pair[2];
            two_normals(words.word[k], pair[0], pair[1]);
            for (int j = 0; j < 2; ++j) {
                ptrdiff_t at = i * 8 + k * 2 + j;
                if (at < count) { """
        + statement
        + """ }
            }
        }
        """
    )


SPECS = (
    KernelSpec(
        "elementwise",
        "philox_words",
        f"{_PLACE}, int64 count",
        "raw T y",
        _WORDS + "for (int k = 0; k < 4; ++k) { ptrdiff_t at = i * 4 + k; "
        "if (at < count) { y[at] = words.word[k]; } }",
        preamble=_PHILOX,
        dtypes="L",
    ),
    KernelSpec(
        "elementwise",
        "dropout",
        f"raw T x, {_PLACE}, int64 count, int64 dropped, float64 scale",
        "raw T y",
        _WORDS
        + """
        bool is_coarse = dropped % 256 == 0;
        int per = is_coarse ? 32 : 16, bits = is_coarse ? 8 : 16;
        unsigned long long mask = is_coarse ? 0xFF : 0xFFFF;
        unsigned long long limit = is_coarse ? dropped >> 8 : dropped;
        for (int k = 0; k < per; ++k) {
            ptrdiff_t at = i * per + k;
            if (at < count) {
                int place = k * bits;
                unsigned long long drawn = (words.word[place >> 6] >> (place & 63)) & mask;
                y[at] = T(x[at] * (drawn >= limit ? T(scale) : T(0)));
            }
        }
        """,
        preamble=_PHILOX,
        dtypes="efd",
    ),
    KernelSpec(
        "elementwise",
        "gaussian_dropout",
        f"raw T x, {_PLACE}, int64 count, float64 stddev",
        "raw T y",
        _each_normal("y[at] = T(x[at] * T(pair[j] * (float)stddev + 1.0f));"),
        preamble=_NORMALS,
        dtypes="efd",
    ),
    KernelSpec(
        "elementwise",
        "standard_normal",
        f"{_PLACE}, int64 count",
        "raw T y",
        _each_normal("y[at] = pair[j];"),
        preamble=_NORMALS,
        dtypes="f",
    ),
)
