"""Names that C leaves to us: what a keyword, a macro or the library has, gets an underscore."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["c_names", "is_reserved", "words"]

_KEYWORDS = (
    "alignas alignof asm auto bool break case char complex const constexpr continue default do "
    "double else enum extern false float for fortran goto if imaginary inline int long noreturn "
    "nullptr register restrict return short signed sizeof static static_assert struct switch "
    "thread_local true typedef typeof typeof_unqual union unsigned void volatile while"
)
#: What C++ keeps besides: it reads the header.
_KEYWORDS_OF_CPP = (
    "and and_eq asm bitand bitor catch char16_t char32_t char8_t class co_await co_return co_yield "
    "compl concept consteval constinit const_cast decltype delete dynamic_cast explicit export "
    "friend mutable namespace new noexcept not not_eq operator or or_eq private protected public "
    "reinterpret_cast requires static_cast template this throw try typeid typename using virtual "
    "wchar_t xor xor_eq"
)
#: Names without a pattern: macros, types, functions of the headers that are included, and what
#: else a compiler may know by itself.
_LIBRARY = (
    "I NULL EOF NAN INFINITY HUGE_VAL HUGE_VALF HUGE_VALL EDOM ERANGE EILSEQ errno assert offsetof "
    "stdin stdout stderr linux unix near far size_t ptrdiff_t wchar_t intptr_t uintptr_t intmax_t "
    "uintmax_t max_align_t float_t double_t main abort exit malloc calloc realloc free abs labs "
    "llabs div ldiv lldiv rand srand qsort bsearch memcpy memset memmove memcmp strlen strcmp "
    "strcpy index rindex bcmp bcopy bzero printf puts putchar signgam isfinite isinf isnan "
    "isnormal signbit fpclassify isgreater isgreaterequal isless islessequal islessgreater "
    "isunordered math_errhandling positions work blas_pays blas_threads blas_row length inside "
    "first last width VECTOR LANE INLINE SHARES AT_ONCE FETCH SLOT share shares slot threads "
    "threads_of most_threads forked after_fork watch_forks begin end nth here GROUP LARGE_GROUP "
    "EACH_OF done rows rows_of left"
)
#: Functions that exist for double, float (f) and long double (l).
_MATH = (
    "acos acosh asin asinh atan atan2 atanh cbrt ceil conj copysign cos cosh cospi creal cimag "
    "carg cabs cexp clog cpow csqrt drem erf erfc exp exp10 exp2 expm1 fabs fdim finite floor fma "
    "fmax fmin fmod frexp gamma hypot ilogb j0 j1 jn ldexp lgamma llrint llround log log10 log1p "
    "log2 logb lrint lround modf nan nearbyint nextafter nexttoward pow pow10 remainder remquo "
    "rint round roundeven scalb scalbln scalbn significand sin sincos sinh sinpi sqrt tan tanh "
    "tgamma trunc y0 y1 yn"
)
_RESERVED = frozenset(
    (
        *_KEYWORDS.split(),
        *_KEYWORDS_OF_CPP.split(),
        *_LIBRARY.split(),
        *(name + suffix for name in _MATH.split() for suffix in ("", "f", "l", "f_r", "l_r", "_r")),
    )
)
#: Families of names: constants of <math.h>, <float.h>, <stdint.h>, <limits.h>; BLAS; our helpers.
_PATTERNS = re.compile(
    r"(M|FP|FLT|DBL|LDBL|MATH|DERIVE|U?INT(MAX|PTR)?|U?INT(_LEAST|_FAST)?\d+|U?CHAR|SCHAR|SHRT"
    r"|USHRT|U?LONG|U?LLONG|SIZE|PTRDIFF|SIG_ATOMIC|WCHAR|WINT)_\w+"
    r"|u?int(_least|_fast)?\d+_t|[cC]blas\w*|CBLAS\w*|\w+_[fF](32|64)|U?INT\d+_C|extent_\d+"
)


def words(text: str) -> set[str]:
    """Return the names, keywords and numbers in a text of C.

    >>> sorted(words("x[i] += 2;"))
    ['2', 'i', 'x']
    """
    return set(re.findall(r"\w+", text))


def is_reserved(name: str) -> bool:
    """Tell whether a name means something in C, in its library, or in the generated text.

    >>> is_reserved("double"), is_reserved("M_PI"), is_reserved("y0"), is_reserved("lambda")
    (True, True, True, False)
    """
    # None of them ends with an underscore, so adding one always helps.
    return not name.endswith("_") and (name in _RESERVED or bool(_PATTERNS.fullmatch(name)))


def c_names(names: Iterable[str]) -> dict[str, str]:
    """Return a C identifier for each name, in the order given: different for different names.

    >>> c_names(["I", "I_", "X"])
    {'I': 'I_', 'I_': 'I__', 'X': 'X'}
    """
    found: dict[str, str] = {}
    for name in names:
        if name in found:
            continue
        identifier = name
        while is_reserved(identifier) or identifier in found.values():
            identifier += "_"
        found[name] = identifier
    return found
