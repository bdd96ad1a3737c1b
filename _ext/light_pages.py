"""Make pages light: one style sheet with the rules that the book uses, and scripts that wait.

Kept, because the theme and the extensions bring a dozen style sheets, most of whose rules match
nothing here: without it a page loads 400 kB of styles that block it, and no extension offers this.
"""

import json
import posixpath
import re
import shutil
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import tinycss2

THEME_STYLES = ["_static/basic.css", "_static/styles/pydata-sphinx-theme.css"]
BUNDLE = "_static/all.css"
THEME_SCRIPT = "_static/scripts/pydata-sphinx-theme.js"
MEASURED = '"pre",".nboutput > .output_area",".cell_output > .output"'  # there, by book.js here
UNUSED = ["_static/locales", "_static/vendor/fontawesome", "_static/scripts/fontawesome.js*"]
UNUSED += ["_static/scripts/bootstrap.js*", "_static/**/*.map"]
WORD = re.compile(r"[\w-]+")
NAMES = re.compile(r'\b(?:class|id)="([^"]*)"')
PACKED = re.compile(
    r'(<(details|section)\b[^>]* class="[^"]*packed">\s*<(summary|h3)>.*?</\3>)(.*?)(</\2>)',
    re.DOTALL,
)
RECIPE = re.compile(r'(<details class="recipe">.*?</summary>)(.*?)(</details>)', re.DOTALL)
TYPESET = '<span class="katex-html" aria-hidden="true">'
SPAN = re.compile("<(/?)span")
SOURCE = re.compile(r'<annotation\b.*?</annotation>|</?semantics>| xmlns="[^"]*MathML"')
ADDRESS = re.compile(r"""url\((["']?)(?!data:|#|[a-z]+:)([^"')]+)\1\)""")
SCRIPTS = {  # those that not every page loads, and what the pages have that do
    "ask.js": 'id="ask-form"',
    "ask-worker.js": "Only ask.js reads it.",
    "cookbook.js": 'class="cookbook"',
    "hands.js": 'class="hand"',
    "live.js": 'class="live"',
    "search.js": "search.html",
    "sphinx_highlight.js": "search.html",  # elsewhere it would mark matches in the navigation, too
}


def use_one_sheet(app, pagename, templatename, context, doctree):
    """Let a page load the bundle instead of its sheets, and its scripts once it is there."""
    sheets = [sheet.filename for sheet in context["css_files"]]
    app.sheets = list(dict.fromkeys([*getattr(app, "sheets", THEME_STYLES), *sheets]))
    bundle = context["css_files"][0]
    context["css_files"] = [type(bundle)(BUNDLE)]
    page = context.get("body", templatename)
    scripts = [script for script in context["script_files"] if is_needed(script, page)]
    if templatename != "search.html":  # its own scripts do not wait
        scripts = [deferred(script) for script in scripts]
    context["script_files"] = scripts


def is_needed(script, page):
    """Tell whether a page has what a script is for."""
    if "pagename" in script.attributes.get("body", ""):  # for the theme's versions
        return False
    return SCRIPTS.get(str(script.filename).rpartition("/")[2], "") in page


def pack(app, pagename, templatename, context, doctree):
    """Let what is marked so be read when it is wanted (book.js), or without a script.

    A page that has such parts is long, and does without its formulas' source in TeX, too. How
    those formulas are set that its recipes fold stands in a script: without it, the browser sets
    their MathML.
    """
    if not PACKED.search(context.get("body", "")):
        return
    formulas, script = {}, f"_static/formulas/{posixpath.basename(pagename)}.js"

    def lean(recipe):
        return recipe[1] + without_typesetting(recipe[2], formulas) + recipe[3]

    body = RECIPE.sub(lean, SOURCE.sub("", context["body"]))
    tag = "noscript"
    if formulas:
        path, code = Path(app.outdir, script), f"var formulas = {json.dumps(list(formulas))};"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, "utf-8")
        version = sha256(code.encode()).hexdigest()[:8]  # another one has other numbers
        tag += f' data-formulas="{context["pathto"](script, 1)}?v={version}"'
    context["body"] = PACKED.sub(rf"\1<{tag}>\4</noscript>\5", body)


def without_typesetting(html, formulas):
    """Replace how each formula is set by its number; add it to the formulas, if it is not there."""
    parts = html.split(TYPESET)
    for index, part in enumerate(parts[1:], start=1):
        depth = 1
        for tag in SPAN.finditer(part):
            depth += -1 if tag[1] else 1
            if depth == 0:
                break
        number = formulas.setdefault(part[: tag.start()], len(formulas))
        parts[index] = f'{TYPESET[:-1]} data-formula="{number}">{part[tag.start() :]}'
    return "".join(parts)


def deferred(script):
    """Return a script that runs after the page is there; one without a file stays as it is."""
    wait = {"defer": "defer"} if script.filename else {}
    return type(script)(script.filename, priority=script.priority, **script.attributes, **wait)


def moved(css, folder):
    """Rewrite a sheet's relative addresses for the bundle's folder."""

    def address(match):
        path = posixpath.join(folder, match[2])
        return f"url({posixpath.relpath(path, posixpath.dirname(BUNDLE))})"

    return ADDRESS.sub(address, css)


def selectors(prelude):
    """Split the tokens before a rule's braces at its commas; those in brackets are not its own."""
    found = [[]]
    for token in prelude:
        if token == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def is_used(selector, known):
    """Tell whether all classes and ids of a selector, outside brackets, are among the words."""
    names = [token.value for token in selector if token.type == "hash"]
    for token, following in pairwise(selector):
        if token == "." and following.type == "ident":
            names.append(following.value)
    return all(name in known for name in names)


def pruned(rules, known):
    """Yield the text of the rules that can match a page made of the known words."""
    for rule in rules:
        if rule.type == "qualified-rule":
            if any(is_used(selector, known) for selector in selectors(rule.prelude)):
                yield rule.serialize()
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
            inner = tinycss2.parse_rule_list(rule.content, True, True)
            body = "".join(pruned(inner, known))
            if body:
                prelude = tinycss2.serialize(rule.prelude)
                yield f"@{rule.lower_at_keyword}{prelude}{{{body}}}"
        elif rule.type == "at-rule" and "Font Awesome" not in tinycss2.serialize(
            rule.content or []
        ):
            yield rule.serialize()


def words_of(site):
    """Return the classes and ids on the site's pages, and the words of its scripts."""
    pages = [path.read_text("utf-8") for path in site.rglob("*.html")]
    scripts = [path.read_text("utf-8") for path in site.joinpath("_static").rglob("*.js")]
    named = {word for page in pages for name in NAMES.findall(page) for word in WORD.findall(name)}
    said = {word for script in scripts for word in WORD.findall(script)}
    return named | {word for word in said if len(word) > 2}  # the short ones are minified names


def spare_folded_code(site):
    """Keep the theme's script from laying out all that is folded, to see whether it scrolls."""
    script = site / THEME_SCRIPT
    script.write_text(script.read_text("utf-8").replace(f"{MEASURED},", ""), "utf-8")


def write_sheet(app, exception):
    """Write the bundle, and remove what no page loads."""
    if exception:
        return
    site = Path(app.outdir)
    spare_folded_code(site)
    for pattern in UNUSED:
        for path in site.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    known = words_of(site)
    sheets = [
        moved((site / name).read_text("utf-8"), posixpath.dirname(name)) for name in app.sheets
    ]
    rules = tinycss2.parse_stylesheet("\n".join(sheets), True, True)
    (site / BUNDLE).write_text("\n".join(pruned(rules, known)), "utf-8")


def setup(app):
    """Change each page, and write the style sheet when all are there."""
    app.connect("html-page-context", use_one_sheet, priority=900)
    app.connect("html-page-context", pack, priority=950)  # what other extensions add is there
    app.connect("build-finished", write_sheet, priority=900)  # after the theme's own changes
