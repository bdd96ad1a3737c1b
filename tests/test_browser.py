"""Every built page in a browser: quiet, self-contained, fit for each width, without scripts too."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import AT_REST, CHAPTERS, lay_out, one_process, parsed
from strategies import in_turn, some

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
WIDTHS = [360, 390, 768, 1100, 1400, 1920]
OUR_STYLES = ["book", "controls", "front", "hands", "icons", "live", "media", "statements"]
WIDTHS_IN_TURN = [WIDTHS[start::3] for start in range(3)]
WITHOUT_FORMULAS = {"api", "benchmarks", "bibliography", "changes", "questions", "tests"}
PAGES = ["search", *(f"chapters/{name}" for name in CHAPTERS)]
WIDE_TOO = {"chapters/prologue", *some(PAGES, 7)}
READ_BY_AXE = sorted({*WIDE_TOO, *some(PAGES, 13)})
every_page = pytest.mark.parametrize("name", PAGES)

SETTLED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
EXCESS = "document.scrollingElement.scrollWidth - innerWidth"
SEARCHES = (
    "button.search-button__button:visible, :is(header, aside, nav) input[type=search]:visible"
)

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

# What is cut at the right or the left of a box without fading there, or sticks out of the window.
CUT = """() => {
  const cut = [];
  const name = element => element.className + ': ' + element.textContent.trim().slice(0, 60);
  for (const box of document.querySelectorAll('.bd-article, .bd-article *')) {
    if (!box.checkVisibility() || box.closest('.katex-html, .katex-mathml, svg')) continue;
    const style = getComputedStyle(box);
    if (style.overflowX === 'visible' || box.scrollWidth <= box.clientWidth + 1) continue;
    if (style.clip !== 'auto' || box.clientWidth === 0) continue;
    const fades = /more|after/.test(box.dataset.more ?? '') && style.maskImage !== 'none';
    if (!fades || style.overflowX === 'hidden') cut.push(name(box));
  }
  for (const part of document.querySelectorAll('.bd-article :is(table, img, svg, .katex-html)')) {
    if (!part.checkVisibility() || part.closest('[data-more]')) continue;
    if (part.getBoundingClientRect().right > innerWidth + 1) cut.push('out: ' + name(part));
  }
  return cut;
}"""

# What has more than it shows, and says so by fading.
FADES = """() => [...document.querySelectorAll('.bd-article [data-more]')]
  .filter(box => box.checkVisibility() && box.scrollWidth > box.clientWidth + 1)
  .map(box => box.textContent.trim().slice(0, 60))"""

# Rules of our own style sheets that match something on the page, and are not in its style sheet.
LOST = """async own => {
  const sheet = new CSSStyleSheet();
  await sheet.replace(own);
  const flat = rules => [...rules].flatMap(rule =>
    rule.selectorText ? [rule] : rule.cssRules ? flat(rule.cssRules) : []);
  const state = /::?(before|after|hover|active|focus-visible|target)/g;
  const text = rule => rule.cssText.replace(/url\\([^)]*\\)/g, '');  // addresses are moved
  const there = new Set([...document.styleSheets].flatMap(sheet => flat(sheet.cssRules)).map(text));
  return flat(sheet.cssRules)
    .filter(rule => document.querySelector(rule.selectorText.replace(state, '')))
    .filter(rule => !there.has(text(rule))).map(rule => rule.selectorText);
}"""


@pytest.fixture
def visit(open_page):
    """Return a function that opens a page and has all of it laid out."""

    def opened(name, **settings):
        page = open_page(f"{name}.html", **settings)
        lay_out(page)
        return page

    return opened


@pytest.fixture
def problems(tab, address):
    """Return a list of what goes wrong in the window, or leaves for another site."""
    found, own = [], (address, "data:", "about:")
    listeners = {
        "pageerror": lambda error: found.append(error),
        "console": lambda said: said.type == "error" and found.append(said.text),
        "response": lambda got: got.status >= 400 and found.append(got.url),
        "request": lambda sent: sent.url.startswith(own) or found.append(sent.url),
    }
    for event, listener in listeners.items():
        tab.on(event, listener)
    yield found
    for event, listener in listeners.items():
        tab.remove_listener(event, listener)


@pytest.mark.parametrize(("name", "widths"), in_turn(PAGES, WIDTHS_IN_TURN))
def test_a_page_loads_quietly_from_the_site_alone_and_fits(problems, visit, site, name, widths):
    page = visit(name, viewport=WIDE)
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(SETTLED)
        found = {
            "scrolls sideways": max(page.evaluate(EXCESS), 0),
            "searches": page.locator(SEARCHES).count() - 1,
            "punctuation begins a line": page.evaluate(STRAYS),
            "cut": page.evaluate(CUT),
            "scrolls, though there is room": width >= 768 and page.evaluate(FADES),
        }
        problems += [(width, what, which) for what, which in found.items() if which]
    own = "\n".join((site / "_static" / f"{style}.css").read_text("utf-8") for style in OUR_STYLES)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    problems += page.evaluate(LOST, own)
    assert problems == []


def test_mathematics_needs_no_javascript(browser, address):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        for name in some(sorted({*CHAPTERS} - WITHOUT_FORMULAS), 6):
            page.goto(f"{address}chapters/{name}.html")
            assert page.locator(".katex-html").filter(visible=True).count(), name


@pytest.mark.parametrize("width", [390, 1280])
def test_without_scripts_the_book_is_light_and_its_contents_are_there(browser, address, width):
    how = {"color_scheme": "dark", "viewport": {"width": width, "height": 844}}
    with browser.new_context(java_script_enabled=False, **how) as context:
        page = context.new_page()
        page.goto(f"{address}chapters/convexity.html")
        page.locator(".bd-sidebar-primary a", has_text="Cheat sheet").click()
        page.wait_for_url("**/cheat-sheet.html")
        page.go_back()
        brightest = (
            "(e, what) => Math.max(...getComputedStyle(e)[what].match(/[0-9]+/g).slice(0, 3))"
        )
        code = page.locator("div.cell_input div.highlight").first
        assert code.evaluate(brightest, "color") < 80
        assert code.evaluate(brightest, "backgroundColor") > 220
        for button in (".primary-toggle", ".secondary-toggle"):
            assert not page.locator(button).filter(visible=True).count()


def test_pages_read_from_a_folder(browser, site):
    problems = []
    with browser.new_context(viewport=WIDE) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(error))
        page.on("requestfailed", lambda request: problems.append(request.url))
        for name in some(CHAPTERS, 8):
            page.goto((site / "chapters" / f"{name}.html").as_uri())
            assert page.locator("article h1").is_visible()
            run = page.locator(".live-run")
            assert not run.count() or run.is_hidden(), "it would need a server"
    assert problems == []


@one_process
@every_page
def test_every_image_has_a_written_alternative(site, name):
    for image in parsed(site / f"{name}.html").select("img"):
        assert image["alt"]
        assert not image["alt"].endswith((".png", ".svg")), f"{image['alt']} is a file"


# axe takes long to find what stands behind a text: one of those that are set alike stands for all.
TEXTS = """() => {
  const seen = new Set(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (const element of document.querySelectorAll('.one-of-its-kind'))
    element.classList.remove('one-of-its-kind');
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const set = [color, fontSize, fontWeight];
    for (let ground = element; ground; ground = ground.parentElement) {
      const { backgroundColor, opacity } = getComputedStyle(ground);
      set.push(backgroundColor, opacity);
      if (/^rgb\\(/.test(backgroundColor)) break;
    }
    if (!seen.has(set.join())) element.classList.add('one-of-its-kind');
    seen.add(set.join());
  }
}"""
# It also takes long over the many parts of formulas, and of code, which are texts but for colours.
FLATTEN = """selector => {
  for (const part of document.querySelectorAll(selector)) {
    part.textContent = (part.querySelector('mrow') ?? part).textContent;
  }
}"""
REMOVE = "selector => document.querySelectorAll(selector).forEach(part => part.remove())"
CONTRAST = {"runOnly": ["color-contrast"]}
ALL_BUT_CONTRAST = {"rules": {"color-contrast": {"enabled": False}}}


@pytest.mark.parametrize(("name", "scheme"), in_turn(READ_BY_AXE, ["light", "dark"]))
def test_axe_finds_nothing(visit, name, scheme):
    problems = []

    def run(page, where, rules):
        found = Axe().run(page, where, {"resultTypes": ["violations"], **rules}).response
        for problem in found["violations"]:
            problems.append((problem["id"], problem["nodes"][0]["html"][:200]))

    page = visit(name, viewport=PHONE, color_scheme=scheme)
    page.add_style_tag(content=AT_REST)
    page.evaluate(FLATTEN, ".katex")
    wide = name in WIDE_TOO  # with what a phone has in drawers, alike on every page
    for viewport in [WIDE] * wide + [PHONE]:
        page.set_viewport_size(viewport)
        page.evaluate(SETTLED)
        page.evaluate(TEXTS)
        run(page, {"include": [[".one-of-its-kind"]]}, CONTRAST)
    page.evaluate(FLATTEN, "pre")
    run(page, None, ALL_BUT_CONTRAST)
    if wide:
        page.set_viewport_size(WIDE)
        page.evaluate(REMOVE, "article section > :not(h1)")
        run(page, None, ALL_BUT_CONTRAST)
    assert problems == []
