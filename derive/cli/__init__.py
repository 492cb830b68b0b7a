"""The command line: ``main`` is the program, every other module is one command or a helper (_)."""
