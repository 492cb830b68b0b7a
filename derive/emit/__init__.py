"""Programs to text: the Python interface, the NumPy target, the C target, and writing files."""
