"""The gallery's code, set in LaTeX."""

from __future__ import annotations

import re
from typing import Literal

RULES = {
    r" @ ": " ",
    r"\b2 \* ": "2 ",
    r" \* ": r" \\circ ",
    r"\binv\(X\)\.T": r"X^{-\\top}",
    r"\binv\(X\)": "X^{-1}",
    r"\b(pinv|root)\(X\)\.T": r"(\1(X))^\\top",
    r"\bpinv\(X\)": "X^+",
    r"\broot\(X\)": "X^{1/2}",
    r"\.T": r"^\\top",
    r"\bX X X\b": "X^3",
    r"\bX X\b(?!\^)": "X^2",
    r"\bN\(X\)": "N",
    r"\bPi\(X\)": r"\\Pi",
    r"\bsquare\((.*)\)": r"\\vert \1\\vert^2",
    r"\blog\(det\(X\)\)": r"\\log\\det X",
    r"\bdet\(X\)": r"\\det X",
    r"\blargest\b": r"\\lambda",
    r"\bphi\b": r"\\varphi",
    r"\bslope\b": r"\\varphi'",
    r"\btrace\b": r"\\operatorname{tr}",
    r"\b(adj|lse|softmax|syl|vec|rvec|diag)\b": r"\\operatorname{\1}",
}


def tex(code: str) -> str:
    r"""Set code in LaTeX.

    Examples
    --------
    >>> print(tex("Y.T @ A @ X + X.T @ A @ Y"))
    Y^\top A X + X^\top A Y
    """
    return _rewritten(code, RULES)


def matrix_tex(code: str, order: Literal["F", "C"]) -> str:
    r"""Set the matrix of a map in LaTeX, in the given order.

    Examples
    --------
    >>> for order in ("F", "C"):
    ...     print(matrix_tex("sandwich(A, B.T)", order))
    B^\top \otimes_K A
    A \otimes_K B^\top
    """
    vec, first, second = ("vec", r"\2", r"\1") if order == "F" else ("rvec", r"\1", r"\2")
    rules = {
        r"\bidentity\(m, m\)": "I",
        r"\bK\((\w), (\w)\)": rf"K_{{{second}{first}}}",
        r"\binverse\((.*)\)$": r"(\1)^{-1}",
        r"\bsandwich\((.*?), (.*?)\)(?=$|\)| [@+-])": rf"{first} \\otimes_K {second}",
        r"\bfunctional\((.*)\)$": rf"{vec}(\1)^\\top",
        r"\bentrywise\((.*)\)$": rf"diag({vec}(\1))",
    }
    return tex(_rewritten(code, rules))


def space_tex(word: str) -> str:
    """Set a space of matrices in LaTeX, by the letters of its shape."""
    return r"\mathbb{R}" + (rf"^{{{word[0]}\times {word[1]}}}" if word else "")


def _rewritten(code: str, rules: dict[str, str]) -> str:
    for pattern, replacement in rules.items():
        code = re.sub(pattern, replacement, code)
    return code
