"""The shipped layers, one file each; every module with a ``layer`` in it is found by its name."""
