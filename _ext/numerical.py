"""Evaluate what was found about a formula at numbers, and ask `diagnose` about a matrix."""

import numbers_typed
import numpy as np

from matderiv.diagnose import diagnose


def shown(value):
    """Write a number or a matrix of floats."""
    return np.array2string(np.asarray(value), precision=6, suppress_small=True, max_line_width=120)


def arrays(of, values):
    """Return the arrays that a text gives; a column may be typed as a row."""
    given = {name: np.array(rows) for name, rows in numbers_typed.matrices(values).items()}
    for name, array in given.items():
        symbol = of.symbols.get(name)
        if symbol is not None and not symbol.cols and len(array) == 1:
            given[name] = array.T
    return given


def answer(of, x, answers, claimed, values):
    """Return the values of a formula and of its derivatives, and the verdict on a matrix."""
    given = arrays(of, values)
    if x not in given:
        raise ValueError(f"give {x} as numbers, too: the derivative is taken there")
    found = [[f"f({x})", shown(of(**given))]]
    for part in answers:
        for name, _, value in part.rows:
            if value.node.names <= {*given}:  # without a direction
                found.append([name, shown(value(**given))])
    verdict = []
    if numbers_typed.is_matrix(claimed):
        candidate = np.array(numbers_typed.array(claimed, "the claim"))
        judged = diagnose(lambda X: of(**given | {x: X}), given[x], candidate)
        verdict = [list(pair) for pair in judged.rows]
    return {"values": found, "verdict": verdict}
