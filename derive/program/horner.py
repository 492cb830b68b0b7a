"""Polynomials are computed from the inside out, by Horner's rule: fewer operations and roundings.

(N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., SIAM 2002, section 5.1.)
"""

from __future__ import annotations

from math import gcd

import sympy as sp

__all__ = ["horner"]

#: Sums of fewer terms are left as they are written.
_LEAST = 4


def horner(expression: sp.Add) -> sp.Expr:
    """Return ``v (c_0 + x (c_1 + …))`` for ``c_0 v + c_1 v x + …``; any other sum as it is.

    Parameters
    ----------
    expression : sympy.Add
        A sum.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> horner(1 + 2 * x**2 + 3 * x**4 + 4 * x**6)
    x**2*(x**2*(4*x**2 + 3) + 2) + 1
    """
    if len(expression.args) < _LEAST:
        return expression
    factors = {f for term in expression.args for f in sp.Mul.make_args(term) if not f.is_number}
    for base in sorted({factor.as_base_exp()[0] for factor in factors}, key=str):
        found = [_in_powers(term, base) for term in expression.args]
        beside = {rest for _, _, rest in found}
        if len(beside) == 1:
            return beside.pop() * _nested({power: number for number, power, _ in found}, base)
    return expression


def _nested(numbers: dict[int, sp.Rational], base: sp.Expr) -> sp.Expr:
    least = min(numbers)
    step = gcd(*(power - least for power in numbers))
    value = sp.S.Zero
    for power in range(max(numbers), least - 1, -step):
        value = numbers.get(power, sp.S.Zero) + base**step * value
    return base**least * value


def _in_powers(term: sp.Expr, base: sp.Expr) -> tuple[sp.Rational, int, sp.Expr]:
    """Return the number, the power of the base and what else a term is a product of."""
    number, product = term.as_coeff_Mul()
    powers = dict(factor.as_base_exp() for factor in sp.Mul.make_args(product))
    power = powers.get(base, sp.S.Zero)
    whole = int(power) if power.is_Integer and power > 0 else 0
    return number, whole, product / base**whole
