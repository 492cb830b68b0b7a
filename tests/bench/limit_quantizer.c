/*
 * The quantizer's forward and backward pass as a specialist writes it for one machine: AVX-512
 * intrinsics, four vectors interleaved, everything of them in registers, sums over the samples in
 * vectors that are added up every 8192 values. tanh and 1 - tanh^2 are right to a few last places
 * everywhere. What generated code is measured by (tests/bench); not part of derive.
 */
#ifdef __AVX512DQ__
#include <immintrin.h>
#include <stddef.h>

#define U 4
#define EACH for (int u = 0; u < U; ++u)
#define UNROLLED _Pragma("GCC unroll 4")
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

/* The same text in both precisions: V is a vector, W its lanes, P(name) an intrinsic. */
#define KERNEL(NAME, REAL, V, W, P, MASK, POLY, REDUCE, SIGN)                                    \
    static void NAME##_vectors(size_t first, size_t last, size_t M, const REAL *G,               \
                               const REAL *X, const REAL *a, const REAL *b, const REAL *c,       \
                               REAL *Z, REAL *dX, V *sums)                                       \
    {                                                                                            \
        for (size_t i = first; i < last; i += W * U) {                                           \
            V x[U], g[U], z[U], d[U];                                                            \
            MASK in[U];                                                                          \
            UNROLLED EACH                                                                        \
            {                                                                                    \
                const size_t at = i + (size_t)u * W, rest = at < last ? last - at : 0;           \
                in[u] = rest < W ? (MASK)((1u << rest) - 1) : (MASK)~0u;                         \
                x[u] = P(maskz_loadu)(in[u], X + at);                                            \
                g[u] = P(maskz_loadu)(in[u], G + at);                                            \
                z[u] = d[u] = P(setzero)();                                                      \
            }                                                                                    \
            for (size_t j = 0; j < M; ++j) {                                                     \
                const V a1 = P(set1)(a[j]), ac = P(set1)(a[j] * c[j]);                           \
                const V b1 = P(set1)(b[j]), c1 = P(set1)(c[j]);                                  \
                V s[U], v[U], y[U], r[U], k[U], q[U], h[U], t[U], m[U];                          \
                UNROLLED EACH s[u] = P(sub)(x[u], b1);                                           \
                UNROLLED EACH v[u] = P(mul)(s[u], c1);                                           \
                UNROLLED EACH y[u] = P(mul)(P(abs)(v[u]), P(set1)((REAL)-2.8853900817779268));   \
                UNROLLED EACH y[u] = P(max)(P(set1)((REAL)-1000), y[u]);                         \
                UNROLLED EACH r[u] = REDUCE(y[u]);                                               \
                UNROLLED EACH k[u] = P(sub)(y[u], r[u]);                                         \
                POLY                                                                             \
                UNROLLED EACH q[u] = P(mul)(q[u], r[u]);                                         \
                /* 2^r - 1 and 2^y - 1, 2^y */                                                   \
                UNROLLED EACH h[u] = P(scalef)(P(add)(q[u], P(set1)(1)), k[u]);                  \
                UNROLLED EACH r[u] = P(scalef)(P(set1)(1), k[u]);                                \
                UNROLLED EACH m[u] = P(fnmadd)(r[u], q[u], P(sub)(P(set1)(1), r[u]));            \
                UNROLLED EACH t[u] = P(div)(m[u], P(sub)(P(set1)(2), m[u]));                     \
                UNROLLED EACH q[u] = P(add)(P(set1)(1), t[u]);                                   \
                UNROLLED EACH t[u] = SIGN(v[u], t[u]);                                           \
                UNROLLED EACH z[u] = P(fmadd)(a1, t[u], z[u]);                                   \
                UNROLLED EACH q[u] = P(mul)(P(mul)(q[u], q[u]), h[u]);                           \
                UNROLLED EACH d[u] = P(fmadd)(q[u], ac, d[u]);                                   \
                V A = sums[3 * j], B = sums[3 * j + 1], C = sums[3 * j + 2];                     \
                UNROLLED EACH A = P(fmadd)(g[u], t[u], A);                                       \
                UNROLLED EACH q[u] = P(mul)(g[u], q[u]);                                         \
                UNROLLED EACH B = P(add)(B, q[u]);                                               \
                UNROLLED EACH C = P(fmadd)(q[u], s[u], C);                                       \
                sums[3 * j] = A;                                                                 \
                sums[3 * j + 1] = B;                                                             \
                sums[3 * j + 2] = C;                                                             \
            }                                                                                    \
            UNROLLED EACH                                                                        \
            {                                                                                    \
                P(mask_storeu)(Z + i + (size_t)u * W, in[u], z[u]);                              \
                P(mask_storeu)(dX + i + (size_t)u * W, in[u], P(mul)(g[u], d[u]));               \
            }                                                                                    \
        }                                                                                        \
    }                                                                                            \
                                                                                                 \
    static void NAME##_share(size_t first, size_t end, size_t M, const REAL *G, const REAL *X,   \
                             const REAL *a, const REAL *b, const REAL *c, REAL *Z, REAL *dX,     \
                             REAL *da, REAL *db, REAL *dc)                                       \
    {                                                                                            \
        V sums[3 * MOST];                                                                        \
        REAL own[3 * MOST];                                                                      \
        for (size_t j = 0; j < 3 * M; ++j)                                                       \
            own[j] = 0;                                                                          \
        for (; first < end; first += BLOCK) {                                                    \
            const size_t last = end - first < BLOCK ? end : first + BLOCK;                       \
            for (size_t j = 0; j < 3 * M; ++j)                                                   \
                sums[j] = P(setzero)();                                                          \
            NAME##_vectors(first, last, M, G, X, a, b, c, Z, dX, sums);                          \
            for (size_t j = 0; j < 3 * M; ++j)                                                   \
                own[j] += P(reduce_add)(sums[j]);                                                \
        }                                                                                        \
        PRAGMA(omp critical)                                                                     \
        for (size_t j = 0; j < M; ++j) {                                                         \
            da[j] += own[3 * j];                                                                 \
            db[j] -= a[j] * c[j] * own[3 * j + 1];                                               \
            dc[j] += a[j] * own[3 * j + 2];                                                      \
        }                                                                                        \
    }                                                                                            \
                                                                                                 \
    void NAME(size_t E, size_t M, const REAL *G, const REAL *X, const REAL *a, const REAL *b,    \
              const REAL *c, REAL *Z, REAL *dX, REAL *da, REAL *db, REAL *dc)                    \
    {                                                                                            \
        for (size_t j = 0; j < M; ++j)                                                           \
            da[j] = db[j] = dc[j] = 0;                                                           \
        const size_t count = E * M > SMALL ? (size_t)THREADS : 1;                                \
        const size_t share = (E / count / (W * U) + 1) * (W * U);                                \
        if (count == 1) {                                                                        \
            NAME##_share(0, E, M, G, X, a, b, c, Z, dX, da, db, dc);                             \
            return;                                                                              \
        }                                                                                        \
        PRAGMA(omp parallel for schedule(static, 1))                                             \
        for (size_t p = 0; p < count; ++p) {                                                     \
            const size_t first = p * share < E ? p * share : E;                                  \
            const size_t end = E - first < share ? E : first + share;                            \
            NAME##_share(first, end, M, G, X, a, b, c, Z, dX, da, db, dc);                       \
        }                                                                                        \
    }

#define TERM(type, fma, set1, c) UNROLLED EACH q[u] = fma(q[u], r[u], set1((type)c));
#define TERM_32(c) TERM(float, _mm512_fmadd_ps, _mm512_set1_ps, c)
#define TERM_64(c) TERM(double, _mm512_fmadd_pd, _mm512_set1_pd, c)

/* (2^r - 1) / r for |r| <= 1/2, minimax. */
#define POLY_32                                                                                  \
    UNROLLED EACH q[u] = _mm512_set1_ps(0.00015469735f);                                         \
    TERM_32(0.0013390867) TERM_32(0.0096180308) TERM_32(0.055503571) TERM_32(0.24022651)         \
    TERM_32(0.69314719)
#define POLY_64                                                                                  \
    UNROLLED EACH q[u] = _mm512_set1_pd(4.4566754822322517e-10);                                 \
    TERM_64(7.0725861761373111e-9) TERM_64(1.0178051727059746e-7) TERM_64(1.3215442586644615e-6) \
    TERM_64(1.5252733853285594e-5) TERM_64(1.5403530441738452e-4) TERM_64(1.3333558146395995e-3) \
    TERM_64(9.6181291076068869e-3) TERM_64(5.5504108664821660e-2) TERM_64(2.4022650695910098e-1) \
    TERM_64(6.9314718055994531e-1)

#define REDUCE_32(y) _mm512_reduce_ps(y, 8)
#define REDUCE_64(y) _mm512_reduce_pd(y, 8)
#define SIGN_32(v, t)                                                                            \
    _mm512_castsi512_ps(_mm512_ternarylogic_epi32(_mm512_castps_si512(v), _mm512_castps_si512(t), \
                                                  _mm512_set1_epi32(0x7fffffff), 0xd8))
#define SIGN_64(v, t)                                                                            \
    _mm512_castsi512_pd(_mm512_ternarylogic_epi64(_mm512_castpd_si512(v), _mm512_castpd_si512(t), \
                                                  _mm512_set1_epi64(0x7fffffffffffffff), 0xd8))
#define PS(name) _mm512_##name##_ps
#define PD(name) _mm512_##name##_pd

KERNEL(limit_f32, float, __m512, 16, PS, __mmask16, POLY_32, REDUCE_32, SIGN_32)
KERNEL(limit_f64, double, __m512d, 8, PD, __mmask8, POLY_64, REDUCE_64, SIGN_64)
#endif
