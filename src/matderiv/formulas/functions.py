"""Functions, written in the language of formulas itself.

Slopes are what the calculus goes by; what functions are made of is how the check computes them.
"""

from __future__ import annotations

SLOPES = {  # of the functions of a number x, with the value y, that go entry by entry
    "exp": "y", "log": "x.^-1", "sin": "cos(x)", "cos": "-sin(x)", "tan": "1 + y.^2",
    "arctan": "(1 + x.^2).^-1", "sinh": "cosh(x)", "cosh": "sinh(x)", "tanh": "1 - y.^2",
    "softplus": "sigmoid(x)", "sigmoid": "y.*(1 - y)", "abs": "sign(x)", "relu": "step(x)",
    "sign": "0*x", "step": "0*x",
}  # fmt: skip
MADE_OF = {  # for all that is not evaluated by itself
    "tan": "sin(x)./cos(x)", "sinh": "(exp(x) - exp(x).^-1)/2", "cosh": "(exp(x) + exp(x).^-1)/2",
    "tanh": "1 - 2./(exp(x).^2 + 1)", "sigmoid": "(1 + exp(x).^-1).^-1",
    "softplus": "log(1 + exp(x))", "abs": "sign(x).*x", "step": "(1 + sign(x))/2",
    "relu": "step(x).*x", "logdet": "log(det(x))", "norm": "sqrt(sum(x.^2))",
}  # fmt: skip
OTHER_NAMES = {  # for what has a shorter one, or is written out when it is read, in x and y
    "atan": "arctan(x)", "sqrt": "x.^(1/2)", "square": "x.^2", "trace": "tr(x)", "transpose": "x'",
    "multiply": "x.*y", "vdot": "sum(x.*y)", "matmul": "x*y", "kron": "x⊗y", "solve": "inv(x)*y",
    "dot": "x'*y", "outer": "x*y'", "softmax": "exp(x)/sum(exp(x))",
    "logsumexp": "log(sum(exp(x)))",
    "Trace": "tr(x)", "Determinant": "det(x)", "HadamardProduct": "x.*y",  # SymPy's
    "KroneckerProduct": "x⊗y",
}  # fmt: skip
OF_COLUMNS = ("dot", "outer", "softmax", "logsumexp")  # of matrices they are something else
