"""Judges of derivatives that know nothing of how the derivatives were found."""
