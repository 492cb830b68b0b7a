"""Layers in which products of matrices decide, for Numba: value and gradients in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["LOOPS"]


def _softmax_mlp(threads: int, dR: Any, x: Any, W: Any, w: Any, V: Any, v: Any, y: Any) -> Any:
    real, B, (K, H), D = x.dtype.type, len(x), V.shape, x.shape[1]
    one = real(1)
    z, t = np.dot(x, W.T), np.empty_like(y)
    for row in range(B):
        for h in range(H):
            z[row, h] = one / (one + np.exp(-(z[row, h] + w[h])))
    t[:] = np.dot(z, V.T)
    R, dw, dv = np.empty_like(dR), np.zeros_like(w), np.zeros_like(v)
    for row in range(B):
        top = t[row, 0] + v[0]
        for k in range(K):
            t[row, k] += v[k]
            top = max(top, t[row, k])
        total, loss, weight = real(0), real(0), real(0)
        for k in range(K):
            loss -= y[row, k] * (t[row, k] - top)
            weight += y[row, k]
            t[row, k] = np.exp(t[row, k] - top)
            total += t[row, k]
        R[row] = loss + weight * np.log(total)
        scale = weight / total
        for k in range(K):
            t[row, k] = dR[row] * (t[row, k] * scale - y[row, k])
            dv[k] += t[row, k]
    ds = np.dot(t, V)
    for row in range(B):
        for h in range(H):
            ds[row, h] *= z[row, h] * (one - z[row, h])
            dw[h] += ds[row, h]
    if B > 1:
        return R, np.dot(ds, W), np.dot(ds.T, x), dw, np.dot(t.T, z), dv
    # An outer product is not worth a product of matrices.
    dx, dW, dV = np.zeros_like(x), np.empty_like(W), np.empty_like(V)
    for h in range(H):
        for i in range(D):
            dW[h, i] = ds[0, h] * x[0, i]
            dx[0, i] += ds[0, h] * W[h, i]
    for k in range(K):
        for h in range(H):
            dV[k, h] = t[0, k] * z[0, h]
    return R, dx, dW, dw, dV, dv


def _attention(threads: int, dO: Any, Q: Any, K: Any, V: Any) -> Any:
    real, (B, T, E), S = Q.dtype.type, Q.shape, K.shape[1]
    scale = real(1 / np.sqrt(E))
    out, dQ, dK, dV = np.empty_like(dO), np.empty_like(Q), np.empty_like(K), np.empty_like(V)
    for n in range(B):
        A = np.dot(Q[n], K[n].T)
        for i in range(T):
            top = A[i, 0]
            for j in range(1, S):
                top = max(top, A[i, j])
            total = real(0)
            for j in range(S):
                A[i, j] = np.exp((A[i, j] - top) * scale)
                total += A[i, j]
            for j in range(S):
                A[i, j] /= total
        out[n] = np.dot(A, V[n])
        dV[n] = np.dot(A.T, dO[n])
        dA = np.dot(dO[n], V[n].T)
        for i in range(T):
            inner = real(0)
            for j in range(S):
                inner += A[i, j] * dA[i, j]
            for j in range(S):
                dA[i, j] = scale * A[i, j] * (dA[i, j] - inner)
        dQ[n] = np.dot(dA, K[n])
        dK[n] = np.dot(dA.T, Q[n])
    return out, dQ, dK, dV


def _gru_cell(
    threads: int,
    dout: Any,
    x: Any,
    h: Any,
    Wz: Any,
    Wr: Any,
    Wn: Any,
    Uz: Any,
    Ur: Any,
    Un: Any,
    bz: Any,
    br: Any,
    bn: Any,
) -> Any:
    one, (B, H) = x.dtype.type(1), h.shape
    z, r, n = np.dot(x, Wz.T), np.dot(x, Wr.T), np.dot(x, Wn.T)
    hz, hr, hn = np.dot(h, Uz.T), np.dot(h, Ur.T), np.dot(h, Un.T)
    out, dh = np.empty_like(h), np.empty_like(h)
    dz, dr, dn = np.zeros_like(bz), np.zeros_like(br), np.zeros_like(bn)
    for b in range(B):
        for i in range(H):
            zi = one / (one + np.exp(-(z[b, i] + hz[b, i] + bz[i])))
            ri = one / (one + np.exp(-(r[b, i] + hr[b, i] + br[i])))
            ni = np.tanh(n[b, i] + ri * hn[b, i] + bn[i])
            g = dout[b, i]
            out[b, i] = (one - zi) * ni + zi * h[b, i]
            dh[b, i] = g * zi
            into_z = g * (h[b, i] - ni) * zi * (one - zi)
            into_n = g * (one - zi) * (one - ni * ni)
            into_r = into_n * hn[b, i] * ri * (one - ri)
            z[b, i], r[b, i], n[b, i], hn[b, i] = into_z, into_r, into_n, into_n * ri
            dz[i] += into_z
            dr[i] += into_r
            dn[i] += into_n
    dx = np.dot(z, Wz) + np.dot(r, Wr) + np.dot(n, Wn)
    dh += np.dot(z, Uz) + np.dot(r, Ur) + np.dot(hn, Un)
    over_x = np.dot(z.T, x), np.dot(r.T, x), np.dot(n.T, x)
    over_h = np.dot(z.T, h), np.dot(r.T, h), np.dot(hn.T, h)
    return (
        *(out, dx, dh, over_x[0], over_x[1], over_x[2], over_h[0], over_h[1], over_h[2]),
        *(dz, dr, dn),
    )


LOOPS = {"softmax_mlp": _softmax_mlp, "attention": _attention, "gru_cell": _gru_cell}
