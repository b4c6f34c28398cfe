"""Open JupyterLab as the learner's browser does, on lab 01, and keep what it shows: look.py ADDRESS PICTURE."""

import os
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-gpu", "--no-first-run")
LAB = "01-what-crosses-the-wire.ipynb"
PATIENCE_MS = 1_500_000  # every byte comes from a machine under software emulation


def main(address: str, picture: str) -> None:
    """Wait until the notebook's cells and the kernel's name are there."""
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), str(ROOT / ".tools" / "bin")])
    asked = urlsplit(address)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium", path=places), args=list(QUIET))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(PATIENCE_MS)
        page.goto(asked._replace(path=f"/lab/tree/{LAB}").geturl(), wait_until="commit")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        page.get_by_role("heading", name="What crosses the wire").wait_for()
        page.get_by_role("button", name="Python 3 (ipykernel)").first.wait_for()
        page.screenshot(path=picture)
        print(page.title(), "·", page.locator(".jp-DirListing-item").count(), "files")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
