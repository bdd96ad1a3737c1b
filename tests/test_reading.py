"""The site as a reader meets it: a fresh load, clicks and scrolling, nothing made visible first."""

import pytest
from pages import AT_REST, CHAPTERS, LAID_OUT, lay_out, parsed
from playwright.sync_api import expect
from strategies import in_turn, some

WIDE = {"width": 1400, "height": 900}
PHONE = {"width": 390, "height": 844}
each_width = pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])

# How far the place of the page's fragment is from where the window puts it, in pixels.
OFF = """async () => {
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const root = document.scrollingElement;
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const top = place.getBoundingClientRect().top;
  const wanted = parseFloat(getComputedStyle(root).scrollPaddingTop);
  const atEnd = root.scrollTop + innerHeight > root.scrollHeight - 2;
  return atEnd && top > wanted && top < innerHeight ? 0 : Math.abs(top - wanted);
}"""
ALLOWED = 10
LINKED = ["claims", "glossary", "notation", "questions", "words"]


def follow(page, link):
    """Scroll to a link, click it, and return how far its place is from where it should stand."""
    link.scroll_into_view_if_needed()
    if page.evaluate("scrollY"):  # a reader sees that the page has settled
        page.wait_for_function(LAID_OUT)
    target = link.evaluate("a => a.href")
    link.click()
    page.wait_for_url(lambda address: address == target)  # and until it has loaded
    return page.evaluate(OFF)


def contents(page):
    """Return the entries of a page's "Contents", which a phone keeps in a drawer."""
    opener = page.locator("button.secondary-toggle")
    if opener.is_visible():
        opener.click()
    return page.locator("#pst-page-toc-nav a:visible")


# How much of the first screen moved, as browsers reckon it, and how far.
MOVED = """() => new Promise(done => {
  let moved = 0;
  const add = list => list.getEntries().forEach(({ value }) => { moved += value; });
  new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done(moved), 200);
})"""


@pytest.mark.parametrize("name", some(CHAPTERS, 13))
def test_nothing_moves_while_a_page_comes_up(open_page, name):
    page = open_page(f"chapters/{name}.html", viewport=PHONE)
    assert page.evaluate(MOVED) < 0.1


def test_the_keyboard_skips_a_closed_panel(open_page):
    page = open_page("chapters/convexity.html", viewport=PHONE)
    links = page.locator("#pst-page-toc-nav a")
    shown = links.evaluate_all("all => all.map(a => getComputedStyle(a).visibility)")
    assert set(shown) == {"hidden"}


@pytest.mark.parametrize(("name", "viewport"), in_turn(some(CHAPTERS, 13), [WIDE, PHONE]))
def test_contents_lead_to_their_headings(open_page, name, viewport):
    astray = {}
    page = open_page(f"chapters/{name}.html", viewport=viewport)
    links = contents(page)
    numbers = some(range(links.count()), 1)
    for number in numbers:
        if number != numbers[0]:  # a fresh load, at the top
            links = contents(open_page(f"chapters/{name}.html", viewport=viewport))
        text = links.nth(number).inner_text()
        if (off := follow(page, links.nth(number))) > ALLOWED:
            astray[text] = off
        assert not page.locator("dialog[open]").count(), "the drawer covers the place"
    assert astray == {}


@pytest.mark.parametrize(("name", "viewport"), in_turn(LINKED, [WIDE, PHONE]))
def test_links_lead_to_their_places(open_page, name, viewport):
    astray = []
    page = open_page(f"chapters/{name}.html", viewport=viewport)
    links = page.locator(".bd-article a.internal[href*='#']:visible")
    addresses = dict.fromkeys(link.get_attribute("href") for link in links.all())
    assert addresses
    for target in some(addresses, 2):
        open_page(f"chapters/{name}.html", viewport=viewport)
        link = page.locator(f".bd-article a.internal[href='{target}']:visible").first
        if (off := follow(page, link)) > ALLOWED:
            astray.append((target, off))
    assert astray == []


@each_width
def test_back_and_forward_lead_to_the_places_that_were_left(open_page, viewport):
    page = open_page("chapters/two-hessians.html", viewport=viewport)
    follow(page, contents(page).nth(3))
    left = page.evaluate("scrollY")
    target = page.locator(".bd-article a.internal[href*='.html#']:visible").last
    target.scroll_into_view_if_needed()
    left = page.evaluate("scrollY")
    assert left > 1000
    assert follow(page, target) <= ALLOWED
    landed = page.evaluate("scrollY")
    page.go_back()
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") == pytest.approx(left, abs=ALLOWED)
    page.go_forward()
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") == pytest.approx(landed, abs=ALLOWED)


# What people type (from the questions that they ask in public), and where the first result leads.
WORDS = {
    "tr(AX)": "linear-functionals",
    "⊗": "kronecker",
    "numerator layout": "glossary#term-numerator-layout",
    "denominator layout": "glossary#term-denominator-layout",
    "gradient": "glossary#term-gradient",
    "least squares": "words",
    "log det": "words",
    "determinant": "words",
    "symmetric matrix": "words",
    "inverse": "words",
    "derivative of a matrix by a matrix": "words",
    "Kronecker product": "glossary#term-Kronecker-product",
    "vec": "glossary#term-vec",
    "Hessian": "glossary#term-Hessian",
    "JAX": "words",
    "chain rule": "glossary#term-chain-rule",
    "product rule": "words",
    "backpropagation": "words",
    "softmax": "words",
    "Hadamard product": "words",
    "duplication matrix": "glossary#term-duplication-matrix",
    "commutation matrix": "glossary#term-commutation-matrix",
    "Jacobian": "words",
    "differential": "glossary#term-differential",
    "eigenvalue": "words",
    "matrix exponential": "words",
    "realign": "glossary#term-realignment",
    "convex": "words",
    "Cholesky": "words",
    "singular value": "words",
    "nuclear norm": "words",
    "matrix logarithm": "words",
    "likelihood": "words",
    "Fisher information": "words",
    "covariance matrix": "words",
    "automatic differentiation": "words",
    "elementwise": "words",
}
ENDED = "/finished|did not match/.test(document.querySelector('.search-summary')?.innerText)"


def search(page, address, words):
    """Search the site; return the addresses of the results."""
    page.goto(f"{address}search.html")
    page.locator("article, main").locator("input[name=q]").fill(words)
    page.keyboard.press("Enter")
    page.wait_for_function(ENDED)
    links = page.locator("#search-results li > a")
    return [link.get_attribute("href").removeprefix("chapters/") for link in links.all()]


def test_the_first_result_is_the_place_that_was_looked_for(site, address, open_page):
    page = open_page("search.html", viewport=WIDE)
    sought = dict(some(WORDS.items(), 7))
    first = {words: (search(page, address, words) or [""])[0] for words in sought}
    wrong = {}
    for words, place in sought.items():
        name, _, anchor = place.partition("#")
        if not first[words].startswith(f"{name}.html#{anchor}"):
            wrong[words] = first[words]
        elif name in ("words", "glossary"):
            page_name, found = first[words].split("#")
            entry = parsed(site / "chapters" / page_name).find(id=found)
            entry = entry if entry.name in ("dt", "dd") else entry.find_parent(["dt", "dd"])
            if words.lower() not in entry.get_text().lower():
                wrong[words] = entry.get_text()
    assert wrong == {}


def test_a_page_that_was_found_opens_at_one_of_the_words(address, open_page):
    page = open_page("search.html", viewport=WIDE)
    search(page, address, '"hessian" convex')
    link = page.locator("#search-results li > a[href*=':~:']").first
    assert link.get_attribute("href").endswith("#:~:text=hessian&text=convex")


def test_excerpts_show_no_source_of_formulas_and_no_contents(address, open_page):
    page = open_page("search.html", viewport=WIDE)
    search(page, address, "Hessian")
    page.locator("#search-results .context").nth(8).wait_for()
    for text in page.locator("#search-results .context").all_inner_texts():
        assert "\\" not in text
        assert "Contents" not in text


@pytest.mark.parametrize("words", ["xyzzy", "", "  "], ids=["unknown", "none", "spaces"])
def test_a_search_for_nothing_shows_other_ways(address, open_page, words):
    page = open_page(f"search.html?q={words}", viewport=WIDE)
    help_ = page.locator(".search-help")
    help_.wait_for()
    assert help_.get_by_role("link").count() >= 4


def test_a_wrong_fragment_opens_the_page(open_page):
    page = open_page("chapters/kronecker.html#nowhere", viewport=WIDE)
    assert page.evaluate("scrollY") == 0
    assert page.locator("article h1").is_visible()


@each_width
def test_the_first_screen_says_what_this_is_and_has_four_doors(open_page, viewport):
    page = open_page("chapters/prologue.html", viewport=viewport)
    doors = page.locator("ul.doors a")
    assert doors.count() == 4
    for part in [*page.locator(".front-text p").all(), *doors.all()]:
        box = part.bounding_box()
        assert box["y"] + box["height"] <= viewport["height"]


def test_a_statement_shows_itself_where_its_link_is_pointed_at_or_focused(open_page):
    page = open_page("chapters/two-hessians.html", viewport=WIDE)
    lay_out(page)
    preview = page.locator(".preview")
    link = page.locator(".bd-article a.internal[href*='.html#thm-']:visible").first
    link.hover()
    preview.wait_for()
    assert "Theorem" in preview.inner_text()
    page.keyboard.press("Escape")
    preview.wait_for(state="detached")
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)
    link.focus()
    preview.wait_for()
    assert preview.locator("[id]").count() == 0


def test_a_word_and_a_source_show_themselves(open_page):
    page = open_page("chapters/prologue.html", viewport=WIDE)
    lay_out(page)
    for place, text in {
        "glossary.html#": "block matrix",
        "bibliography.html#": "Stack Exchange",
    }.items():
        page.locator(f".bd-article a.internal[href*='{place}']:visible").first.hover()
        page.locator(".preview", has_text=text).wait_for()


@pytest.mark.parametrize("name", ["linear-functionals", "coordinates", "flattenings"])
def test_figures_that_answer_to_the_hand_say_their_state(open_page, name):
    page = open_page(f"chapters/{name}.html", viewport=PHONE)
    box = page.locator(".hand")
    box.scroll_into_view_if_needed()
    state = box.locator("output")
    page.wait_for_function("state => state.innerText", arg=state.element_handle())
    start = state.inner_text()
    assert start
    box.locator("input").focus()
    page.keyboard.press("End")
    assert state.inner_text()
    page.keyboard.press("ArrowLeft")
    assert state.inner_text() != start
    assert box.locator("input").get_attribute("aria-valuetext") == state.inner_text()


def test_solutions_open_by_their_bar(open_page):
    page = open_page("chapters/two-hessians.html", viewport=WIDE)
    solution = page.locator("details.solution").first
    bar = solution.locator("summary")
    assert "exercise 5.1" in bar.text_content()
    box = bar.bounding_box()
    bar.click(position={"x": box["width"] - 10, "y": 5})
    assert solution.get_attribute("open") is not None


def test_a_test_is_unfolded_where_a_link_leads_to_it(open_page):
    page = open_page("chapters/kronecker.html", viewport=WIDE)
    checks = page.locator("details.checked-by").first
    checks.locator("summary").click()
    link = checks.get_by_role("link").first
    sentence = link.inner_text()
    assert follow(page, link) <= ALLOWED
    test = page.locator("details[open]")
    assert test.locator("summary").inner_text() == sentence
    assert "@pytest.mark.claim" in test.locator("pre").inner_text()


def test_buttons_have_names_and_marks_of_focus(open_page):
    page = open_page("chapters/prologue.html", viewport=WIDE)
    page.wait_for_function("document.querySelector('button.copybtn')?.ariaLabel")
    page.locator("button.primary-toggle").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    ring = "getComputedStyle(document.activeElement).boxShadow"
    assert page.evaluate(ring) != "none"


@pytest.mark.parametrize("opener", ["primary-toggle", "secondary-toggle", "search-button"])
def test_what_a_button_opened_gives_the_focus_back(open_page, opener):
    page = open_page("chapters/convexity.html", viewport=PHONE)
    button = page.locator(f"button.{opener}:visible").first
    button.click()
    page.locator("dialog[open]").wait_for()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


CONTRAST = """element => {
  const light = text => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    const part = c => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    return [0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b), a];
  };
  const filled = ground => light(getComputedStyle(ground).backgroundColor)[1] === 1;
  let ground = element;
  while (!filled(ground)) ground = ground.parentElement;
  const back = light(getComputedStyle(ground).backgroundColor)[0];
  const fore = light(getComputedStyle(element).color)[0];
  return (Math.max(back, fore) + 0.05) / (Math.min(back, fore) + 0.05);
}"""
CONTROLS = ".live-run, .doors a, p a.internal, .bd-links a, #pst-page-toc-nav a, .prev-next-title"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_links_keep_their_contrast_when_pointed_at_and_focused(open_page, scheme):
    page = open_page("chapters/prologue.html", viewport=WIDE, color_scheme=scheme)
    page.add_style_tag(content=AT_REST)
    low = {}
    for selector in CONTROLS.split(", "):
        control = page.locator(f"{selector}:visible").first
        for state in ("rest", "hover", "focus"):
            control.hover() if state == "hover" else page.mouse.move(0, 0)
            if state == "focus":
                control.focus()
            if (ratio := control.evaluate(CONTRAST)) < 4.5:
                low[selector, state] = ratio
    assert low == {}


ON_PAPER = """() => [
  getComputedStyle(document.body).backgroundColor,
  document.querySelectorAll('details.solution:not([open])').length,
  [...document.querySelectorAll('.bd-article :is(table, img, svg, .katex-html)')]
    .filter(part => part.getBoundingClientRect().right > innerWidth + 2).length,
]"""


@pytest.mark.parametrize("name", ["prologue", "two-hessians", "gallery", "notation", "diagnose"])
def test_paper_is_white_and_complete(open_page, name):
    page = open_page(
        f"chapters/{name}.html", viewport={"width": 643, "height": 900}, color_scheme="dark"
    )
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(ON_PAPER) == ["rgb(255, 255, 255)", 0, 0]


def test_on_paper_there_is_nothing_to_fill_in(open_page):
    page = open_page("chapters/ask.html", viewport=WIDE)
    page.emulate_media(media="print")
    assert page.locator(":is(#ask-form, .asked-again):visible").count() == 0
    assert page.locator(".asked:visible").count()


@pytest.mark.parametrize("name", ["flattenings", "linear-functionals"])
def test_what_is_said_of_a_figure_for_hands_stands_in_it(open_page, name):
    page = open_page(f"chapters/{name}.html", viewport=WIDE)
    hand = page.locator(".hand[data-says]")
    assert hand.locator("p").first.text_content() == hand.get_attribute("data-says")
