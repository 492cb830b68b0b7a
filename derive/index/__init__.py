"""Index calculus: expressions in index notation, their derivatives, and their equality."""
