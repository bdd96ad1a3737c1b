"""What the repository says of itself, to people and to machines, is true."""

import ast
import re
import subprocess
import sys
import tarfile
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from zipfile import ZipFile

import pytest
import yaml
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder
from links import complaint, outside

import matderiv
from hatch_build import for_an_index, links

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "matderiv"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CORE = PROJECT["tool"]["mutmut"]["pytest_add_cli_args_test_selection"]
GUIDES = ["README.md", "CONTRIBUTING.md", "RELEASING.md", "SECURITY.md"]


def text_of(name):
    assert (ROOT / name).exists(), f"{name} is missing: put it back"
    return (ROOT / name).read_text("utf-8")


# Versions and packages


def test_the_version_is_everywhere_the_same():
    assert yaml.safe_load(text_of("CITATION.cff"))["version"] == matderiv.__version__
    assert f"\n## {matderiv.__version__}, " in text_of("CHANGELOG.md")


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """Return the names of what is in the wheel and in the sdist, and the wheel's metadata."""
    folder = tmp_path_factory.mktemp("dist")
    wheel, sdist = (
        next(builder(str(ROOT)).build(directory=str(folder), versions=["standard"]))
        for builder in (WheelBuilder, SdistBuilder)
    )
    with ZipFile(wheel) as archive, tarfile.open(sdist) as source:
        names = archive.namelist()
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        inside = {name.partition("/")[2] for name in source.getnames()}
        return names, inside, archive.read(metadata).decode("utf-8")


def test_packages_bring_the_code_its_types_its_licence_and_nothing_else(packages):
    wheel, sdist, metadata = packages
    assert "matderiv/py.typed" in wheel
    assert any(name.endswith("/licenses/LICENSE") for name in wheel), "LICENSE is missing"
    assert {name.split("/")[0].split("-")[0] for name in wheel} == {"matderiv"}
    assert {"LICENSE", "CHANGELOG.md", "CITATION.cff", "README.md", "hatch_build.py"} <= sdist
    assert [name for name in sdist if name.startswith(("chapters", "_static"))] == [], (
        "the chapters are under another licence than the package"
    )
    assert f"\nVersion: {matderiv.__version__}\n" in metadata
    assert "\nLicense-Expression: MIT\n" in metadata


def test_the_sdist_brings_the_tests_of_the_core():
    included = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"]
    tests = {name for name in included if name.startswith("tests/")}
    assert tests == {"tests/conftest.py", "tests/strategies.py", *CORE}, (
        "the two lists in pyproject.toml, the sdist's and mutmut's, must name the same tests"
    )
    assert [name for name in tests if not (ROOT / name).exists()] == []


ADDRESS = "https://example.org/owner/book"


def test_a_readme_on_an_index_has_absolute_links_and_pictures():
    text = for_an_index(text_of("README.md"), ADDRESS)
    assert f"]({ADDRESS}/raw/HEAD/_static/two-forms.svg)" in text
    assert re.findall(r"\]\((?!https:|#).*?\)", text) == []


def test_a_readme_without_an_address_has_no_relative_ones():
    text = for_an_index(text_of("README.md"), "")
    assert "two-forms" not in text
    assert re.findall(r"\]\((?!https:|#).*?\)", text) == []
    assert for_an_index("See [how](CONTRIBUTING.md) or [more](https://a.b).", "") == (
        "See how or [more](https://a.b)."
    )


def test_packages_have_links_where_the_repository_is_known():
    assert links("", "") == {}
    assert links(ADDRESS, "https://example.org/")["Issues"] == f"{ADDRESS}/issues"


# Licences


def files_without_a_licence(names, texts):
    """List the folders of the repository that no licence file speaks of, and stray kinds of file.

    Code is under the licence of LICENSE. What people read or look at stands in folders that
    LICENSE-TEXT names, or has a LICENSE beside it.
    """
    code = {".py", ".js", ".css", ".html", ".toml", ".yml", ".json", ".typed", ".txt", ".bib"}
    plain = {".md", ".cff", ""}
    licensed = {name.rpartition("/")[0] for name in names if name.endswith("/LICENSE")}
    return [
        name
        for name in names
        if Path(name).suffix not in code | (plain if "/" not in name else set())
        and not name.startswith(tuple(f"{folder}/" for folder in licensed))
        and not any(name.startswith(folder) for folder in re.findall(r"\b[_a-z]+/", texts))
        and not name.startswith((".ci/", ".github/", ".git", ".pre-commit"))
    ]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not in a repository")
def test_every_file_has_a_licence():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    assert "MIT License" in text_of("LICENSE")
    assert "CC BY-SA 4.0" in text_of("LICENSE-TEXT")
    found = files_without_a_licence(tracked.stdout.split("\n")[:-1], text_of("LICENSE-TEXT"))
    assert found == [], "files without a licence: name their folder in LICENSE-TEXT, or add LICENSE"


# Guides


def commands(text):
    """List the targets that a text's `make …` call for; those of a command line, all of them."""
    spans = re.findall(r"`(make [^`]*)`|^(?: {4})+(?:\S+=\S+ )?(make [^#\n]*)", text, re.MULTILINE)
    return {word for span in spans for word in "".join(span).split()[1:]}


def test_guides_name_commands_and_files_that_exist():
    targets = set(re.findall(r"^([a-z]+):.*##", text_of("Makefile"), re.MULTILINE))
    named = set().union(*(commands(text_of(name)) for name in GUIDES))
    assert named - targets == set(), "no such target in the Makefile"
    files = {
        (name, file)
        for name in GUIDES
        for file in re.findall(r"`([\w.-]+/[\w./-]*|[A-Z]+\.md)`", text_of(name))
        if not file.startswith((".venv", "_build"))
    }
    assert {pair for pair in files if not (ROOT / pair[1]).exists()} == set()


def house(text):
    """List the files of the picture under src/matderiv/, in its order."""
    picture = text.partition("    src/matderiv/\n")[2].partition("\n\n")[0]
    return [line.split()[0] for line in picture.splitlines()]


def imported(path):
    """Return the files of the house that one of them imports, by its code."""
    sources = [path] if path.is_file() else sorted(path.rglob("*.py"))
    found = set()
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module == "matderiv":
                names = [f"matderiv.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            found |= {name.split(".")[1] for name in names if name.startswith("matderiv.")}
    return found - {path.stem}


def test_the_house_in_the_guide_is_the_house():
    named = house(text_of("CONTRIBUTING.md"))
    there = {path.name for path in PACKAGE.glob("[!_]*.py")}
    there |= {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}
    advice = "bring the house in CONTRIBUTING.md up to date"
    assert set(named) == there, advice
    rooms = [name.removesuffix("/").removesuffix(".py") for name in named]
    upwards = {
        (room, other)
        for place, (name, room) in enumerate(zip(named, rooms, strict=True))
        for other in imported(PACKAGE / name.removesuffix("/"))
        if other in rooms[place:]
    }
    # A form restricts itself to symmetric matrices, a map is tested, a test draws its curve.
    upwards -= {("maps", "subspaces"), ("maps", "check"), ("check", "book")}
    assert upwards == set(), f"{advice}: a file imports only those above it"


def test_the_slow_tests_exist(request):
    plugins = request.config.pluginmanager.get_plugins()
    slow = next(plugin.SLOW for plugin in plugins if hasattr(plugin, "SLOW"))
    sources = "\n".join(text_of(file) for file in CORE)
    defined = re.findall(r"^def (test_\w+)", sources, re.MULTILINE)
    assert set(slow) - set(defined) == set(), "SLOW in tests/conftest.py names tests that are gone"


def test_the_changes_of_a_version_are_found():
    script = ROOT / "tools" / "changes.py"
    for version, code in ((matderiv.__version__, 0), ("99.0", 1)):
        process = subprocess.run(
            [sys.executable, str(script), f"v{version}"], capture_output=True, encoding="utf-8"
        )
        assert process.returncode == code
    assert "write a section '## 99.0, DATE'" in process.stderr


# Links to other sites


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, *args):
        pass


def test_links_that_are_gone_are_found_and_those_that_programs_may_not_see_are_not():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert [bool(complaint(f"{address}/{code}")) for code in (200, 403, 404, 410, 503)] == [
            False, False, True, True, False,
        ]  # fmt: skip
        server.shutdown()
    assert "refused" in complaint(address, pause=1)


def test_links_to_other_sites_are_found_in_pages_and_in_guides():
    html = '<a href="https://a.b/c#d">x</a> <a href="page.html">y</a> <a href="#z">z</a>'
    assert outside(html) == {"https://a.b/c"}
    assert outside("[x](https://a.b), [y](README.md), https://example.org") == {"https://a.b"}
