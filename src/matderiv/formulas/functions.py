"""Functions of formulas, many of them written in the language of formulas itself."""

from __future__ import annotations

OPERATORS = ("tr", "det", "logdet", "inv", "norm", "sum", "diag", "vec")
SLOPES = {  # of the functions of a number x, with the value y, that go entry by entry; x.^0 is 1
    "exp": "y", "log": "x.^-1", "sin": "cos(x)", "cos": "-sin(x)", "tan": "x.^0 + y.^2",
    "arctan": "(x.^0 + x.^2).^-1", "sinh": "cosh(x)", "cosh": "sinh(x)", "tanh": "x.^0 - y.^2",
    "softplus": "sigmoid(x)", "sigmoid": "y.*(x.^0 - y)", "abs": "sign(x)", "relu": "step(x)",
    "sign": "0*x", "step": "0*x",
}  # fmt: skip
OTHER_NAMES = {  # for what has a shorter one, or is written out when it is read, in x and y
    "atan": "arctan(x)", "sqrt": "x.^(1/2)", "square": "x.^2", "trace": "tr(x)", "transpose": "x'",
    "multiply": "x.*y", "vdot": "sum(x.*y)", "matmul": "x @ y", "kron": "x⊗y", "solve": "inv(x)*y",
    "dot": "x'*y", "outer": "x*y'", "softmax": "exp(x)/sum(exp(x))",
    "logsumexp": "log(sum(exp(x)))", "Tr": "tr(x)", "ln": "log(x)", "Diag": "diag(x)",
    "inner": "x'*y", "log1p": "log(x + 1)", "expm1": "exp(x) - 1", "max": "relu(x - y) + y",
    "maximum": "relu(x - y) + y", "min": "x - relu(x - y)", "minimum": "x - relu(x - y)",
    "Trace": "tr(x)", "Determinant": "det(x)", "HadamardProduct": "x.*y",  # SymPy's
    "KroneckerProduct": "x⊗y", "norm1": "sum(abs(x))", "norm2": "norm(x)",
}  # fmt: skip
# Of matrices these are something else.
OF_COLUMNS = ("dot", "inner", "outer", "softmax", "logsumexp", "norm1", "norm2")
