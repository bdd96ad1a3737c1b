"""The live chapters: JupyterLite runs each one in a browser, to the same numbers as its page."""

import ast
import asyncio
import os
import re
import sys
import types
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect
from strategies import SWEEP

CHAPTERS = sorted(path.stem for path in Path(__file__).parent.parent.glob("chapters/*.ipynb"))
MEGABYTE = 1_000_000
VERSION = re.compile(r"\d+\.\d+\.\d+")
NUMBER = re.compile(r"-?\d+(?:\.\d*(?:e[+-]?\d+)?|e[+-]?\d+)")

STORED = """name => new Promise(resolve => {
    const opening = indexedDB.open(`JupyterLite Storage - ${new URL("..", location).pathname}`);
    opening.onsuccess = () => {
        const files = opening.result.transaction("files").objectStore("files");
        const reading = files.get(name);
        reading.onsuccess = () => resolve(reading.result?.content);
    };
})"""
ENDED = """() => {
    const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")];
    const texts = prompts.map(prompt => prompt.textContent);
    return /\\d/.test(texts[0]) && !texts.some(text => text.includes("*"));
}"""


def size(paths):
    return sum(path.stat().st_size for path in paths if path.is_file())


def results(notebook):
    """List what each code cell that readers see says in words and formulas."""
    said = []
    for cell in notebook.cells:
        if cell.cell_type == "code" and "remove-cell" not in cell.metadata.get("tags", []):
            outputs = cell.outputs
            assert "error" not in [output.output_type for output in outputs], outputs
            parts = [output.text for output in outputs if output.get("name") == "stdout"]
            for output in outputs:
                if "image/svg+xml" not in output.get("data", {"image/svg+xml": ""}):
                    shown = [output.data[mime] for mime in sorted(output.data)]
                    parts += [text for text in shown if "<svg" not in text]
            said.append("".join(parts))
    return said


def words(texts):
    return [NUMBER.sub("#", VERSION.sub("version", text)) for text in texts]


def numbers(text):
    return [float(number) for number in NUMBER.findall(VERSION.sub("version", text))]


@pytest.fixture
def open_live(browser, address):
    """Return a function that opens a live chapter, noting each request that leaves this machine."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        foreign = []

        def on_request(request):
            if urlsplit(request.url).netloc not in ("", urlsplit(address).netloc):
                foreign.append(request.url)

        context.on("request", on_request)
        page = context.new_page()
        page.set_default_timeout(60_000)

        def open_chapter(name):
            page.goto(f"{address}chapters/{name}.html")
            page.get_by_role("link", name="Run this chapter in your browser").click()
            page.locator(".jp-Notebook .jp-CodeCell .cm-line").first.wait_for()
            return page, foreign

        yield open_chapter


def test_sizes(site):
    live = set((site / "live").rglob("*"))
    pyodide = set((site / "live" / "static" / "pyodide").rglob("*"))
    assert 5 * MEGABYTE < size(live - pyodide) < 25 * MEGABYTE
    assert 1 * MEGABYTE < size(set(site.rglob("*")) - live) < 16 * MEGABYTE


@pytest.mark.parametrize("name", CHAPTERS)
def test_notebook_says_what_its_page_says(site, name):
    notebook = nbformat.read(site / "live" / "files" / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    source = "\n".join(cell.source for cell in notebook.cells)
    assert re.findall(r"\{(?!math|kbd|sub|sup)[\w:]+\}`[^`]*`", source) == []
    assert "myst_nb" not in source
    assert "solution-" not in source


class FakeSite(types.ModuleType):
    """Stands for the module with which the kernel in the browser installs packages."""

    def __init__(self, only_here):
        super().__init__("piplite.piplite")
        self._PIPLITE_DISABLE_PYPI = only_here
        self.asked = []

    async def install(self, requirement):
        self.asked.append(requirement)


def run_cell(source, scope):
    """Run a cell in a thread of its own, as Playwright has an event loop in this one."""
    code = compile(source, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    with ThreadPoolExecutor() as pool:
        pool.submit(lambda: asyncio.run(eval(code, scope))).result()


@pytest.mark.parametrize(("only_here", "asked"), [(True, ["matderiv[book]"]), (False, [])])
def test_only_the_site_s_own_kernel_is_asked_for_the_package(site, monkeypatch, only_here, asked):
    notebook = nbformat.read(site / "live" / "files" / "prologue.ipynb", as_version=4)
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert "pip install" not in "".join(cell.source for cell in notebook.cells)
    fake, package = FakeSite(only_here), types.ModuleType("piplite")
    package.piplite = fake
    monkeypatch.setitem(sys.modules, "piplite", package)
    monkeypatch.setitem(sys.modules, "piplite.piplite", fake)
    run_cell(first, {})
    assert fake.asked == asked


def test_elsewhere_the_first_cell_asks_nobody(site):
    notebook = nbformat.read(site / "live" / "files" / "prologue.ipynb", as_version=4)
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    scope = {}
    run_cell(first, scope)
    assert scope["site"] is None


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_live_chapter_leads_back_to_its_page(site, name):
    page = site / "live" / "files" / f"{name}.html"
    target = re.search('url=(.*?)"', page.read_text("utf-8"))[1]
    assert (page.parent / target).resolve() == (site / "chapters" / f"{name}.html").resolve()


def test_a_link_in_a_live_chapter_takes_its_question_to_the_page_that_answers(open_live):
    page, _ = open_live("diagnose")
    page.locator(".jp-MarkdownCell").get_by_role("link", name="Ask").click()
    expect(page.locator("#ask-formula")).to_have_value("tr(A*X)*tr(B*X)", timeout=60_000)


# Those that ask most of a browser's Python; `make sweep` runs all.
RUN = CHAPTERS if SWEEP else ["diagnose", "prologue"]


def run_all(open_live, name):
    """Run a live chapter; a second time where its kernel does not come up, as under load."""
    for patience in (180_000, 600_000):
        page, foreign = open_live(name)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        with suppress(PlaywrightTimeout):
            page.wait_for_function(ENDED, timeout=patience)
            return page, foreign
    raise AssertionError(f"{name} did not run to its end")


@pytest.mark.skipif("PYODIDE" not in os.environ, reason="PYODIDE names no Pyodide distribution")
@pytest.mark.parametrize("name", RUN)
def test_run_all_gives_the_numbers_of_the_page(site, open_live, name):
    page, foreign = run_all(open_live, name)
    shown = nbformat.read(
        site.parent / "jupyter_execute" / "chapters" / f"{name}.ipynb", as_version=4
    )
    static = results(shown)
    for _ in range(30):  # the last output may come after the last prompt, and saving takes time
        page.keyboard.press("Control+s")
        page.wait_for_timeout(1000)
        live = results(nbformat.from_dict(page.evaluate(STORED, f"{name}.ipynb")))[1:]
        if words(live) == words(static):
            break
    assert words(live) == words(static)
    for here, there in zip(live, static, strict=True):
        # What a chapter shows as the rounding of large numbers differs between machines.
        assert numbers(here) == pytest.approx(numbers(there), rel=1e-6, abs=1e-4)
    assert foreign == []


def test_changes_survive_a_reload_until_they_are_discarded(open_live):
    page, _ = open_live("prologue")
    mark = "# changed by the reader"
    changed = page.locator(".jp-CodeCell .cm-line", has_text=mark)
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.type(mark)
    for _ in range(60):
        page.wait_for_timeout(500)
        if mark in str(page.evaluate(STORED, "prologue.ipynb")):
            break
    page.reload()
    expect(changed).to_have_count(1, timeout=60_000)
    page.go_back()
    discard = page.get_by_role("button", name="Discard my changes")
    discard.click()
    expect(discard).to_be_hidden()
    open_live("prologue")
    expect(changed).to_have_count(0)


def test_a_link_opens_the_other_chapter_live(open_live):
    page, _ = open_live("two-hessians")
    with page.expect_popup() as popup:
        page.locator(".jp-MarkdownCell").get_by_role("link", name="prologue").first.click()
    title = popup.value.get_by_role("heading", name="Matrix Derivatives as Linear Maps")
    expect(title).to_be_visible(timeout=60_000)
