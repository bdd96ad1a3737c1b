"""Where Chromium is, for the tests and for the PDF."""

import shutil

NAMES = "chromium-headless-shell", "chromium", "google-chrome"  # the first is the quickest
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
