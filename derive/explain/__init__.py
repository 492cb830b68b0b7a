"""Show what was derived: index form and matrix form, as text and as LaTeX."""
