"""What every live picture is: something shown, looked at again while somebody watches, and asked by clicks and keys.

JupyterLab and Notebook 7 send what a widget says to a subshell of the kernel (JEP 91): a thread of its own, so a click
is answered while a cell blocks in connect(). Where there are no subshells, it is answered when the cell has ended.
"""

import inspect
import threading
from time import monotonic
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from tcplab.errors import TcplabError, WorldDown
from tcplab.notebook.display import graphics

if TYPE_CHECKING:
    from collections.abc import Callable

WATCHED_FOR_S = 5.0
"""How long a picture is looked after since a browser last said that it shows it."""

GONE = "This world is down. Its last state is kept below. Bringing it up starts with fresh hosts."


class View(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget's own classes are not typed
    """A live picture: `_look()` is called again and again while a browser shows it, `do_…()` when one asks.

    A picture that nobody sees costs nothing: browsers that have it in view say so once a second.

    Subclasses give `_esm` and `_css` (see source.py), `twin()`, `_look()`, and one `do_NAME()` for each thing that
    may be asked. What a browser must know to draw it anew lies in synchronized traits; what is only news goes out with
    `tell()`.
    """

    lead = traitlets.Unicode("").tag(sync=True)
    words = traitlets.Unicode("").tag(sync=True)
    trouble = traitlets.Dict().tag(sync=True)

    period_s = 0.05
    """How often it is looked at, at most."""

    def __init__(self, **traits: Any) -> None:
        self._asking = threading.RLock()
        self._waker = threading.Event()
        self._watched_until = 0.0
        self._watcher: threading.Thread | None = None
        super().__init__(**traits)
        self._hear_in_subshell()

    def _hear_in_subshell(self) -> None:
        """Let what a browser says come in the subshell that the browser chose for it.

        ipykernel 7.4 leads it to where the picture last spoke from: for one that a cell made, the main shell, which a
        blocking cell keeps busy.
        """
        if hasattr(self.comm, "_reply_subshell_for"):
            self.comm._reply_subshell_for = lambda _, chosen: chosen  # noqa: SLF001 (no public way)

    # ---- what a picture gives

    def twin(self) -> str:
        """Return the same facts as text, its first line the lead sentence."""
        raise NotImplementedError

    def _look(self) -> None:
        """Look once, and set the traits that changed."""

    def _again(self) -> None:
        """Bring its world up again: what the button says."""
        raise NotImplementedError

    # ---- shown

    def __repr__(self) -> str:
        try:
            return self.twin()
        except WorldDown:
            return f"{GONE}\n\n{self.words}".rstrip()

    def _repr_mimebundle_(self, **given: Any) -> Any:
        if not graphics():
            return {"text/plain": repr(self)}
        shown = super()._repr_mimebundle_(**given)
        bundle, metadata = shown if isinstance(shown, tuple) else (shown, {})
        return {**bundle, "text/plain": repr(self)}, metadata

    # ---- watched

    def look(self) -> None:
        """Look now; what cannot be looked at any more says so in the picture."""
        with self._asking:
            try:
                self._look()
                if self.trouble.get("do") == "again":
                    self.trouble = {}  # somebody has brought it up
            except WorldDown:
                self.trouble = {"says": GONE, "button": "Bring it up again", "do": "again"}
            except TcplabError as error:
                self.trouble = {"says": str(error)}

    def _watch(self) -> None:
        while (left_s := self._watched_until - monotonic()) > 0:
            begun = monotonic()
            self.look()
            self._waker.wait(max(0.0, min(left_s, begun + self.period_s - monotonic())))
            self._waker.clear()

    def do_pulse(self) -> dict[str, Any]:
        """Somebody shows this picture, for the next seconds."""
        self._watched_until = monotonic() + WATCHED_FOR_S
        if self._watcher is None or not self._watcher.is_alive():
            self._watcher = threading.Thread(target=self._watch, name=type(self).__name__, daemon=True)
            self._watcher.start()
        return {}

    def do_again(self) -> dict[str, Any]:
        """Bring the world up again, with fresh hosts."""
        self._again()
        self.trouble = {}
        return {}

    def close(self) -> None:
        """Look no more."""
        self._watched_until = 0.0
        self._waker.set()
        super().close()

    # ---- asked

    def tell(self, news: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Send news to every browser that shows it."""
        self.send(news, buffers)

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked by name, and return the answer; a refusal is a sentence in it, never a traceback.

        >>> view.answer({"do": "pulse"})                      # doctest: +SKIP
        {}
        """
        details = {name: value for name, value in asked.items() if name not in ("do", "id")}
        act: Callable[..., dict[str, Any] | None] | None = getattr(self, f"do_{asked.get('do')}", None)
        if act is None:
            return {"refused": f"This picture cannot do {asked.get('do')!r}."}
        try:
            inspect.signature(act).bind(**details)
        except TypeError as error:
            return {"refused": f"This picture cannot do {asked['do']!r} like that: {error}."}
        with self._asking:
            try:
                return act(**details) or {}
            except WorldDown:
                self.trouble = {"says": GONE, "button": "Bring it up again", "do": "again"}
                return {"refused": GONE}
            except TcplabError as error:
                return {"refused": str(error)}
            except OSError as error:
                return {"refused": f"The kernel said: {error.strerror or error}."}

    def _handle_custom_msg(self, content: Any, buffers: Any) -> None:
        super()._handle_custom_msg(content, buffers)
        if isinstance(content, dict) and "do" in content:
            said = self.answer(content)
            if "id" in content:
                self.send({"answers": content["id"], **said})
