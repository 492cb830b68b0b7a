"""A perceptron with one hidden layer and softmax with logloss, in column vectors."""

from derive import Definition, grad, log, sigmoid, softmax, sum_over

layer = Definition("softmax_mlp", "One hidden layer, softmax and logloss; column vectors.")
D, H, K = layer.sizes("D H K")
x = layer.input("x", D, doc="features")
W = layer.param("W", H, D, doc="weights of the hidden layer")
w = layer.param("w", H, doc="biases of the hidden layer")
V = layer.param("V", K, H, doc="weights of the output layer")
v = layer.param("v", K, doc="biases of the output layer")
y = layer.label("y", K, doc="label, a distribution over the classes")
k = layer.indices("k")
s = layer.node("s", w + W @ x)
z = layer.node("z", sigmoid(s))
t = layer.node("t", v + V @ z)
g = layer.node("g", softmax(t), doc="predicted distribution")
R = layer.output("R", -sum_over(k, y[k] * log(g[k])), doc="logloss")
layer.fact(sum_over(k, y[k]), 1, "Σ_k y_k = 1")

gamma = layer.rate("gamma", doc="learning rate")
for parameter in (W, w, V, v):
    layer.update(parameter, parameter - gamma * grad(parameter))
