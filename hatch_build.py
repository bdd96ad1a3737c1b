"""What the package's metadata say of the repository's address, known only when it is built.

The environment variable REPOSITORY_URL names the repository, BASE_URL the book's site. Without the
first the package has no links, and its README no pictures: an index cannot show relative ones.
"""

import os
import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

PICTURE = re.compile(r"^!\[[^\]]*\]\((?!https?:).*\n(\n\*.*\*\n\n)?", re.MULTILINE)
RELATIVE = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#)([^)]*)\)")


def for_an_index(text, repository):
    """Return a README in which no link and no picture is relative."""
    if not repository:
        return RELATIVE.sub(r"\2", PICTURE.sub("", text))

    def absolute(link):
        return f"{link[1]}[{link[2]}]({repository}/{'raw' if link[1] else 'blob'}/HEAD/{link[3]})"

    return RELATIVE.sub(absolute, text)


def links(repository, site):
    """Return the links that an index shows beside the package."""
    found = {"Documentation": site} if site else {}
    if repository:
        found |= {
            "Repository": repository,
            "Issues": f"{repository}/issues",
            "Changelog": f"{repository}/blob/HEAD/CHANGELOG.md",
        }
    return found


class Metadata(MetadataHookInterface):
    """Adds the README and the links to the metadata, as hatchling asks for it."""

    def update(self, metadata):
        """Fill in what pyproject.toml calls dynamic."""
        repository = os.environ.get("REPOSITORY_URL", "").rstrip("/")
        text = Path(self.root, "README.md").read_text("utf-8")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": for_an_index(text, repository),
        }
        metadata["urls"] = links(repository, os.environ.get("BASE_URL", ""))
