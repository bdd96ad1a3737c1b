"""What the tests share: how much Hypothesis tries, where the book is, and one build of it."""

import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import Phase, settings
from strategies import SWEEP

settings.register_profile("matderiv", deadline=None, max_examples=15, derandomize=True)
settings.register_profile("sweep", deadline=None, max_examples=100)  # others at every run
settings.register_profile(  # for `make mutants`: thousands of runs, where any failure will do
    "mutants",
    settings.get_profile("matderiv"),
    max_examples=6,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile("sweep" if SWEEP else "matderiv")

ROOT = Path(__file__).parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

collect_ignore = ["types"]  # for mypy alone

SLOW = {  # tests of the core that `make fast` leaves out, with the seconds of all their cases
    # the first of these three that runs diagnoses for all of them
    "test_true_hessians_are_representations_and_their_multiples_scaled": 21,
    "test_a_hessian_with_one_entry_off_by_one_percent_is_not_accepted": 21,
    "test_it_can_nearly_always_tell": 21,
    "test_a_verdict_takes_little_memory": 8,
    "test_noise_is_not_taken_for_an_order": 4,
    "test_a_picture_shows_and_leaves_nothing_behind": 4,
    "test_it_agrees_with_the_characteristic_polynomial": 3,
    "test_every_verdict_verified_from_scratch": 3,
    "test_row_7_true_hessians_are_recognised": 3,
    "test_terms_that_cancel_at_one_step_deceive_nobody": 3,
    "test_gradients_and_hessians_of_every_space": 3,
    "test_the_gaussian_likelihood_at_its_maximum": 2,
    "test_a_function_of_one_triangle_has_its_symmetric_gradient_within": 2,
    "test_a_hessian_of_a_trace_product_of_ten_thousand_entries_is_diagnosed": 2,
    "test_row_9_zero_is_recognised": 2,
    "test_row_1_single_precision_shown_or_hidden": 2,
    "test_exact_numbers_are_equal_however_they_are_written": 2,
    "test_what_takes_hours_is_refused_with_the_way_out": 2,
    "test_every_kind_of_map_leaves_dask_arrays_where_they_are": 1,
    "test_row_3_hessians_of_ill_conditioned_matrices": 1,
    "test_one_part_of_floats_makes_a_map_one_of_floats": 1,
    "test_wrong_gradients_fail": 1,
    "test_the_gradient_and_hessian_of_symbols_are_sympys_partial_derivatives": 1,
}


def pytest_collection_modifyitems(items):
    for item in items:
        if getattr(item, "originalname", "") in SLOW:
            item.add_marker(pytest.mark.slow)


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
def site(tmp_path_factory, worker_id):
    """Return the folder of the built book's pages, built by the process that asks first."""
    from filelock import FileLock  # the tests of the core do without

    own = tmp_path_factory.getbasetemp()
    output = (own if worker_id == "master" else own.parent) / "book"
    built = output / "built"
    with FileLock(output.with_suffix(".lock")):
        if not built.exists():
            process = build_book(ROOT, output)
            assert process.returncode == 0, process.stdout
            built.touch()
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
    from chromium import CHROMIUM, NAMES

    if not CHROMIUM:
        pytest.skip(f"none of {', '.join(NAMES)} on the path")
    from playwright.sync_api import sync_playwright  # the tests of the core do without

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def tab(browser):
    """Return the window in which the pages are read: to open one takes longer than a page."""
    # The page that answers forbids the evaluation that Playwright waits by.
    with browser.new_context(bypass_csp=True) as context:
        yield context.new_page()


@pytest.fixture
def open_page(tab, address):
    """Return a function that opens a page of the site afresh, in a size and a theme."""

    def opened(name, viewport, color_scheme="light", **options):
        tab.goto("about:blank")
        tab.set_viewport_size(viewport)
        tab.emulate_media(media="screen", color_scheme=color_scheme)
        tab.mouse.move(0, 0)
        tab.goto(f"{address}{name}", **options)
        return tab

    return opened
