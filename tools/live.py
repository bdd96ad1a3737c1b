"""Add JupyterLite to the built site, with the notebooks that the build left in _build/live.

Readers' browsers fetch Python itself, Pyodide, from its public server, once they open a chapter.
If the environment variable PYODIDE names a folder with a Pyodide distribution, the site gets a
copy of that instead.
"""

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from hatchling.builders.wheel import WheelBuilder

PACKAGE = Path(__file__).parent.parent
EXTENSIONS = Path(sys.prefix, "share", "jupyter", "labextensions")
LEGACY_FONTS = ("build/*.eot", "build/*.svg", "build/*.ttf")  # browsers take the WOFF2 beside

# A link from one live chapter to another leads to `tree?path=…`, which is an app of its own.
TO_NOTEBOOK = """<!DOCTYPE html>
<meta charset="utf-8">
<title>Opening a chapter</title>
<script>
  const live = location.pathname.replace(/tree[^]*$/, "");
  location.replace(location.search ? `${live}notebooks/index.html${location.search}` : `${live}..`);
</script>
"""

# A link from a live chapter to a page leads to a file beside the notebook.
TO_PAGE = """<!DOCTYPE html>
<meta charset="utf-8">
<title>To the page</title>
<script>location.replace("../../chapters/{0}.html" + location.hash);</script>
<noscript><meta http-equiv="Refresh" content="0; url=../../chapters/{0}.html"></noscript>
"""

READER_SETTINGS = {
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 5},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
}


def pack(name, folder):
    """Make the wheel of an installed pure-Python package; return its path."""
    installed = distribution(name)
    wheel = folder / f"{name}-{installed.version}-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        for file in installed.files:
            if file.suffix != ".pyc":
                archive.write(installed.locate_file(file), str(file))
    return wheel


def make_wheels(folder):
    """Make the wheels that Pyodide does not have: the book's package, and one its kernel needs."""
    package = next(WheelBuilder(str(PACKAGE)).build(directory=str(folder), versions=["standard"]))
    return [package, pack("comm", folder)]


def configure(folder, notebooks, site):
    """Write JupyterLite's configuration into an empty folder."""
    extensions = ["@jupyterlite/pyodide-kernel-extension", "jupyterlab-myst"]
    build = {
        "LiteBuildConfig": {
            "apps": ["notebooks", "lab"],
            "contents": [str(notebooks)],
            "federated_extensions": [str(EXTENSIONS / name) for name in extensions],
            "ignore_sys_prefix": ["federated_extensions"],
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
            "output_dir": str(site / "live"),
        },
        "PipliteAddon": {"piplite_urls": [str(wheel) for wheel in make_wheels(folder)]},
    }
    kernel = {"@jupyterlite/pyodide-kernel-extension:kernel": {"disablePyPIFallback": True}}
    lite = {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {"appName": "Matrix derivatives", "litePluginSettings": kernel},
    }
    for name, content in {
        "jupyter_lite_config.json": build,
        "jupyter-lite.json": lite,
        "overrides.json": READER_SETTINGS,
    }.items():
        (folder / name).write_text(json.dumps(content))
    if pyodide := os.environ.get("PYODIDE"):
        (folder / "static").mkdir()
        (folder / "static" / "pyodide").symlink_to(Path(pyodide).resolve(), True)


def add_live_chapters(build):
    """Build the folder `live` of the site in a build folder."""
    site = build / "html"
    shutil.rmtree(site / "live", ignore_errors=True)
    with TemporaryDirectory() as folder:
        configure(Path(folder), build / "live", site)
        process = subprocess.run(
            [sys.executable, "-m", "jupyterlite_core", "build"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
    if process.returncode:
        sys.exit(process.stdout)
    (site / "live" / "tree").mkdir()
    for name in ("tree.html", "tree/index.html"):  # servers differ in which they send
        (site / "live" / name).write_text(TO_NOTEBOOK)
    chapters = [f"files/{notebook.stem}" for notebook in (build / "live").glob("*.ipynb")]
    for place in (*chapters, "files/ask", "notebooks/ask"):  # where a link as HTML leads
        page = site / "live" / f"{place}.html"
        page.write_text(TO_PAGE.format(page.stem))
    for pattern in LEGACY_FONTS:
        for font in (site / "live").glob(pattern):
            font.unlink()
