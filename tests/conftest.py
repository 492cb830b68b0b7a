"""What holds for all tests: nothing is remembered from one to the next, or of what a user has."""

from __future__ import annotations

import os

os.environ["DERIVE_CACHE"] = ""
