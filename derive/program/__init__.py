"""Programs: what to compute, in which order, with no SymPy and no target language in it."""
