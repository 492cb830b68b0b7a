"""A layer as data: its tensors, its definitions, the facts that hold of it."""
