"""Ask every other site that the built book, or a guide, links to whether it still has the page.

Usage: python tools/links.py  (after `make book`)
A site that answers without showing the page, as some do to programs, is taken to have it.
"""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from bs4 import BeautifulSoup

ROOT = Path(__file__).parent.parent
GONE = {404, 410}
TRIES = 3


def outside(text):
    """Return the links to other sites in a page or in Markdown, without their fragments."""
    found = {link["href"] for link in BeautifulSoup(text, "html.parser").select("a[href]")}
    found |= set(re.findall(r"\]\(([^)\s]+)\)", text))
    sites = {address.partition("#")[0] for address in found if re.match("https?://", address)}
    return {address for address in sites if "//example.org" not in address}


def complaint(address, pause=60):
    """Say why an address does not answer, or nothing."""
    for _ in range(TRIES):
        try:
            request = Request(address, headers={"User-Agent": "Mozilla/5.0 (link check)"})
            urlopen(request, timeout=pause).close()
            return ""
        except HTTPError as error:
            return f"{error.code} {error.reason}" if error.code in GONE else ""
        except (URLError, OSError) as error:
            reason = str(error)
    return reason


def main():
    """Ask them all; fail where one is gone."""
    pages = [*(ROOT / "_build" / "html" / "chapters").glob("*.html"), *ROOT.glob("*.md")]
    addresses = sorted(set().union(*(outside(page.read_text("utf-8")) for page in pages)))
    with ThreadPoolExecutor(8) as pool:
        complaints = dict(zip(addresses, pool.map(complaint, addresses), strict=True))
    broken = [f"{address}: {reason}" for address, reason in complaints.items() if reason]
    print(f"{len(addresses)} links to other sites, {len(broken)} broken", *broken, sep="\n")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
