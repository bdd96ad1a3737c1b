"""What the tests share: how much Hypothesis tries, where the book is, and one build of it."""

import shutil
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import Phase, settings

settings.register_profile("matderiv", deadline=None, max_examples=30, derandomize=True)
settings.register_profile(  # for `make mutants`: thousands of runs, where any failure will do
    "mutants",
    settings.get_profile("matderiv"),
    max_examples=6,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile("matderiv")

ROOT = Path(__file__).parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Count a skipped test of a claim as failed: a claim without a passing test is not proved."""
    report = yield
    if report.skipped and item.get_closest_marker("claim"):
        report.outcome = "failed"
        vars(report).pop("wasxfail", None)
        report.longrepr = "A test of a claim must not be skipped."
    return report


def build_book(source, output):
    """Build a book as `make book` does; return the finished process with its log in `stdout`."""
    return subprocess.run(
        [sys.executable, str(ROOT / "tools" / "build.py"), str(source), str(output)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


@pytest.fixture(scope="session")
def build():
    return build_book


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Return the folder of the built book's pages. Its users share an xdist group: one build."""
    output = tmp_path_factory.mktemp("book")
    process = build_book(ROOT, output)
    assert process.returncode == 0, process.stdout
    return output / "_build" / "html"


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def address(site):
    """Serve the site, not at the root, and return its address."""
    handler = partial(QuietHandler, directory=site.parent)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{site.name}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM:
        pytest.skip("no chromium or google-chrome on the path")
    from playwright.sync_api import sync_playwright  # the tests of the core do without

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
