"""What it takes to start: the import of the package, and the build of the book."""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from bench.timing import rounds, row

ROOT = Path(__file__).parent.parent


def rows() -> Iterator[dict[str, Any]]:
    """Compare the import with NumPy's, and the build with bare kernels."""
    ours, bare = 'python -c "import matderiv"', 'python -c "import numpy"'
    times = rounds({ours: lambda: start("matderiv"), bare: lambda: start("numpy")}, count=15)
    yield row(ours, "", times, bare)
    build, kernels = "building the book", "its notebooks' kernels and imports alone"
    times = rounds({build: build_book, kernels: start_kernels}, count=3)
    yield row(build, f"{len(notebooks())} notebooks", times, kernels, aim=1.5)


def start(module: str) -> None:
    """Import a module in a fresh Python."""
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)


def build_book() -> None:
    """Build the book as `make book` does."""
    with tempfile.TemporaryDirectory() as output:
        subprocess.run(
            [sys.executable, str(ROOT / "tools" / "build.py"), str(ROOT), output],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def notebooks() -> list[Path]:
    """List the chapters."""
    return sorted((ROOT / "chapters").glob("*.ipynb"))


def start_kernels() -> None:
    """Start each notebook's kernel, and let it do the notebook's imports and nothing else."""
    for path in notebooks():
        notebook = nbformat.read(path, as_version=4)
        sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        imports = [
            ast.unparse(node)
            for source in sources
            for node in ast.walk(ast.parse(source))
            if isinstance(node, (ast.Import, ast.ImportFrom))
        ]
        notebook.cells = [nbformat.v4.new_code_cell("\n".join(imports))]
        NotebookClient(notebook).execute()
