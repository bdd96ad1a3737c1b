"""Print what CHANGELOG.md says of a version: python tools/changes.py v0.1.0."""

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).parent.parent / "CHANGELOG.md"


def changes(text, version):
    """Return the section of a version, without its heading."""
    sections = re.split(r"^## ([^\s,]+).*\n", text, flags=re.MULTILINE)
    found = dict(zip(sections[1::2], sections[2::2], strict=True)).get(version, "").strip()
    if not found:
        sys.exit(f"CHANGELOG.md says nothing of {version}: write a section '## {version}, DATE'")
    return found


if __name__ == "__main__":
    print(changes(CHANGELOG.read_text("utf-8"), sys.argv[1].removeprefix("v")))
