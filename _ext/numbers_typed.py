"""Read matrices of numbers as people type and paste them: Octave, NumPy, a spreadsheet."""

import re
from math import prod

MOST_ENTRIES = 4096
MOST_INDICES = 4
NAME = re.compile(r"\b([A-Za-zΑ-Ωα-ω]+(?:_?[0-9]+)?)\s*=")
NUMBER = re.compile(r"[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?:/\d+)?")
WRAPPING = re.compile(r"^[\w.]*(?:array|matrix|tensor)\((.*)\)$", re.DOTALL | re.IGNORECASE)
OPTIONS = re.compile(r"(?:,\s*\w+=[\w.]+\s*)+(\)?)")  # as in array([1, 2], dtype=float32)
TOKEN = re.compile(r"[\[\]]|[^\[\],\s]+")


def is_matrix(text):
    """Whether a text is meant as a matrix of numbers, and not as a formula."""
    text = text.strip()
    return bool(WRAPPING.match(text)) or (
        text.startswith("[") or (len(text.split()) > 1 and not re.search(r"[^-+−\d.,;/eE\s]", text))
    )


def without_options(text):
    """Leave out what programs print behind an array's entries."""
    return OPTIONS.sub(lambda found: found[1] or found[0], text)


def matrices(text):
    """Read "A = …" again and again; return the rows of each matrix by its name."""
    first, *pieces = NAME.split(without_options(text))
    if first.strip() or not pieces:
        raise ValueError('numbers are given by name, as in "A = [1 2; 3 4]"')
    read = {name: array(body, name) for name, body in zip(pieces[::2], pieces[1::2], strict=True)}
    for name, entries in read.items():
        if (indices := len(shape(entries, name))) != 2:
            raise ValueError(f"{name} is no matrix: it has {indices} indices")
    return read


def array(text, name):
    """Read one matrix, or an array of more indices; return lists of lists of its entries."""
    text = without_options(text).strip().rstrip(";,").strip()
    if wrapped := WRAPPING.match(text):
        text = wrapped[1].strip()
    if "".join(text.split()).startswith("[["):
        entries = nested(text, name)
    else:
        text = text[1:-1] if text[:1] == "[" and text[-1:] == "]" else text
        if "\t" in text:  # from a spreadsheet, whose numbers may have a comma
            text = text.replace(",", ".")
        rows = [row.strip(" \t,") for row in re.split(r"[;\n]", text) if row.strip()]
        entries = [[number(cell, name) for cell in re.split(r"[\s,]+", row)] for row in rows]
    if prod(shape(entries, name)) > MOST_ENTRIES:
        raise ValueError(f"{name} has more than {MOST_ENTRIES} entries")
    return entries


def nested(text, name):
    """Read brackets in brackets, as Python writes them."""
    open_lists = [[]]
    for token in TOKEN.findall(text):
        if token == "[":
            open_lists.append([])
        elif token == "]" and len(open_lists) > 1:
            closed = open_lists.pop()
            open_lists[-1].append(closed)
        else:
            open_lists[-1].append(number(token, name))
        if len(open_lists) > MOST_INDICES + 1:
            raise ValueError(f"{name} has more than {MOST_INDICES} indices")
    if len(open_lists) > 1 or len(open_lists[0]) > 1:
        raise ValueError(f"the brackets of {name} do not match")
    return open_lists[0][0]


def shape(entries, name):
    """Return how many entries there are along each index."""
    if not isinstance(entries, list):
        return ()
    shapes = {shape(part, name) for part in entries}
    if not shapes:
        raise ValueError(f"{name} has no entries")
    if len(shapes) != 1:
        raise ValueError(f"the rows of {name} are not equally long")
    return (len(entries), *shapes.pop())


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
