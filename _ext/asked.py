"""Answers to the questions of the page "Ask": in the build, and in the reader's browser.

A question is five texts, which are parsed and never evaluated; an answer is plain data.
"""

import json
import re

import numbers_typed

from matderiv.formulas import formula
from matderiv.formulas.claims import claim
from matderiv.formulas.printing import Latex, Text
from matderiv.formulas.reading import KINDS

LONGEST = 20_000  # characters of a formula that is shown
HEADINGS = {  # by how the names of an answer's rows begin; and what is computed in NumPy
    "Df": ("Derivative along a direction", "derivative"),
    "∇f": ("Gradient", "gradient"),
    "[Df": ("Matrix of the derivative", "matrix"),
    "D²f": ("Second derivative along two directions", "second_derivative"),
    "D∇f": ("Hessian along a direction", "hessian"),
    "[D∇f": ("Matrix of the Hessian", "hessian_matrix"),
}
ORDERS = {"F": "order F (by columns: MATLAB, R)", "C": "order C (by rows: NumPy)"}


def declared(text):
    """Return what a text such as "symmetric A B, scalar t" declares; Python's way is read, too."""
    kinds, kind = {}, None
    for word in re.findall(r"""[^\s,;="']+""", text):
        if word in KINDS:
            kind = word
        elif kind:
            kinds.setdefault(kind, []).append(word)
        else:
            raise ValueError(f"a declaration begins with {', '.join(KINDS)}; this with {word[:40]}")
    return kinds


def row(name, latex, value):
    """Return one row of an answer."""
    start, _, order = name.partition(" in order ")
    heading, function = HEADINGS[start[: start.index("(")]]
    text, tex = value.written(Text()), value.written(Latex())
    if len(text) > LONGEST:
        text = tex = f"(too long to be shown: {len(text)} characters)"
    code = value.numpy.partition("def f(")[2]
    return {
        "heading": heading + (f", {ORDERS[order]}" if order else ""),
        "text": f"{name} = {text}",
        "latex": f"{latex} = {tex}",
        "code": f"def {function}{'_' + order if order else ''}({code}",
    }


def answer(f, x, claimed="", declarations="", values=""):
    """Differentiate a formula, judge a claim, and evaluate both at numbers.

    Parameters
    ----------
    f, x
        A formula, and the symbol to differentiate by.
    claimed
        A candidate for the derivative: a formula; or, where there are values, a matrix of numbers.
    declarations
        What the symbols are, as in `declared`.
    values
        Matrices of numbers, as in `numbers_typed.matrices`.

    Returns
    -------
    dict
        "notes", "rows", "verdict" and "values": lists of what is to be shown.

    Raises
    ------
    ValueError, TypeError
        When a text is not what it should be.
    """
    of = formula(f, **declared(declarations))
    D = of.derivative(x.strip())
    answers = [D, of.second_derivative(x.strip())] if of.node.is_number else [D]
    found = {
        "notes": [line for line in str(D).splitlines() if line not in D.lines],
        "rows": [row(*one) for part in answers for one in part.rows],
        "verdict": [],
        "values": [],
    }
    if values.strip():
        import numerical

        found |= numerical.answer(of, x.strip(), answers, claimed, values)
    elif numbers_typed.is_matrix(claimed):
        raise ValueError(
            f"the claim is a matrix of numbers: then give {', '.join(of.symbols)} as numbers, too"
        )
    if claimed.strip() and not numbers_typed.is_matrix(claimed):
        found["verdict"] = [list(pair) for pair in claim(of, x.strip(), claimed).rows]
    return found


def reply(question):
    """Answer a question in JSON; what cannot be answered gets a sentence."""
    try:
        found = answer(**json.loads(question))
    except (ValueError, TypeError) as error:
        found = {"refused": str(error)[:2000]}
    except Exception as error:  # whatever it is, the reader is told
        found = {"refused": f"This page has a fault: {type(error).__name__}. {error!s:.500}"}
    return json.dumps(found)
