"""What the tests share: how much Hypothesis tries, where the book is, and one build of it."""

import subprocess
import sys
from pathlib import Path

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
