"""Formulas that people differentiate: what is right, refused and wrong, here and in SymPy.

Usage: python -m bench.formulas

The truth of each is a central difference of its NumPy code, to six digits, at a random point. What
SymPy answers is evaluated at the same point and compared in its own layout: the shape of X for a
number, and the four indices k, l, i, j for a matrix.
"""

from __future__ import annotations

import statistics
import warnings
from collections import Counter
from time import process_time
from typing import Any

import numpy as np

from matderiv.formulas import Formula, formula

SIZES = {"m": 3, "n": 2, "p": 2, "q": 3, "r": 2, "s": 3, "k": 2}
LIST = """
tr(A*X) | X | Trace(A*X)
tr(A*X*B) | X | Trace(A*X*B)
tr(A*X') | X | Trace(A*X.T)
tr(A*X')*tr(B*X) | X | Trace(A*X.T)*Trace(B*X)
tr(A*X)*tr(B*X) | X | Trace(A*X)*Trace(B*X)
tr(A*X)^2 | X | Trace(A*X)**2
tr(A*X) + tr(B*X) | X | Trace(A*X)+Trace(B*X)
tr(A*X)/tr(B*X) | X | Trace(A*X)/Trace(B*X)
exp(tr(A*X)) | X | exp(Trace(A*X))
log(tr(A*X)) | X | log(Trace(A*X))
sqrt(tr(X'*X)) | X | sqrt(Trace(X.T*X))
B*tr(A*X) | X | B*Trace(A*X)
a'*X*b | X | a.T*X*b
a'*X'*b | X | a.T*X.T*b
a'*X*a | X | a.T*X*a
a'*X'*X*b | X | a.T*X.T*X*b
(a'*X*b)^2 | X | (a.T*X*b)**2
x'*A*x | x | x.T*A*x
a'*x | x | a.T*x
x'*x | x | x.T*x
A*x | x | A*x
norm(x) | x | sqrt((x.T*x)[0,0])
norm(A*x - b)^2 | x | (A*x-b).T*(A*x-b)
(x'*A*x)/(x'*x) | x | (x.T*A*x)[0,0]/(x.T*x)[0,0]
x*x' | x | x*x.T
X | X | X
X' | X | X.T
A*X*B | X | A*X*B
A*X'*B | X | A*X.T*B
X*X' | X | X*X.T
X'*A*X | X | X.T*A*X
X*X | X | X*X
X^3 | X | X**3
inv(X) | X | X.I
A*inv(X)*B | X | A*X.I*B
inv(X'*X) | X | (X.T*X).I
tr(X^2) | X | Trace(X**2)
tr(X^4) | X | Trace(X**4)
tr(A*inv(X)) | X | Trace(A*X.I)
tr(X'*A*X) | X | Trace(X.T*A*X)
tr(A*X*B*X') | X | Trace(A*X*B*X.T)
tr(A*X*B*X) | X | Trace(A*X*B*X)
tr((X'*A*X)*inv(X'*B*X)) | X | Trace((X.T*A*X)*(X.T*B*X).I)
norm(X)^2 | X | Trace(X.T*X)
norm(A*X - B)^2 | X | Trace((A*X-B).T*(A*X-B))
norm(X' - A)^2 | X | Trace((X.T-A).T*(X.T-A))
norm(A - B*X*C)^2 | X | Trace((A-B*X*C).T*(A-B*X*C))
norm(A - X*X')^2 | X | Trace((A-X*X.T).T*(A-X*X.T))
det(X) | X | Determinant(X)
det(A*X*B) | X | Determinant(A*X*B)
det(X)^2 | X | Determinant(X)**2
1/det(X) | X | 1/Determinant(X)
det(X'*A*X) | X | Determinant(X.T*A*X)
log(det(X)) | X | log(Determinant(X))
logdet(X'*X) | X | log(Determinant(X.T*X))
log(det(X)) + tr(A*inv(X)) | X | log(Determinant(X))+Trace(A*X.I)
det(A - t*I) | t | Determinant(A-t*Identity(2))
inv(A - t*I) | t | (A-t*Identity(2)).I
X.*A | X | HadamardProduct(X, A)
X.*X | X | HadamardProduct(X, X)
tr((A.*X)*B) | X | Trace(HadamardProduct(A, X)*B)
exp(X) | X | X.applyfunc(exp)
sum(exp(A*X)) | X | ones_p.T*(A*X).applyfunc(exp)*ones_n
sum(tanh(A*X + B)) | X | ones_p.T*(A*X+B).applyfunc(tanh)*ones_n
sum(log(1 + exp(-A*x))) | x |
log(sum(exp(x))) | x |
exp(x)/sum(exp(x)) | x |
diag(x)*A | x | DiagMatrix(x)*A
tr(A*diag(x)) | x | Trace(A*DiagMatrix(x))
diag(A*X) | X |
kron(A, X) | X | KroneckerProduct(A, X)
kron(X, X) | X | KroneckerProduct(X, X)
vec(A*X*B) | X |
tr(kron(X, A)) | X | Trace(KroneckerProduct(X, A))
(A*X + B)*inv(C*X + D) | X | (A*X+B)*(C*X+D).I
"""


def entries() -> list[tuple[str, str, str]]:
    """List each formula with its variable, and as SymPy's code."""
    lines = (line.split("|") for line in LIST.strip().splitlines())
    return [(text.strip(), X.strip(), code.strip()) for text, X, code in lines]


def read(text: str) -> Formula:
    """Read a formula of the list."""
    return formula(text, **({"scalar": "t"} if "t*I" in text else {}))


def arrays(f: Formula) -> dict[str, Any]:
    """Draw an array for each symbol: around the identity where it is square."""
    rng = np.random.default_rng(7)

    def length(size: tuple[str, ...]) -> int:
        return int(np.prod([SIZES[letter] for letter in size], dtype=int))

    found = {}
    for name, symbol in f.symbols.items():
        array = rng.uniform(0.1, 0.6, (length(symbol.rows), length(symbol.cols)))
        found[name] = array + np.eye(*array.shape)
    return found


def truth(f: Formula, X: str, at: dict[str, Any]) -> Any:
    """Return the table of central differences: f's indices, then those of X."""
    slopes = []
    for place in np.ndindex(at[X].shape):
        step = np.zeros(at[X].shape)
        step[place] = 1e-5
        there, here = (f(**at | {X: at[X] + s * step}) for s in (1, -1))
        slopes.append((there - here) / 2e-5)
    return np.stack(slopes, -1).reshape(*np.shape(slopes[0]), *at[X].shape)


def ours(f: Formula, X: str, at: dict[str, Any]) -> str:
    """Say whether our answer is right."""
    try:
        D = f.derivative(X)
        f.second_derivative(X)
    except ValueError:
        return "refused"
    found = D.matrix("C")(**at | {D.Y.data[0]: at[X]})
    return (
        "right" if np.allclose(np.ravel(found), np.ravel(truth(f, X, at)), 1e-6, 1e-6) else "wrong"
    )


def sympys(f: Formula, X: str, code: str, at: dict[str, Any]) -> str:
    """Say whether SymPy's answer is right, in its own layout."""
    import sympy as sp
    from sympy.matrices.expressions.diagonal import DiagMatrix

    if not code:
        return "not written"
    symbols: dict[str, Any] = {name: sp.MatrixSymbol(name, *a.shape) for name, a in at.items()}
    symbols |= {name: sp.Symbol(name) for name, node in f.symbols.items() if node.is_number}
    sums = {f"ones_{letter}": sp.OneMatrix(SIZES[letter], 1) for letter in "np"}
    try:
        value = eval(code, vars(sp) | {"DiagMatrix": DiagMatrix} | sums | symbols)
        answer = value.diff(symbols[X])
        if answer.has(sp.Derivative):
            return "refused"
        numbers = {symbols[name]: sp.Matrix(array) for name, array in at.items()}
        numbers |= {symbols[n]: at[n].item() for n, node in f.symbols.items() if node.is_number}
        found = answer.subs(numbers).doit()
        found = found.as_explicit() if hasattr(found, "as_explicit") else found
        found = np.array(found.tolist() if hasattr(found, "tolist") else found, dtype=float)
    except Exception as error:  # whatever it is, there is no answer
        return f"refused: {type(error).__name__}"
    table = truth(f, X, at)
    if table.ndim == 4:  # SymPy numbers X first
        table = table.transpose(2, 3, 0, 1)
    if found.size != table.size:
        return "wrong"
    return "right" if np.allclose(found.ravel(), table.ravel(), 1e-5, 1e-5) else "wrong"


def main() -> None:
    """Print the table, and how long an answer takes."""
    warnings.simplefilter("ignore")
    counts, times = {"ours": Counter[str](), "SymPy": Counter[str]()}, []
    for text, X, code in entries():
        start = process_time()
        f = read(text)
        f.derivative(X)
        first = process_time()
        f.second_derivative(X)
        times.append((first - start, process_time() - start, text))
        at = arrays(f)
        verdicts = {"ours": ours(f, X, at), "SymPy": sympys(f, X, code, at)}
        for who, verdict in verdicts.items():
            counts[who][verdict.split(":")[0]] += 1
        print(f"{text:32}{verdicts['ours']:10}{verdicts['SymPy']}")
    for who, count in counts.items():
        print(who, dict(count))
    for i, what in enumerate(("a derivative", "both derivatives")):
        worst, text = max((t[i], t[2]) for t in times)
        median = statistics.median(t[i] for t in times)
        print(f"{what}: median {1e3 * median:.1f} ms, worst {1e3 * worst:.1f} ms, {text}")


if __name__ == "__main__":
    main()
