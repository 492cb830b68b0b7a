"""Layers that are loops over independent rows, for Numba: value and gradients in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

__all__ = ["LOOPS"]


def _quantizer(threads: int, dZ: Any, X: Any, a: Any, b: Any, c: Any) -> Any:
    real, M = X.dtype.type, len(a)
    one, x, g = real(1), X.reshape(-1), dZ.reshape(-1)
    Z, dX = np.empty_like(X), np.empty_like(X)
    z, d = Z.reshape(-1), dX.reshape(-1)
    part = np.zeros((threads, 3, M), X.dtype)
    for p in prange(threads):
        for i in range(p * len(x) // threads, (p + 1) * len(x) // threads):
            value, slope = real(0), real(0)
            for j in range(M):
                s = x[i] - b[j]
                t = np.tanh(c[j] * s)
                q = one - t * t
                value += a[j] * t
                slope += a[j] * c[j] * q
                part[p, 0, j] += g[i] * t
                part[p, 1, j] += g[i] * q
                part[p, 2, j] += g[i] * q * s
            z[i] = value
            d[i] = g[i] * slope
    da, s, dc = part[:, 0].sum(0), part[:, 1].sum(0), part[:, 2].sum(0)
    return Z, dX, da, -a * c * s, a * dc


def _layer_norm(threads: int, dy: Any, x: Any, gamma: Any, beta: Any) -> Any:
    real, (B, N) = x.dtype.type, x.shape
    one, n, small = real(1), real(N), real(1e-5)
    y, dx = np.empty_like(x), np.empty_like(x)
    part = np.zeros((threads, 2, N), x.dtype)
    for p in prange(threads):
        for row in range(p * B // threads, (p + 1) * B // threads):
            mean, var = real(0), real(0)
            for i in range(N):
                mean += x[row, i]
            mean /= n
            for i in range(N):
                var += (x[row, i] - mean) * (x[row, i] - mean)
            r = one / np.sqrt(var / n + small)
            total, weighted = real(0), real(0)
            for i in range(N):
                c = (x[row, i] - mean) * r
                g = dy[row, i] * gamma[i]
                y[row, i] = gamma[i] * c + beta[i]
                part[p, 0, i] += dy[row, i] * c
                part[p, 1, i] += dy[row, i]
                total += g
                weighted += g * c
            total, weighted = total / n, weighted / n
            for i in range(N):
                c = (x[row, i] - mean) * r
                dx[row, i] = r * (dy[row, i] * gamma[i] - total - c * weighted)
    return y, dx, part[:, 0].sum(0), part[:, 1].sum(0)


def _softmax_cross_entropy(threads: int, dR: Any, t: Any, y: Any) -> Any:
    real, (B, K) = t.dtype.type, t.shape
    R, dt = np.empty_like(dR), np.empty_like(t)
    for p in prange(threads):
        for row in range(p * B // threads, (p + 1) * B // threads):
            top = t[row, 0]
            for k in range(1, K):
                top = max(top, t[row, k])
            total, weight, loss = real(0), real(0), real(0)
            for k in range(K):
                e = np.exp(t[row, k] - top)
                dt[row, k] = e
                total += e
                weight += y[row, k]
                loss -= y[row, k] * (t[row, k] - top)
            R[row] = loss + weight * np.log(total)
            scale = weight / total
            for k in range(K):
                dt[row, k] = dR[row] * (dt[row, k] * scale - y[row, k])
    return R, dt


def _rbf(threads: int, dy: Any, x: Any, c: Any, w: Any, beta: Any) -> Any:
    real, (N, D), M = x.dtype.type, x.shape, len(w)
    two = real(2)
    y, dx = np.empty_like(dy), np.zeros_like(x)
    centres = np.zeros((threads, M, D), x.dtype)
    part = np.zeros((threads, 2, M), x.dtype)
    for p in prange(threads):
        for n in range(p * N // threads, (p + 1) * N // threads):
            value = real(0)
            for m in range(M):
                square = real(0)
                for k in range(D):
                    square += (x[n, k] - c[m, k]) * (x[n, k] - c[m, k])
                e = np.exp(-beta[m] * square)
                value += w[m] * e
                g = dy[n] * e
                part[p, 0, m] += g
                part[p, 1, m] -= g * w[m] * square
                slope = two * g * w[m] * beta[m]
                for k in range(D):
                    move = slope * (x[n, k] - c[m, k])
                    dx[n, k] -= move
                    centres[p, m, k] += move
            y[n] = value
    return y, dx, centres.sum(0), part[:, 0].sum(0), part[:, 1].sum(0)


LOOPS = {
    "quantizer": _quantizer,
    "layer_norm": _layer_norm,
    "softmax_cross_entropy": _softmax_cross_entropy,
    "rbf": _rbf,
}
