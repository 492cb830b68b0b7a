"""A perceptron with one hidden layer and softmax cross-entropy, in row vectors."""

from derive import Definition, log, sigmoid, softmax, sum_over

layer = Definition("softmax_mlp_rows", "One hidden layer, softmax and cross-entropy; row vectors.")
D, H, K = layer.sizes("D H K")
x = layer.input("x", D, doc="features")
W1 = layer.param("W1", D, H, doc="weights of the hidden layer")
b1 = layer.param("b1", H, doc="biases of the hidden layer")
W2 = layer.param("W2", H, K, doc="weights of the output layer")
b2 = layer.param("b2", K, doc="biases of the output layer")
y = layer.label("y", K, doc="label, a distribution over the classes")
k = layer.indices("k")
r = layer.node("r", x @ W1 + b1)
h = layer.node("h", sigmoid(r))
theta = layer.node("theta", h @ W2 + b2)
y_hat = layer.node("y_hat", softmax(theta), doc="predicted distribution")
J = layer.output("J", -sum_over(k, y[k] * log(y_hat[k])), doc="cross-entropy")
layer.fact(sum_over(k, y[k]), 1, "Σ_k y_k = 1")
