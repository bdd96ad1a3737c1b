"""The site as a reader meets it: a fresh load, clicks and scrolling, nothing made visible first."""

import pytest

WIDE = {"width": 1400, "height": 900}
PHONE = {"width": 390, "height": 844}
each_width = pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])

pytestmark = pytest.mark.xdist_group("site")

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


@pytest.fixture
def open_page(browser, address):
    """Return a function that opens a page of the site afresh, in a window of its own."""
    contexts = []

    def opened(name, **settings):
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.goto(address + name)
        return page

    yield opened
    for context in contexts:
        context.close()


def names_of_pages(site):
    return [path.relative_to(site).as_posix() for path in sorted(site.glob("chapters/*.html"))]


def follow(page, link):
    """Click a link; return how far its place is from where it should stand."""
    link.click()
    page.wait_for_load_state()
    return page.evaluate(OFF)


def contents(page):
    """Return the entries of a page's "Contents", which a phone keeps in a drawer."""
    opener = page.locator("button.secondary-toggle")
    if opener.is_visible():
        opener.click()
    return page.locator("#pst-page-toc-nav a:visible")


@each_width
def test_contents_lead_to_their_headings(site, address, open_page, viewport):
    astray = []
    page = open_page("search.html", viewport=viewport)
    for name in names_of_pages(site):
        page.goto(address + name)
        for number in range(contents(page).count()):
            page.goto("about:blank")  # the next load is a fresh one, at the top
            page.goto(address + name)
            entry = contents(page).nth(number)
            text = entry.inner_text()
            if (off := follow(page, entry)) > ALLOWED:
                astray.append((name, text, off))
            assert not page.locator("dialog[open]").count(), "the drawer covers the place"
    assert astray == []


@each_width
@pytest.mark.parametrize("name", ["claims", "glossary", "notation"])
def test_links_lead_to_their_places(address, open_page, viewport, name):
    astray = []
    here = f"{address}chapters/{name}.html"
    page = open_page("search.html", viewport=viewport)
    page.goto(here)
    links = page.locator(".bd-article a.internal[href*='#']:visible")
    addresses = dict.fromkeys(link.get_attribute("href") for link in links.all())
    assert addresses
    for target in addresses:
        page.goto("about:blank")
        page.goto(here)
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


@pytest.mark.parametrize("width", [360, 390, 768, 1100, 1400, 1920])
def test_nothing_is_cut_without_a_sign(site, address, open_page, width):
    page = open_page("search.html", viewport={"width": width, "height": 900})
    cut = {}
    for name in names_of_pages(site):
        page.goto(address + name)
        page.wait_for_timeout(100)
        if found := page.evaluate(CUT):
            cut[name] = found
    assert cut == {}
