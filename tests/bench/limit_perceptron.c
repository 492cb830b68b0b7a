/*
 * What the perceptron is measured by (tests/bench); not part of derive. limit_one: one sample,
 * forward and backward, as a specialist writes it: the hidden layer's weights are read twice, four
 * rows at a time, and their gradient is written while the input's is summed, without a call.
 * limit_products: the matrix products of a batch and nothing else.
 */
#include <math.h>
#include <stddef.h>
#ifdef DERIVE_CBLAS
#include <cblas.h>
#endif

#define SIMD(...) PRAGMA(omp simd __VA_ARGS__)
#define PRAGMA(text) _Pragma(#text)
#define R4(r) W + (h + (r)) * D

#define ONE(NAME, REAL, EXP, LOG)                                                                \
    void NAME(size_t D, size_t H, size_t K, const REAL *restrict x, const REAL *restrict W,      \
              const REAL *restrict w, const REAL *restrict V, const REAL *restrict v,            \
              const REAL *restrict y, REAL *restrict R, REAL *restrict dx, REAL *restrict dW,    \
              REAL *restrict dw, REAL *restrict dV, REAL *restrict dv, REAL *restrict z)         \
    {                                                                                            \
        size_t h = 0;                                                                            \
        for (; h + 4 <= H; h += 4) {                                                             \
            const REAL *p = R4(0), *q = R4(1), *r = R4(2), *s = R4(3);                           \
            REAL a = 0, b = 0, c = 0, d = 0;                                                     \
            SIMD(reduction(+ : a, b, c, d))                                                      \
            for (size_t i = 0; i < D; ++i) {                                                     \
                a += p[i] * x[i];                                                                \
                b += q[i] * x[i];                                                                \
                c += r[i] * x[i];                                                                \
                d += s[i] * x[i];                                                                \
            }                                                                                    \
            z[h] = a, z[h + 1] = b, z[h + 2] = c, z[h + 3] = d;                                  \
        }                                                                                        \
        for (; h < H; ++h) {                                                                     \
            REAL a = 0;                                                                          \
            SIMD(reduction(+ : a))                                                               \
            for (size_t i = 0; i < D; ++i)                                                       \
                a += W[h * D + i] * x[i];                                                        \
            z[h] = a;                                                                            \
        }                                                                                        \
        for (h = 0; h < H; ++h)                                                                  \
            z[h] = 1 / (1 + EXP(-(z[h] + w[h])));                                                \
        REAL top = -INFINITY, total = 0, loss = 0, weight = 0;                                   \
        for (size_t k = 0; k < K; ++k) {                                                         \
            REAL a = v[k];                                                                       \
            SIMD(reduction(+ : a))                                                               \
            for (size_t i = 0; i < H; ++i)                                                       \
                a += V[k * H + i] * z[i];                                                        \
            dv[k] = a;                                                                           \
            top = a > top ? a : top;                                                             \
        }                                                                                        \
        for (size_t k = 0; k < K; ++k) {                                                         \
            loss -= y[k] * (dv[k] - top);                                                        \
            weight += y[k];                                                                      \
            dv[k] = EXP(dv[k] - top);                                                            \
            total += dv[k];                                                                      \
        }                                                                                        \
        *R = loss + weight * LOG(total);                                                         \
        for (h = 0; h < H; ++h)                                                                  \
            dw[h] = 0;                                                                           \
        for (size_t k = 0; k < K; ++k) {                                                         \
            const REAL g = dv[k] * (weight / total) - y[k];                                      \
            dv[k] = g;                                                                           \
            SIMD()                                                                               \
            for (size_t i = 0; i < H; ++i) {                                                     \
                dV[k * H + i] = g * z[i];                                                        \
                dw[i] += g * V[k * H + i];                                                       \
            }                                                                                    \
        }                                                                                        \
        for (h = 0; h < H; ++h)                                                                  \
            dw[h] *= z[h] * (1 - z[h]);                                                          \
        for (size_t i = 0; i < D; ++i)                                                           \
            dx[i] = 0;                                                                           \
        for (h = 0; h + 4 <= H; h += 4) {                                                        \
            const REAL *p = R4(0), *q = R4(1), *r = R4(2), *s = R4(3);                           \
            const REAL a = dw[h], b = dw[h + 1], c = dw[h + 2], d = dw[h + 3];                   \
            REAL *t = dW + h * D;                                                                \
            SIMD()                                                                               \
            for (size_t i = 0; i < D; ++i) {                                                     \
                dx[i] += a * p[i] + b * q[i] + c * r[i] + d * s[i];                              \
                t[i] = a * x[i];                                                                 \
                t[D + i] = b * x[i];                                                             \
                t[2 * D + i] = c * x[i];                                                         \
                t[3 * D + i] = d * x[i];                                                         \
            }                                                                                    \
        }                                                                                        \
        for (; h < H; ++h) {                                                                     \
            SIMD()                                                                               \
            for (size_t i = 0; i < D; ++i) {                                                     \
                dx[i] += dw[h] * W[h * D + i];                                                   \
                dW[h * D + i] = dw[h] * x[i];                                                    \
            }                                                                                    \
        }                                                                                        \
    }

ONE(limit_one_f32, float, expf, logf)
ONE(limit_one_f64, double, exp, log)

#ifdef DERIVE_CBLAS
/* C = A B, A B^T or A^T B, for matrices in C order; C has m rows and n columns. */
#define NN(gemm, m, n, k, A, B, C)                                                               \
    gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)(m), (int)(n), (int)(k), 1, A, (int)(k), \
         B, (int)(n), 0, C, (int)(n))
#define NT(gemm, m, n, k, A, B, C)                                                               \
    gemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)(m), (int)(n), (int)(k), 1, A, (int)(k),  \
         B, (int)(k), 0, C, (int)(n))
#define TN(gemm, m, n, k, A, B, C)                                                               \
    gemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)(m), (int)(n), (int)(k), 1, A, (int)(m),  \
         B, (int)(n), 0, C, (int)(n))

#define PRODUCTS(NAME, REAL, GEMM)                                                               \
    void NAME(size_t B, size_t D, size_t H, size_t K, const REAL *x, const REAL *W,              \
              const REAL *V, REAL *s, REAL *t, REAL *ds, REAL *dx, REAL *dW, REAL *dV)           \
    {                                                                                            \
        NT(GEMM, B, H, D, x, W, s);                                                              \
        NT(GEMM, B, K, H, s, V, t);                                                              \
        NN(GEMM, B, H, K, t, V, ds);                                                             \
        TN(GEMM, K, H, B, t, s, dV);                                                             \
        TN(GEMM, H, D, B, ds, x, dW);                                                            \
        NN(GEMM, B, D, H, ds, W, dx);                                                            \
    }

PRODUCTS(limit_products_f32, float, cblas_sgemm)
PRODUCTS(limit_products_f64, double, cblas_dgemm)
#endif
