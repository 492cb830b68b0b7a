"""The sentences of an explanation in English, by their keys.

A name in braces is a field: a formula, or a name that is the same in every language. The
catalogues in ``locales/`` translate these very sentences, each under its key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.explain.english_page import PAGE
from derive.explain.english_reasons import REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENGLISH"]

ENGLISH: Mapping[str, str] = {**PAGE, **REASONS}
