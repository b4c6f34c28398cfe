"""The kernel of a submission: IPython's, with the library's world, check and measurements those of the examiner.

All that is replaced here is for the honest, whose code is to run as at home. Who puts it back makes a world of which
nobody keeps a record, and verdicts that nobody counts.
"""

import base64
import functools
import os
import select
import socket
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tcplab import errors, testbed
from tcplab.errors import TcplabError, WorldDown
from tcplab.grading.line import asked
from tcplab.grading.shapes import name_of
from tcplab.model import keeping
from tcplab.model.evidence import Outcome, Verdict
from tcplab.model.keeping import found
from tcplab.notebook import exercise, kept
from tcplab.notebook.beds import newest
from tcplab.world.channel import Channel


def main() -> None:
    """Replace what is the examiner's, then be a kernel: `… CONNECTION_FILE MODULE…`."""
    connection, *modules = sys.argv[1:]
    _replace(testbed.bed, World=BorrowedWorld)
    _replace(exercise, gather=_gathered, judged=_judged)
    _replace(kept, draw_again=_drawn_again)
    for module in modules:
        _REPLACED[module](import_module(module))
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel", "-f", connection]
    sys.path.insert(0, str(Path.cwd()))
    IPKernelApp.launch_instance()


def _replace(module: Any, **named: object) -> None:
    for name, value in named.items():
        assert hasattr(module, name), name
        setattr(module, name, value)


def _asked(question: Mapping[str, Any], called: Any = None) -> tuple[dict[str, Any], list[int]]:
    answer, descriptors = asked(question, called)
    if "refused" in answer:
        kind, message = answer["refused"]
        known = getattr(errors, kind, None)
        raise _made(known, message) if isinstance(known, type) else TcplabError(message)
    return answer, descriptors


def _made(kind: type[Exception], message: str) -> Exception:
    error = kind.__new__(kind)
    error.args = (message,)
    return error


class BorrowedWorld:
    """A world that the examiner has made and lends."""

    def __init__(self, parts: Mapping[str, Mapping[str, Any]], names: str, *, lent: bool = False) -> None:  # noqa: ARG002
        self._parts = parts
        self.commands = [(name, c) for step in ("links", "setup") for name in parts for c in parts[name][step]]
        self.channels: dict[str, Channel] = {}
        self.records: dict[str, int] = {}
        self.number = -1

    def come_up(self) -> None:
        """Borrow it: to each part a way in, to each wire its record."""
        shape, link, mtu = name_of(self._parts)
        answer, descriptors = _asked({"ask": "world", "shape": shape, "link": link, "mtu": mtu})
        self.number = answer["number"]
        for name, kind in answer["parts"]:
            self.channels[name] = Channel(socket.socket(fileno=descriptors.pop(0)), name)
            if kind == "wire":
                self.records[name] = descriptors.pop(0)

    @property
    def is_up(self) -> bool:
        """Tell whether its processes are alive: they hold the other ends."""
        if not self.channels:
            return False
        watched = select.poll()
        watched.register(next(iter(self.channels.values())).fileno(), 0)
        return not watched.poll(0)

    def channel(self, name: str) -> Channel:
        """Return the way to one part."""
        if not self.is_up:
            raise WorldDown(name)
        return self.channels[name]

    def down(self) -> None:
        """Give it back."""
        if self.channels:
            for channel in self.channels.values():
                channel.close()
            self.channels = {}
            asked({"ask": "down", "number": self.number})
        while self.records:
            os.close(self.records.popitem()[1])


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What the examiner is to look at: which world, which answers, which files."""

    number: int | None
    answers: dict[str, object]
    files: list[str]


def _gathered(
    bed: "testbed.Testbed | None" = None, answers: Mapping[str, object] | None = None, files: Iterable[str | Path] = ()
) -> HandedIn:
    """Say what is to be judged; the evidence for it is not ours to gather."""
    bed = newest(bed)
    if bed is not None and bed.is_up:
        bed.settle()
    number = getattr(getattr(bed, "_world", None), "number", None)
    return HandedIn(number, dict(answers or {}), [str(path) for path in files])


def _judged(name: str, said: HandedIn) -> Verdict:
    answers = said.answers
    functions = {key: value for key, value in answers.items() if callable(value) and not isinstance(value, type)}

    def called(asked_for: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {"said": keeping.kept(functions[asked_for["call"]](*found(asked_for["given"])))}
        except Exception as error:  # noqa: BLE001 (a learner's function may do anything)
            return {"raised": [type(error).__name__, str(error)[:500]]}

    values = {key: keeping.kept(value) for key, value in answers.items()}
    handed_in = {"number": said.number, "answers": values, "files": said.files, "functions": list(functions)}
    try:
        answer, _ = _asked({"ask": "check", "name": name, **handed_in}, called)
    except OSError as error:
        return Verdict(Outcome.NOT_YET, f"This could not be handed in to be judged ({error}). Is the answer so long?")
    return Verdict(Outcome(answer.pop("outcome")), **answer)


_draw_again = kept.draw_again


def _drawn_again(name: str, *, folder: Path | None = None) -> None:
    asked({"ask": "again", "name": name})
    _draw_again(name, folder=folder)


def _replace_walk(module: Any) -> None:
    plain = module.traffic.walk

    @functools.wraps(plain)
    def walk(host: Any, destination: Any, port: int, **more: Any) -> Any:
        if more.get("bind") is None:
            number = testbed.Testbed.of(host)._world.number  # type: ignore[union-attr]  # noqa: SLF001 (a stand-in)
            where = {"host": host.name, "to": str(getattr(destination, "name", destination)), "port": port}
            _asked({"ask": "walk", "number": number, **where})
        return plain(host, destination, port, **more)

    _replace(module.traffic, walk=walk)


def _replace_conntrack(module: Any) -> None:
    def dumped(host: Any) -> bytes:
        number = testbed.Testbed.of(host)._world.number  # type: ignore[union-attr]  # noqa: SLF001 (a stand-in)
        answer, _ = _asked({"ask": "conntrack", "number": number, "host": host.name})
        return base64.b64decode(answer["said"])

    _replace(module, dumped=dumped)


def _replace_incident(module: Any) -> None:
    class Incident(module.Incident):  # type: ignore[misc]
        """A case that the examiner has made."""

        def up(self) -> "Incident":
            asked_for = {"seed": self.seed, "turns": [[kind.name for kind in kinds] for kinds in self._turns]}
            answer, _ = _asked({"ask": "case", **asked_for, "folder": str(self.folder)})
            self._said, self.kinds = answer["report"], tuple(module.KINDS[name] for name in answer["kinds"])
            self.bed.up()  # the examiner has made it for the case, and waits to be asked for it
            return self

        @property
        def report(self) -> str:
            return str(self._said)

        def down(self) -> None:
            self.bed.down()

    for name in ("asked_again", "diagnose", "reload", "restart", "replace", "a_minute_later", "recorded_repair"):
        setattr(Incident, name, _errand(name))
    Incident.__qualname__ = "Incident"
    _replace(Incident, examined=_examined)
    _replace(module, Incident=Incident)


def _errand(name: str) -> Any:
    def method(_: Any, *given: Any, **named: Any) -> Any:
        if ... in (*given, *named.values()):
            return None
        answer, _ = _asked({"ask": "errand", "name": name, "given": given, "named": named})
        return answer["said"]

    return method


def _examined(_: Any) -> object:
    answer, _ = _asked({"ask": "errand", "name": "examined", "given": [], "named": {}})
    return "examined" if answer["said"] else ...


_REPLACED = {
    "tcplab.notebook.walk": _replace_walk,
    "tcplab.observe.conntrack": _replace_conntrack,
    "tcplab.incident.case": _replace_incident,
}
