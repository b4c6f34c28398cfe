"""JupyterLab in a browser: its page, what the page complained of, and whom it asked."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from browser.opened import PANEL, READY, Opened
from browser.served import Served
from playwright.sync_api import ConsoleMessage, Page, TimeoutError  # noqa: A004 (playwright's own)

_OPEN = "path => { void window.jupyterapp.commands.execute('docmanager:open', { path }); }"
_STATE = f"""() => {{ {PANEL}
    const kernel = panel?.context?.sessionContext?.session?.kernel;
    return {{ at: location.href, document: document.readyState, application: Boolean(window.jupyterapp),
        inFront: panel?.id, notebook: panel?.context?.isReady, kernel: kernel?.status,
        connection: kernel?.connectionStatus, says: document.body.innerText.slice(0, 500) }}; }}"""
# Whatever stands in front by now.
_END = """async path => {
    const panel = [...window.jupyterapp.shell.widgets("main")].find(each => each.context?.path === path);
    await panel.context.sessionContext.shutdown();
    panel.dispose(); }"""

# Complaints of JupyterLab's own that cannot be cured here, each with its reason.
UPSTREAM = (
    # JupyterLab 4.6 asks each new kernel for its debugger; a restart or shutdown soon after cancels the question.
    "Could not restore the debugger state: Canceled future for debug_request message",
    # JupyterLab 4.6: a second view of an output outlives its notebook's model by a moment, and asks it once more.
    "Cannot read properties of null (reading 'changed')",
    # Notebook 7.6 reads the schema of a plugin that it has not loaded, on every page, without us too.
    "Cannot read properties of undefined (reading 'schema')",
)


class Lab:
    """JupyterLab in a browser, at the address that `tcplab lab` printed; its complaints, and the hosts that it asked.

    Args:
        served: what the page is of; its address opens the first notebook
    """

    def __init__(self, page: Page, served: Served, *, within_s: float = 120.0) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.asked: set[str] = set()
        page.context.set_default_timeout(within_s * 1000)  # of pages that this one opens, too
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._complain(f"not caught: {error}"))
        page.on("request", lambda request: self._requested(request.url))
        page.on("websocket", lambda websocket: self._requested(websocket.url))
        try:
            self._come(served.address)
        except TimeoutError:  # servers, kernels and browsers start at once, on a machine that others use as well
            warnings.warn(
                f"The page was not ready in {within_s:g} s: asked again.\n{self._state(served)}", stacklevel=2
            )
            try:
                self._come(served.address)
            except TimeoutError:
                raise AssertionError(self._state(served)) from None

    def _come(self, address: str) -> None:
        self.page.goto(address)
        self.page.wait_for_function(READY)

    def _state(self, served: Served) -> str:
        """What the page and the server have to say for themselves."""
        parts = {"page": self.page.evaluate(_STATE), "console": self.complaints, "server": served.said[-2000:]}
        return "\n".join(f"{name}: {said}" for name, said in parts.items())

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complain(f"{message.text} ({message.location.get('url', '')})")

    def _complain(self, words: str) -> None:
        if not any(known in words for known in UPSTREAM):
            self.complaints.append(words)

    def _requested(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("data", "blob"):
            self.asked.add(parts.hostname or address)

    @contextmanager
    def opened(self, name: str) -> Iterator[Opened]:
        """Open a notebook and wait for its kernel; with the block both end."""
        self.page.evaluate(_OPEN, name)
        self.page.wait_for_function(READY, arg=name)
        try:
            yield Opened(self.page)
        finally:
            self.page.evaluate(_END, name)
