"""The derivative of a formula, from the command line.

python -m matderiv "tr(A*X)*tr(B*X)" X --claim "kron(A,B)+kron(B,A)" --symmetric "A B"
"""

import sys
from argparse import ArgumentParser
from io import TextIOWrapper

from matderiv.formulas import formula
from matderiv.formulas.claims import claim
from matderiv.formulas.reading import KINDS


def begins_with_minus(text: str) -> bool:
    """Whether an argument is a formula, and no option."""
    return text.startswith("-") and not text.startswith("--") and text != "-h"


def main(arguments: list[str] | None = None) -> int:
    """Print the derivatives of a formula, and the verdict on a claim."""
    parser = ArgumentParser("matderiv", description="Differentiate a formula with matrices.")
    parser.add_argument("formula", type=str.strip, help='in quotes, such as "tr(A*X)*tr(B*X)"')
    parser.add_argument("variable", help="the symbol to differentiate by")
    parser.add_argument("--claim", type=str.strip, help="the formula that somebody derived")
    parser.add_argument("--order", choices="FC", default="F", help="of the matrix beside a claim")
    for kind in KINDS:
        parser.add_argument(f"--{kind}", action="append", default=[], help='names, such as "A B"')
    given = sys.argv[1:] if arguments is None else arguments
    asked = parser.parse_args([" " * begins_with_minus(text) + text for text in given])
    declared = {kind: " ".join(getattr(asked, kind)) for kind in KINDS if getattr(asked, kind)}
    try:
        f = formula(asked.formula, **declared)
        print(f.derivative(asked.variable))
        if f.node.is_number:
            print(*f.second_derivative(asked.variable).lines, sep="\n")
        if asked.claim is not None:
            print(f"\n{claim(f, asked.variable, asked.claim, asked.order)}")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # also in a file on Windows
    sys.exit(main())
