// What CUDA and CuPy offer the text of a kernel, for one thread after another on the host.
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <algorithm>

#define __device__
#define __host__
#define __global__
#define __forceinline__ inline
#define __shared__ static
#define __launch_bounds__(...)
#define CUPY_FOR(i, n)                                                                          \
    for (ptrdiff_t i = (ptrdiff_t)blockIdx.x * blockDim.x + threadIdx.x; i < (ptrdiff_t)(n);    \
         i += (ptrdiff_t)blockDim.x * gridDim.x)

static int failed;  // the number of the argument whose index was out of bounds, from 1

struct dim3 { unsigned int x, y, z; };
static dim3 gridDim, blockDim, blockIdx, threadIdx;

struct float16 {
    _Float16 v;
    float16() = default;
    float16(float x) : v((_Float16)x) {}
    operator float() const { return (float)v; }
    float16& operator+=(float x) { v = (_Float16)((float)v + x); return *this; }
    float16& operator-=(float x) { v = (_Float16)((float)v - x); return *this; }
    float16& operator*=(float x) { v = (_Float16)((float)v * x); return *this; }
};

// A pointer that knows its ends.
template<typename T> struct Checked {
    T* data; ptrdiff_t length; int argument;
    T& operator[](ptrdiff_t i) const {
        static thread_local typename std::remove_const<T>::type nothing;
        if (i < 0 || i >= length) { failed = argument; return nothing; }
        return data[i];
    }
    T& operator*() const { return (*this)[0]; }
    ptrdiff_t size() const { return length; }
    template<typename U> friend Checked operator+(const Checked& a, U i) {
        return {a.data + i, a.length - (ptrdiff_t)i, a.argument};  // what lies before is lost: rare
    }
};

struct Indexer {
    ptrdiff_t length;
    ptrdiff_t size() const { return length; }
};

using std::min;
using std::max;
template<typename T> static inline T __ldg(const T* p) { return *p; }
template<typename T> static inline T atomicAdd(T* p, T x) { T old = *p; *p = old + x; return old; }
template<typename T> static inline T atomicMax(T* p, T x) { T old = *p; *p = max(old, x); return old; }
template<typename T> static inline T atomicExch(T* p, T x) { T old = *p; *p = x; return old; }
static inline unsigned int __umulhi(unsigned int a, unsigned int b) {
    return (unsigned int)(((uint64_t)a * b) >> 32);
}
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)(((unsigned __int128)a * b) >> 64);
}
static inline float rsqrtf(float x) { return 1 / sqrtf(x); }
static inline float rsqrt(float x) { return 1 / sqrtf(x); }
static inline double rsqrt(double x) { return 1 / sqrt(x); }
// Names that the C library keeps for itself.
#define __expf(x) expf(x)
#define __logf(x) logf(x)
#define __powf(x, y) powf(x, y)
#define __fdividef(x, y) ((float)(x) / (float)(y))
static inline int __popc(unsigned int x) { return __builtin_popcount(x); }
static inline int __clz(int x) { return x ? __builtin_clz((unsigned int)x) : 32; }
template<typename To, typename From> static inline To bits_as(From x) {
    To y; memcpy(&y, &x, sizeof y); return y;
}
static inline int __float_as_int(float x) { return bits_as<int>(x); }
static inline unsigned int __float_as_uint(float x) { return bits_as<unsigned int>(x); }
static inline float __int_as_float(int x) { return bits_as<float>(x); }
static inline float __uint_as_float(unsigned int x) { return bits_as<float>(x); }
static inline long long __double_as_longlong(double x) { return bits_as<long long>(x); }
static inline double __longlong_as_double(long long x) { return bits_as<double>(x); }
