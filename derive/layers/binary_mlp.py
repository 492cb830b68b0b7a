"""A perceptron with one hidden layer, a sigmoid output and binary cross-entropy."""

from derive import Definition, log, sigmoid

layer = Definition("binary_mlp", "One hidden layer, sigmoid output, binary cross-entropy.")
D, H = layer.sizes("D H")
x = layer.input("x", D, doc="features")
U = layer.param("U", H, doc="weights of the output")
b2 = layer.param("b2", doc="bias of the output")
W = layer.param("W", H, D, doc="weights of the hidden layer")
b1 = layer.param("b1", H, doc="biases of the hidden layer")
y = layer.label("y", doc="label, 0 or 1")
z = layer.node("z", W @ x + b1)
h = layer.node("h", sigmoid(z))
theta = layer.node("theta", U @ h + b2)
y_hat = layer.node("y_hat", sigmoid(theta), doc="predicted probability of label 1")
L = layer.output("L", -y * log(y_hat) - (1 - y) * log(1 - y_hat), doc="binary cross-entropy")
layer.domain(y, "binary")
