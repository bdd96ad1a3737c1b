"""Read matrices of numbers as people type and paste them: Octave, NumPy, a spreadsheet."""

import re

MOST_ENTRIES = 4096
NAME = re.compile(r"([A-Za-zΑ-Ωα-ω]+(?:_?[0-9]+)?)\s*=")
NUMBER = re.compile(r"[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?:/\d+)?")
WRAPPING = re.compile(r"^(?:(?:np|numpy)\.)?(?:array|matrix|asarray)\((.*)\)$", re.DOTALL)
ROW = re.compile(r"\[([^\[\]]*)\]")


def is_matrix(text):
    """Whether a text is meant as a matrix of numbers, and not as a formula."""
    text = text.strip()
    return bool(WRAPPING.match(text)) or (
        text.startswith("[") or (len(text.split()) > 1 and not re.search(r"[^-+−\d.,;/eE\s]", text))
    )


def matrices(text):
    """Read "A = …" again and again; return the rows of each matrix by its name."""
    first, *pieces = NAME.split(text)
    if first.strip() or not pieces:
        raise ValueError('numbers are given by name, as in "A = [1 2; 3 4]"')
    return {name: matrix(body, name) for name, body in zip(pieces[::2], pieces[1::2], strict=True)}


def matrix(text, name):
    """Read one matrix; return its rows."""
    text = text.strip().rstrip(";,").strip()
    if wrapped := WRAPPING.match(text):
        text = wrapped[1].strip()
    inner = "".join(text.split()).startswith("[[")
    if inner:
        rows, rest = ROW.findall(text), ROW.sub("", text)
        if "".join(rest.split()).strip(",") not in ("[]", "[,]") and re.search(r"[^\[\],\s]", rest):
            raise ValueError(f"{name} is no matrix of numbers near {rest.strip(' []')[:40]!r}")
    else:
        text = text[1:-1] if text[:1] == "[" and text[-1:] == "]" else text
        if "\t" in text:  # from a spreadsheet, whose numbers may have a comma
            text = text.replace(",", ".")
        rows = [line for line in re.split(r"[;\n]", text) if line.strip()]
    entries = [[number(cell, name) for cell in re.split(r"[\s,]+", r.strip(" \t,"))] for r in rows]
    lengths = {len(row) for row in entries}
    if len(lengths) != 1:
        raise ValueError(f"the rows of {name} are not equally long")
    if len(entries) * len(entries[0]) > MOST_ENTRIES:
        raise ValueError(f"{name} has more than {MOST_ENTRIES} entries")
    return entries


def number(text, name):
    """Read one entry."""
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{text[:40]!r} in {name} is no number")
    above, _, below = text.replace("−", "-").partition("/")
    if below and not int(below):
        raise ValueError(f"{text[:40]!r} in {name} divides by zero")
    value = float(above) / int(below or 1)
    if abs(value) == float("inf"):
        raise ValueError(f"{text[:40]!r} in {name} is too large")
    return value
