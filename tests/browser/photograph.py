"""Run labs and solutions in JupyterLab and photograph them whole, to be looked at: one picture a notebook and theme.

Run it with `.venv/bin/python`; DIR is tests/browser/shots by default, which git ignores.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from browser.conftest import QUIET, ROOT, chromium  # noqa: E402
from browser.lab import Lab  # noqa: E402
from browser.opened import PANEL  # noqa: E402
from browser.served import Served  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

# The foot of the last cell, once the page has been painted anew.
_FOOT = f"""async () => {{ {PANEL}
    panel.node.querySelector(".jp-WindowedPanel-outer").scrollTop = 0;
    await new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)));
    return Math.ceil(panel.content.widgets.at(-1).node.getBoundingClientRect().bottom); }}"""

# JupyterLab lets Chromium guess the height of what is not in the window: then the foot is too high, now and then.
_ALL_LAID_OUT = "* { content-visibility: visible !important; }"


def photograph(page: Page, target: Path, width: int) -> None:
    """Make the window as high as the notebook that is open, and save what it shows."""
    height = 0
    while (foot := page.evaluate(_FOOT)) != height:
        height = foot
        page.set_viewport_size({"width": width, "height": height + 60})
    page.screenshot(path=target)
    page.set_viewport_size({"width": width, "height": 900})


def main() -> None:
    """Photograph everything, in both themes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=HERE / "shots")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--only", metavar="NN", nargs="+", help="the labs of these numbers, as 08 09")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        for theme in ("light", "dark"):
            served = Served(Path(scratch) / theme, dark=theme == "dark")
            try:
                for solution in (ROOT / "solutions").glob("*.ipynb"):
                    shutil.copy(solution, served.labs / f"{solution.stem}-solved.ipynb")
                page = browser.new_page(viewport={"width": asked.width, "height": 900})
                lab = Lab(page, served)
                page.add_style_tag(content=_ALL_LAID_OUT)
                page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
                for name in sorted(path.name for path in served.labs.glob("*.ipynb")):
                    if asked.only and name[:2] not in asked.only:
                        continue
                    with lab.opened(name) as notebook:
                        notebook.run_all()
                        target = asked.folder / f"{Path(name).stem}-{theme}.png"
                        photograph(page, target, asked.width)
                        print(target)
                page.close()
            finally:
                served.close()
        browser.close()


if __name__ == "__main__":
    main()
