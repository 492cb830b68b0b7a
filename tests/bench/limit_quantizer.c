/*
 * The quantizer's forward and backward pass as a specialist writes it for one machine: intrinsics of
 * AVX-512 or AVX2, as many vectors interleaved as there are registers for, sums over the samples in
 * vectors that are added up every 8192 values. tanh is right to 4 units in the last place
 * everywhere; 1 - tanh^2 loses more of them the smaller it is, and is 0 or stays at the least
 * normal number in the end. What generated code is measured by (tests/bench); not part of derive.
 */
#if defined(__AVX512DQ__) || (defined(__AVX2__) && defined(__FMA__))
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))
#define BLOCK 8192
#define MOST 256 /* code words */
#define SMALL 16384 /* what one thread does alone */
#ifdef _OPENMP
#include <omp.h>
#define THREADS omp_get_max_threads()
#else
#define THREADS 1
#endif
#define PRAGMA(text) _Pragma(#text)

#ifdef __AVX512DQ__
#define U 4
#define UNROLLED _Pragma("GCC unroll 4")
#define V_f32 __m512
#define V_f64 __m512d
#define PS(name) _mm512_##name##_ps
#define PD(name) _mm512_##name##_pd
#define INTEGERS(name) _mm512_##name##_si512

/* The first count numbers, fewer than a vector; the power of 2, and y without its integer part. */
#define OF_WIDTH(T, REAL, W, P, MASK)                                                             \
    INLINE V_##T some_##T(const REAL *x, size_t count)                                            \
    {                                                                                             \
        return P(maskz_loadu)((MASK)((1u << count) - 1), x);                                      \
    }                                                                                             \
    INLINE void put_##T(REAL *x, V_##T v, size_t count)                                           \
    {                                                                                             \
        P(mask_storeu)(x, (MASK)((1u << count) - 1), v);                                          \
    }                                                                                             \
    INLINE V_##T split_##T(V_##T y, V_##T *power)                                                 \
    {                                                                                             \
        const V_##T r = P(reduce)(P(max)(P(set1)(-1000), y), 8);                                  \
        *power = P(scalef)(P(set1)(1), P(sub)(P(max)(P(set1)(-1000), y), r));                     \
        return r;                                                                                 \
    }                                                                                             \
    INLINE REAL sum_##T(V_##T x)                                                                  \
    {                                                                                             \
        return P(reduce_add)(x);                                                                  \
    }
OF_WIDTH(f32, float, 16, PS, __mmask16)
OF_WIDTH(f64, double, 8, PD, __mmask8)
#else
#define U 8
#define UNROLLED _Pragma("GCC unroll 8")
#define V_f32 __m256
#define V_f64 __m256d
#define PS(name) _mm256_##name##_ps
#define PD(name) _mm256_##name##_pd
#define INTEGERS(name) _mm256_##name##_si256

#define OF_WIDTH(T, REAL, W, P, I, BITS, ONES, LEAST, MAGIC, MANTISSA)                            \
    INLINE __m256i first_##T(size_t count)                                                        \
    {                                                                                             \
        I mask[W];                                                                                \
        for (size_t l = 0; l < W; ++l)                                                            \
            mask[l] = -(I)(l < count);                                                            \
        return _mm256_loadu_si256((const __m256i *)mask);                                         \
    }                                                                                             \
    INLINE V_##T some_##T(const REAL *x, size_t count)                                            \
    {                                                                                             \
        return P(maskload)(x, first_##T(count));                                                  \
    }                                                                                             \
    INLINE void put_##T(REAL *x, V_##T v, size_t count)                                           \
    {                                                                                             \
        P(maskstore)(x, first_##T(count), v);                                                     \
    }                                                                                             \
    INLINE V_##T split_##T(V_##T y, V_##T *power)                                                 \
    {                                                                                             \
        y = P(max)(P(set1)(LEAST), y);                                                            \
        /* The low bits are the exponent. */                                                      \
        const V_##T shifted = P(add)(y, P(set1)((REAL)MAGIC));                                    \
        *power = BITS(_mm256_slli_##ONES(_mm256_cast##T(shifted), MANTISSA));                     \
        return P(sub)(y, P(sub)(shifted, P(set1)((REAL)MAGIC)));                                  \
    }                                                                                             \
    INLINE REAL sum_##T(V_##T x)                                                                  \
    {                                                                                             \
        REAL all[W], sum = 0;                                                                     \
        P(storeu)(all, x);                                                                        \
        for (size_t l = 0; l < W; ++l)                                                            \
            sum += all[l];                                                                        \
        return sum;                                                                               \
    }
#define _mm256_castf32 _mm256_castps_si256
#define _mm256_castf64 _mm256_castpd_si256
OF_WIDTH(f32, float, 8, PS, int32_t, _mm256_castsi256_ps, epi32, -126, 12583039.0, 23)
OF_WIDTH(f64, double, 4, PD, int64_t, _mm256_castsi256_pd, epi64, -1022, 6755399441056767.0, 52)
#endif
#define EACH UNROLLED for (int u = 0; u < U; ++u)

/* The same text in both precisions: T is f32 or f64, W are its lanes, P(name) is an intrinsic. */
#define KERNEL(T, REAL, P, POLY)                                                                  \
    INLINE void vectors_##T(size_t first, size_t last, int whole, size_t M, const REAL *G,        \
                            const REAL *X, const REAL *a, const REAL *b, const REAL *c, REAL *Z,  \
                            REAL *dX, V_##T *sums)                                                \
    {                                                                                             \
        const size_t W = sizeof(V_##T) / sizeof(REAL);                                            \
        for (size_t i = first; i < last; i += W * U) {                                            \
            V_##T x[U], g[U], z[U], d[U];                                                         \
            size_t in[U];                                                                         \
            EACH                                                                                  \
            {                                                                                     \
                const size_t at = i + (size_t)u * W, rest = at < last ? last - at : 0;            \
                in[u] = rest < W ? rest : W;                                                      \
                x[u] = whole ? P(loadu)(X + at) : some_##T(X + at, in[u]);                        \
                g[u] = whole ? P(loadu)(G + at) : some_##T(G + at, in[u]);                        \
                z[u] = d[u] = P(setzero)();                                                       \
            }                                                                                     \
            for (size_t j = 0; j < M; ++j) {                                                      \
                const V_##T a1 = P(set1)(a[j]), ac = P(set1)(a[j] * c[j]);                        \
                const V_##T b1 = P(set1)(b[j]), c1 = P(set1)(c[j]);                               \
                const V_##T sign = P(set1)((REAL)-0.0);                                           \
                V_##T s[U], v[U], y[U], r[U], k[U], q[U], h[U], t[U], m[U];                       \
                EACH s[u] = P(sub)(x[u], b1);                                                     \
                EACH v[u] = P(mul)(s[u], c1);                                                     \
                EACH y[u] = P(mul)(P(andnot)(sign, v[u]), P(set1)((REAL)-2.8853900817779268));    \
                EACH r[u] = split_##T(y[u], &k[u]);                                               \
                POLY                                                                              \
                EACH q[u] = P(mul)(q[u], r[u]);                                                   \
                /* 2^r - 1 and 2^y - 1, 2^y */                                                    \
                EACH h[u] = P(fmadd)(q[u], k[u], k[u]);                                           \
                EACH m[u] = P(fnmadd)(k[u], q[u], P(sub)(P(set1)(1), k[u]));                      \
                EACH t[u] = P(div)(m[u], P(sub)(P(set1)(2), m[u]));                               \
                EACH q[u] = P(add)(P(set1)(1), t[u]);                                             \
                EACH t[u] = P(or)(P(and)(v[u], sign), t[u]);                                      \
                EACH z[u] = P(fmadd)(a1, t[u], z[u]);                                             \
                EACH q[u] = P(mul)(P(mul)(q[u], q[u]), h[u]);                                     \
                EACH d[u] = P(fmadd)(q[u], ac, d[u]);                                             \
                V_##T A = sums[3 * j], B = sums[3 * j + 1], C = sums[3 * j + 2];                  \
                EACH A = P(fmadd)(g[u], t[u], A);                                                 \
                EACH q[u] = P(mul)(g[u], q[u]);                                                   \
                EACH B = P(add)(B, q[u]);                                                         \
                EACH C = P(fmadd)(q[u], s[u], C);                                                 \
                sums[3 * j] = A;                                                                  \
                sums[3 * j + 1] = B;                                                              \
                sums[3 * j + 2] = C;                                                              \
            }                                                                                     \
            EACH                                                                                  \
            {                                                                                     \
                const size_t at = i + (size_t)u * W;                                              \
                d[u] = P(mul)(g[u], d[u]);                                                        \
                if (whole) {                                                                      \
                    P(storeu)(Z + at, z[u]);                                                      \
                    P(storeu)(dX + at, d[u]);                                                     \
                } else {                                                                          \
                    put_##T(Z + at, z[u], in[u]);                                                 \
                    put_##T(dX + at, d[u], in[u]);                                                \
                }                                                                                 \
            }                                                                                     \
        }                                                                                         \
    }                                                                                             \
                                                                                                  \
    static void share_##T(size_t first, size_t end, size_t M, const REAL *G, const REAL *X,       \
                          const REAL *a, const REAL *b, const REAL *c, REAL *Z, REAL *dX,         \
                          REAL *da, REAL *db, REAL *dc)                                           \
    {                                                                                             \
        const size_t at_once = U * sizeof(V_##T) / sizeof(REAL);                                  \
        V_##T sums[3 * MOST];                                                                     \
        REAL own[3 * MOST];                                                                       \
        for (size_t j = 0; j < 3 * M; ++j)                                                        \
            own[j] = 0;                                                                           \
        for (; first < end; first += BLOCK) {                                                     \
            const size_t last = end - first < BLOCK ? end : first + BLOCK;                        \
            const size_t whole = first + (last - first) / at_once * at_once;                      \
            for (size_t j = 0; j < 3 * M; ++j)                                                    \
                sums[j] = P(setzero)();                                                           \
            vectors_##T(first, whole, 1, M, G, X, a, b, c, Z, dX, sums);                          \
            vectors_##T(whole, last, 0, M, G, X, a, b, c, Z, dX, sums);                           \
            for (size_t j = 0; j < 3 * M; ++j)                                                    \
                own[j] += sum_##T(sums[j]);                                                       \
        }                                                                                         \
        PRAGMA(omp critical)                                                                      \
        for (size_t j = 0; j < M; ++j) {                                                          \
            da[j] += own[3 * j];                                                                  \
            db[j] -= a[j] * c[j] * own[3 * j + 1];                                                \
            dc[j] += a[j] * own[3 * j + 2];                                                       \
        }                                                                                         \
    }                                                                                             \
                                                                                                  \
    void limit_##T(size_t E, size_t M, const REAL *G, const REAL *X, const REAL *a,               \
                   const REAL *b, const REAL *c, REAL *Z, REAL *dX, REAL *da, REAL *db, REAL *dc) \
    {                                                                                             \
        for (size_t j = 0; j < M; ++j)                                                            \
            da[j] = db[j] = dc[j] = 0;                                                            \
        const size_t at_once = U * sizeof(V_##T) / sizeof(REAL);                                  \
        const size_t count = E * M > SMALL ? (size_t)THREADS : 1;                                 \
        const size_t share = (E / count / at_once + 1) * at_once;                                 \
        if (count == 1) {                                                                         \
            share_##T(0, E, M, G, X, a, b, c, Z, dX, da, db, dc);                                 \
            return;                                                                               \
        }                                                                                         \
        PRAGMA(omp parallel for schedule(static, 1))                                              \
        for (size_t p = 0; p < count; ++p) {                                                      \
            const size_t first = p * share < E ? p * share : E;                                   \
            const size_t end = E - first < share ? E : first + share;                             \
            share_##T(first, end, M, G, X, a, b, c, Z, dX, da, db, dc);                           \
        }                                                                                         \
    }

/* (2^r - 1) / r for |r| <= 1/2, minimax. */
#define TERM_32(c) EACH q[u] = PS(fmadd)(q[u], r[u], PS(set1)((float)c));
#define TERM_64(c) EACH q[u] = PD(fmadd)(q[u], r[u], PD(set1)(c));
#define POLY_32                                                                                   \
    EACH q[u] = PS(set1)(0.00015469735f);                                                         \
    TERM_32(0.0013390867) TERM_32(0.0096180308) TERM_32(0.055503571) TERM_32(0.24022651)          \
    TERM_32(0.69314719)
#define POLY_64                                                                                   \
    EACH q[u] = PD(set1)(4.4566754822322517e-10);                                                 \
    TERM_64(7.0725861761373111e-9) TERM_64(1.0178051727059746e-7) TERM_64(1.3215442586644615e-6)  \
    TERM_64(1.5252733853285594e-5) TERM_64(1.5403530441738452e-4) TERM_64(1.3333558146395995e-3)  \
    TERM_64(9.6181291076068869e-3) TERM_64(5.5504108664821660e-2) TERM_64(2.4022650695910098e-1)  \
    TERM_64(6.9314718055994531e-1)

KERNEL(f32, float, PS, POLY_32)
KERNEL(f64, double, PD, POLY_64)
#endif
