"""Reading notes: LaTeX mathematics with a YAML header, parsed and never executed."""
