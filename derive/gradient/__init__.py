"""Gradients of layers: each mode of differentiation is a function from layers to layers."""
