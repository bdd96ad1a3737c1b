"""The built book in a browser: quiet, self-contained, fit for a phone, readable without scripts."""

import pytest
from axe_playwright_python.sync_playwright import Axe

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
WITHOUT_FORMULAS = {
    f"chapters/{name}.html"
    for name in ("api", "benchmarks", "bibliography", "changes", "questions", "tests")
}

LAID_OUT = "'laidOut' in document.documentElement.dataset"


@pytest.fixture
def visit(browser, site, address):
    """Return an iterator over every page, open in a browser: pairs of its name and the page."""

    def pages(listen=lambda page: None, wait_until="load", **settings):
        # The page that answers forbids the evaluation that Playwright waits by.
        with browser.new_context(bypass_csp=True, **settings) as context:
            page = context.new_page()
            listen(page)
            for path in [site / "search.html", *sorted(site.glob("chapters/*.html"))]:
                name = path.relative_to(site).as_posix()
                page.goto(address + name, wait_until=wait_until)
                if settings.get("java_script_enabled", True):
                    page.keyboard.press("Shift")  # whoever does something gets the whole page
                    page.wait_for_function(LAID_OUT)
                yield name, page

    return pages


def test_pages_load_quietly_from_the_site_alone(visit, address):
    problems = []

    def on_request(request):
        if not request.url.startswith((address, "data:")):
            problems.append(request.url)

    def on_response(response):
        if response.status >= 400:
            problems.append(f"{response.status} {response.url}")

    def on_console(message):
        if message.type == "error":
            problems.append(message.text)

    def on_page_error(error):
        problems.append(error)

    def listen(page):
        page.on("request", on_request)
        page.on("response", on_response)
        page.on("console", on_console)
        page.on("pageerror", on_page_error)

    names = [name for name, _ in visit(listen, wait_until="networkidle", viewport=WIDE)]
    assert "chapters/prologue.html" in names
    assert problems == []


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_pages_do_not_scroll_sideways(visit, viewport):
    excess = "document.scrollingElement.scrollWidth - innerWidth"
    pages = visit(viewport=viewport)
    assert [name for name, page in pages if page.evaluate(excess) > 0] == []


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_one_search_control_is_visible(visit, viewport):
    controls = (
        "button.search-button__button:visible, :is(header, aside, nav) input[type=search]:visible"
    )
    counts = {name: page.locator(controls).count() for name, page in visit(viewport=viewport)}
    assert {name: count for name, count in counts.items() if count != 1} == {}


def test_mathematics_needs_no_javascript(visit):
    formulas = {
        name: page.locator(".katex-html").filter(visible=True).count()
        for name, page in visit(java_script_enabled=False)
        if name.startswith("chapters/") and name not in WITHOUT_FORMULAS
    }
    assert formulas
    assert [name for name, count in formulas.items() if count == 0] == []


STRAYS = """() => {
  const strays = [];
  for (const formula of document.querySelectorAll('.bd-article span.math')) {
    const text = formula.nextSibling;
    if (text?.nodeType !== Node.TEXT_NODE || !/^[,.;:?!)]/.test(text.data)) continue;
    const point = document.createRange();
    point.setStart(text, 0);
    point.setEnd(text, 1);
    const rects = formula.querySelector('.katex-html').getClientRects();
    const bottom = rects[rects.length - 1].bottom;
    if (point.getBoundingClientRect().top > bottom) strays.push(formula.parentNode.textContent);
  }
  return strays;
}"""


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_no_line_starts_with_the_punctuation_after_a_formula(visit, viewport):
    strays = {name: page.evaluate(STRAYS) for name, page in visit(viewport=viewport)}
    assert {name: found for name, found in strays.items() if found} == {}


def test_pages_read_from_a_folder(browser, site):
    problems = []
    with browser.new_context(viewport=WIDE) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(error))
        page.on("requestfailed", lambda request: problems.append(request.url))
        for path in sorted(site.glob("chapters/*.html")):
            page.goto(path.as_uri())
            assert page.locator("article h1").is_visible()
            run = page.locator(".live-run")
            assert not run.count() or run.is_hidden(), "it would need a server"
    assert problems == []


def test_every_image_has_a_written_alternative(visit):
    for name, page in visit(viewport=WIDE):
        for image in page.locator("img").all():
            text = image.get_attribute("alt")
            assert text, name
            assert not text.endswith((".png", ".svg")), f"{name}: {text} is a file"


@pytest.mark.parametrize(
    ("viewport", "color_scheme"),
    [(WIDE, "light"), (PHONE, "light"), (PHONE, "dark")],
    ids=["wide light", "phone light", "phone dark"],
)
def test_axe_finds_nothing(visit, viewport, color_scheme):
    # axe takes minutes over KaTeX's many spans, which it need not read: beside them is MathML.
    empty = """async () => {
        document.querySelectorAll('.katex-html').forEach(formula => formula.replaceChildren());
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    }"""
    problems = {}
    for name, page in visit(viewport=viewport, color_scheme=color_scheme):
        page.evaluate(empty)
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        problems[name] = [(problem["id"], problem["nodes"][0]["html"][:200]) for problem in found]
    assert {name: found for name, found in problems.items() if found} == {}
