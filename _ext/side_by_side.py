"""Run the notebooks side by side, while Sphinx reads those that are done.

Kept: MyST-NB runs a notebook when it reads it, one after another, and a parallel build reads the
notebooks of one process in series too; the machine's other cores would idle.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from myst_nb.core.execute import direct

run = direct.single_nb_execution


def start(app, env, docnames):
    """Start all notebooks that are to be read, and hand MyST-NB each when it would run it."""
    pool = ThreadPoolExecutor(os.cpu_count())
    app.connect("build-finished", lambda *_: pool.shutdown(cancel_futures=True))
    options = {
        "timeout": app.config.nb_execution_timeout,
        "allow_errors": app.config.nb_execution_allow_errors,
    }
    runs = {}
    for path in map(Path, map(env.doc2path, docnames)):
        if path.suffix == ".ipynb":
            notebook = nbformat.read(path, as_version=4)
            runs[code(notebook)] = pool.submit(run, notebook, cwd=str(path.parent), **options)

    def finished(notebook, **options):
        if code(notebook) not in runs:  # one that is written as text
            return run(notebook, **options)
        result = runs[code(notebook)].result()
        notebook.update(result.nb)
        return result

    direct.single_nb_execution = finished


def code(notebook):
    """Tell a notebook from others by its code."""
    return tuple(cell.source for cell in notebook.cells if cell.cell_type == "code")


def setup(app):
    """Take the place of the function with which MyST-NB runs a notebook."""
    app.connect("env-before-read-docs", start)
