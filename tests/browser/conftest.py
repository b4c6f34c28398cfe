"""One server, one browser and one page for all tests here: what takes longest is done once."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser.lab import Lab
from browser.served import Served
from playwright.sync_api import Browser, Page, expect, sync_playwright
from traces import MARK

ROOT = Path(__file__).resolve().parents[2]
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

expect.set_options(timeout=60_000)  # a machine that is busy with other tests is no failure


def chromium() -> str:
    """The machine's Chromium, else the one that env/test unpacked."""
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), str(ROOT / ".tools" / "bin")])
    found = shutil.which("chromium", path=places)
    assert found, "There is no Chromium to test with. Set it up: ./env/test"
    return found


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium without a window."""
    # A browser keeps processes at hand for its next page: they belong to the run, and not to one test.
    run = os.environ[MARK].rstrip("/").rpartition("/")[0]
    home = tmp_path_factory.mktemp("browser")
    environment = os.environ | {MARK: f"{run}/" if run else "", "HOME": str(home), "TMPDIR": str(home)}
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET), env=dict(environment))
        yield one
        one.close()


@pytest.fixture(scope="session")
def shots() -> Path:
    """Where screenshots stay, to be looked at; git ignores it."""
    folder = Path(__file__).with_name("shots")
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A `tcplab lab` that runs while the tests do."""
    one = Served(tmp_path_factory.mktemp("lab"))
    yield one
    one.close()
    assert not one.left(), "The server has ended, and left processes"


@pytest.fixture(scope="session")
def lab(browser: Browser, served: Served) -> Iterator[Lab]:
    """JupyterLab at the address that `tcplab lab` printed."""
    with shown(browser, served) as one:
        yield one


@contextmanager
def shown(browser: Browser, served: Served) -> Iterator[Lab]:
    """A page with what is served; in the end it must have complained of nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    one = Lab(context.new_page(), served)
    yield one
    context.close()
    assert not one.complaints, "The browser's console has errors:\n" + "\n".join(one.complaints)
    assert one.asked == {"127.0.0.1"}


@pytest.fixture(scope="session")
def page(lab: Lab) -> Page:
    """The page that shows JupyterLab."""
    return lab.page


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Servers, kernels, pages and whole labs take their time on a machine that others use as well."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(900))
