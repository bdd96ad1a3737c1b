"""Random formulas, as texts: each operator of the language, nested a few deep."""

from hypothesis import strategies as st

SYMBOLS = {  # by shape: m×n for "mn", columns for "m1", numbers for "11"
    "mn": ("X", "A"), "nm": ("B",), "mm": ("C",), "nn": ("S", "D"), "m1": ("a",), "n1": ("b", "c"),
    "11": ("t", "u"),
}  # fmt: skip
DECLARED = {"scalar": "t u", "symmetric": "S"}
ENTRYWISE = (
    "exp", "log", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "softplus", "sigmoid",
    "abs", "relu", "sqrt",
)  # fmt: skip


@st.composite
def texts(draw, shape="11", depth=3):
    """Draw the text of a formula of a shape."""
    rows, cols = shape

    def part(shape):
        return draw(texts(shape=shape, depth=depth - 1))

    def size():
        return draw(st.sampled_from("mn"))

    leaves = list(SYMBOLS.get(shape, ()))
    leaves += [f"{name}'" for name in SYMBOLS.get(shape[::-1], ()) if shape != "11"]
    leaves += {"11": ["2", "3/2", "0.5"], "mm": ["I"], "nn": ["I"]}.get(shape, [])
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from(leaves))
    kinds = ["add", "subtract", "times", "scale", "entrywise", "divide", "entry power", "minus"]
    if shape == "11":
        kinds += ["tr", "det", "logdet", "norm", "norm2", "sum", "power", "quadratic"] * 2
    else:
        kinds += ["transpose", "hadamard", "one plus", "product", "product"]
        kinds += ["inv", "square", "diag", "kron", "unvec"] * (rows == cols != "1")
        kinds += ["diagonal", "vec"] * (cols == "1")
    kind = draw(st.sampled_from(kinds))
    match kind:
        case "add":
            return f"({part(shape)} + {part(shape)})"
        case "subtract":
            return f"({part(shape)} - {part(shape)})"
        case "minus":
            return f"(-{part(shape)})"
        case "times" | "product":
            middle = "1" if shape == "11" else size()
            return f"({part(rows + middle)}*{part(middle + cols)})"
        case "scale":
            return f"({part('11')}*{part(shape)})"
        case "divide":
            return f"({part(shape)}/{part('11')})"
        case "one plus":
            return f"(1 + {part(shape)})"
        case "entrywise":
            return f"{draw(st.sampled_from(ENTRYWISE))}({part(shape)})"
        case "entry power":
            return f"({part(shape)}).^{draw(st.sampled_from(['2', '-1', '(1/2)', '3', '(-1/3)']))}"
        case "hadamard":
            return f"({part(shape)}{draw(st.sampled_from(['.*', './']))}{part(shape)})"
        case "transpose":
            return f"({part(cols + rows)})'"
        case "power":
            return f"({part('11')})^{draw(st.sampled_from(['2', '3', '-1', '-2']))}"
        case "inv":
            return f"inv({part(shape)})"
        case "square":
            return f"({part(shape)})^{draw(st.sampled_from(['2', '3', '-2']))}"
        case "diag":
            return f"diag({part(rows + '1')})"
        case "diagonal":
            return f"diag({part(rows + rows)})"
        case "kron":
            n = size()
            inner = (
                f"kron({part('1' + n)}, {part(n + '1')})"
                if n == rows
                else f"diag({part(rows + '1')})"
            )
            return f"({inner})"
        case "vec":
            return f"({part(rows + 'n')}*vec({part('1n')}))"
        case "unvec":
            return f"unvec(kron({part(rows + '1')}, {part(rows + '1')}), {rows}, {rows})"
        case "norm2":
            return f"norm({part(size() + size())})^2"
        case "quadratic":
            n = size()
            return f"({part('1' + n)}*{part(n + n)}*{part(n + '1')})"
    n = size()
    inner = part(n + (n if kind in ("tr", "det", "logdet") else draw(st.sampled_from("mn1"))))
    return f"{kind}({inner})"


shapes = st.sampled_from(["11", "11", "mn", "mm", "n1"])
