"""Read |A| in a docstring as the norm of A, not as reStructuredText's substitution."""


def keep_bars(app, what, name, obj, options, lines):
    """Escape the bars of a docstring's lines."""
    lines[:] = [line.replace("|", r"\|") for line in lines]


def setup(app):
    """Escape them before the docstring is parsed."""
    app.connect("autodoc-process-docstring", keep_bars)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
