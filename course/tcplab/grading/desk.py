"""The examiner's desk: it lends worlds, and judges what is handed in on what it has seen itself."""

import base64
import contextlib
import json
import os
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from types import EllipsisType
from typing import Any

from tcplab.errors import BadValue, TcplabError
from tcplab.grading import measured
from tcplab.grading.limits import Limits
from tcplab.grading.line import LARGEST_BYTES, answered
from tcplab.grading.shapes import SHAPES
from tcplab.model.evidence import Evidence, Verdict
from tcplab.model.keeping import found, kept
from tcplab.notebook.gather import gather, judged
from tcplab.notebook.tasks import learner
from tcplab.testbed import Testbed

_ASK_WITHIN_S = 5.0


class Desk:
    """Answers the submission's kernel, one question at a time.

    Args:
        exercises: those of the lab; no other is judged
        tell: called with each exercise's name and its verdict
    """

    def __init__(self, exercises: set[str], limits: Limits, home: Path, tell: Callable[[str, Verdict], None]) -> None:
        self.now_in = ""  # the exercise whose cell is under way
        self._exercises, self._limits, self._home, self._tell = exercises, limits, home, tell
        self._beds: list[Testbed] = []
        self._promised: Testbed | None = None
        self._case: Any = None
        self._after: tuple[Any, object] = (None, ...)  # the case that was examined last, and what came of it
        self._draws: Counter[str] = Counter()
        self._walk: object = None
        self._line: Any = None
        self._before: Any = None

    def begins(self, exercise: str) -> None:
        """Take note of the exercise whose cell begins; of none, with an empty name."""
        self.now_in, self._walk = exercise, None
        if exercise == "overflow":
            self._before = measured.counted(self._beds[-1] if self._beds else None)

    def serve(self, listener: socket.socket) -> None:
        """Answer, for ever."""
        while True:
            line, _ = listener.accept()
            with line, contextlib.suppress(Exception):  # whoever asks badly gets no answer, and the next one does
                line.settimeout(_ASK_WITHIN_S)
                self._answer(line, line.recv(LARGEST_BYTES))

    def _answer(self, line: socket.socket, data: bytes) -> None:
        descriptors: list[int] = []
        try:
            question = json.loads(data)
            self._line = line
            answer = getattr(self, f"_{question.pop('ask')}_asked")(descriptors, **question)
        except Exception as error:  # noqa: BLE001 (a stranger asks; whatever it is, it is no more than refused)
            answer = {"refused": [type(error).__name__, str(error)[:2000]]}
        answered(line, answer, descriptors)

    # What can be asked. The submission's word is taken for nothing but its answers.

    def _world_asked(self, descriptors: list[int], shape: str, link: Any, mtu: int) -> dict[str, Any]:
        if self._promised is not None:
            bed, self._promised = self._promised, None
        elif len(self._beds) >= self._limits.worlds:
            raise TcplabError(f"{len(self._beds)} worlds are enough for one notebook.")
        else:
            bed = SHAPES[shape](link=link, mtu=mtu)
            bed.lent = True
            bed.up(f"lent-{len(self._beds)}")
        self._beds.append(bed)
        lent = bed._world.lent  # type: ignore[union-attr]  # noqa: SLF001 (lending is no part of a bed's surface)
        parts = [(name, "wire" if name in bed.wires else "host") for name in lent]
        descriptors += [descriptor for name, _ in parts for descriptor in lent[name]]
        return {"number": len(self._beds) - 1, "parts": parts}

    def _down_asked(self, _: list[int], number: int) -> dict[str, Any]:
        self._bed(number).down()
        return {}

    def _check_asked(
        self,
        _: list[int],
        name: str,
        number: int | None,
        answers: Mapping[str, Any],
        files: list[str],
        functions: list[str],
    ) -> dict[str, Any]:
        if name not in self._exercises:
            raise BadValue("exercise", name, ", ".join(sorted(self._exercises)))
        bed = None if number is None else self._bed(number)
        values = {key: found(value) for key, value in answers.items()}
        values |= {key: self._function(key) for key in functions}
        verdict = judged(name, self._evidence(name, bed, values, files))
        self._tell(name, verdict)
        return {**asdict(verdict), "outcome": verdict.outcome.value}

    def _function(self, name: str) -> Callable[..., object]:
        """Stand for a function of the learner's, which is called where it is at home."""
        line = self._line

        def called(*given: object) -> object:
            answered(line, {"call": name, "given": kept(list(given))})
            said = json.loads(line.recv(LARGEST_BYTES))
            if "raised" in said:
                kind, words = map(str, said["raised"])
                raise type(kind, (Exception,), {})(words)
            return found(said["said"])

        return called

    def _conntrack_asked(self, _: list[int], number: int, host: str) -> dict[str, Any]:
        from tcplab.observe.conntrack import dumped

        return {"said": base64.b64encode(dumped(self._bed(number).hosts[host])).decode()}

    def _again_asked(self, _: list[int], name: str) -> dict[str, Any]:
        self._draws[name] += 1
        return {}

    def _walk_asked(self, _: list[int], number: int, host: str, to: str, port: int) -> dict[str, Any]:
        if self.now_in == "four_reasons":
            from tcplab.traffic.walk import walk

            bed = self._bed(number)
            seen = [segment for wire in bed.wires.values() for segment in wire.segments]
            self._walk = walk(bed.hosts[host], bed.hosts[to], port, segments=seen)
        return {}

    def _case_asked(self, _: list[int], seed: int, turns: list[list[str]], folder: str) -> dict[str, Any]:
        from tcplab.incident.case import Incident

        if self._case is not None:
            self._case.down()
        pair = len(turns[0]) > 1
        plain = [[kind.name for kind in kinds] for kinds in Incident(seed, pair=pair)._turns]  # noqa: SLF001
        self._case = case = Incident(seed, pair=pair, kinds=() if plain == turns else turns[0], folder=folder)
        case.bed.lent = True
        case.up()
        self._promised = case.bed
        return {"report": case.report, "kinds": [kind.name for kind in case.kinds]}

    def _errand_asked(self, _: list[int], name: str, given: list[Any], named: dict[str, Any]) -> dict[str, Any]:
        if name not in _ERRANDS or self._case is None:
            raise BadValue("errand", name, ", ".join(_ERRANDS))
        said = getattr(self._case, name)(*given, **named)
        if name == "examined":
            self._after = (self._case, said)
            return {"said": not isinstance(said, EllipsisType)}
        return {"said": said}

    # ---- evidence

    def _bed(self, number: int) -> Testbed:
        if not 0 <= number < len(self._beds):
            raise BadValue("world", number, f"0 to {len(self._beds) - 1}")
        return self._beds[number]

    def _evidence(self, name: str, bed: Testbed | None, answers: dict[str, object], names: list[str]) -> Evidence:
        files = measured.files_of(names, self._home)
        attempted = answers.get(name, ...) is not ...
        if attempted and name in measured.AGAIN:
            evidence = measured.AGAIN[name](answers, files, self._home)
        else:
            if attempted:
                answers[name] = self._measured(name, bed, answers[name])
            evidence = gather(bed, answers) if bed is not None else Evidence(answers=answers)
        return replace(evidence, files=files, learner=learner(), draws=dict(self._draws))

    def _measured(self, name: str, bed: Testbed | None, said: object) -> object:
        """Return what was measured here in place of what is said, where it is something measured."""
        if name == "four_reasons":
            return self._walk
        if name == "overflow":
            after = measured.counted(bed)
            return after - self._before if after is not None and self._before is not None else None
        if name == "one_too_many":
            return None if bed is None else measured.one_too_many(bed, Evidence(learner=learner(), draws=self._draws))
        if name.endswith("_night"):
            case, after = self._after
            seeds = measured.NIGHTS.get(name, ())
            return after if case is not None and (not seeds or case.seed in seeds) else None
        return said

    def close(self) -> None:
        """End all worlds."""
        with contextlib.suppress(Exception):
            if self._case is not None:
                self._case.down()
        for bed in self._beds:
            bed.down()


_ERRANDS = (
    "asked_again",
    "diagnose",
    "reload",
    "restart",
    "replace",
    "a_minute_later",
    "recorded_repair",
    "examined",
)


def listening(path: Path) -> socket.socket:
    """Open the desk."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(os.fspath(path))
    listener.listen(4)
    return listener
