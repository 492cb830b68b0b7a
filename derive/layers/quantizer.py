"""A soft-to-hard quantization layer in its training phase.

Every one of N values passes through the same sum of M smooth steps: ``a`` are the heights of
the steps, ``b`` their places, ``c`` their slopes.
"""

from derive import Definition, sum_over, tanh

layer = Definition("quantizer", "Soft-to-hard quantization layer in its training phase.")
N, M = layer.sizes("N M")
X = layer.input("X", N, doc="values to quantize")
a = layer.param("a", M, doc="heights of the steps")
b = layer.param("b", M, doc="places of the steps")
c = layer.param("c", M, doc="slopes of the steps")
i, j = layer.indices("i j")
Z = layer.output("Z", N, doc="quantized values")
Z[i] = sum_over(j, a[j] * tanh(c[j] * (X[i] - b[j])))
