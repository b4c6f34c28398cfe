"""The wire's process: every packet between two hosts passes through this loop.

It runs apart from the notebook: there, a busy cell would stall the network for seconds. It forwards,
asks the rules, and keeps a record that is decoded only when somebody looks.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # signal is 3 ms of enums
import _socket
import errno
import gc
import os
import select
import time
from heapq import heappop, heappush

from tcplab.model.frame import parse
from tcplab.wire.layout import DELAYED, DELIVERED, DROPPED, DUPLICATED
from tcplab.wire.log import Log
from tcplab.wire.quiet import Quiet
from tcplab.wire.ring import HEADER, IN_USER_SPACE, STATUS, End, Ring, let_go
from tcplab.wire.rule import Rules
from tcplab.world import libc, message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcplab.model.frame import Headers

_BURST = 64  # frames before the clock and the owner get their turn
_WRITE_WITHIN_S = 0.05
_LOOK_AGAIN_S = 0.00001


def main(part: dict[str, Any], descriptors: list[int], ring: Ring, turn: _socket.socket) -> None:
    """Open both ends and forward until the world ends."""
    libc.exact_timers()
    libc.short_slices()
    gc.disable()  # nothing here is cyclic, and a collection would be felt on the wire
    ways = 1 + part["lent"]  # the owner's way in, then the stranger's
    owners = [_socket.socket(fileno=descriptor) for descriptor in descriptors[:ways]]
    ends = [End(device) for device in part["devices"]]
    quiet = Quiet(ring, ends, [part["pids"][host] for host in part["hosts"]])
    forwarder = Forwarder(ring, ends, quiet, owners, Log(descriptors[ways:]), lent=part["lent"])
    if part["lent"]:
        libc.unreadable()

    def end(*_: object) -> None:
        let_go(ring, ends)
        os._exit(0)

    _signal.signal(_signal.SIGTERM, end)  # init's, at the end of the world
    message.send(turn, "ok")
    turn.close()
    forwarder.serve()


class Forwarder:
    """The ring, both ends, the rules, what is delayed, and the record."""

    def __init__(
        self, ring: Ring, ends: list[End], quiet: Quiet, owners: list[_socket.socket], log: Log, *, lent: bool
    ) -> None:
        self.ring = ring
        self.lent = lent
        self.ends = ends
        self.places = {end.index: place for place, end in enumerate(ends)}
        self.quiet = quiet
        self.owners = owners
        self.log = log
        self.rules = Rules()
        self.number = 0
        self.delayed: list[tuple[int, int, int, bytes, int]] = []  # due (ns), number, end, frame, copies
        self.asked: list[tuple[_socket.socket, int, int, str, list[Any]]] = []
        """Who asked, the question's number, its deadline (ns), operation, arguments."""

    def serve(self) -> None:
        """Forward, for ever."""
        wanted = [self.ring.socket, *self.owners]
        while True:
            ready, _, _ = select.select(wanted, [], [], self._patience())
            for owner in self.owners:
                if owner in ready:
                    self._hear(owner)
            moved = self._relay()
            if self.delayed:
                moved += self._deliver_due()
            if self.log.presses or (not ready and self.log.waits):
                self.log.write()
            if self.asked:
                self._answer(moved)

    def _patience(self) -> float | None:
        if self.asked:
            return _LOOK_AGAIN_S
        if self.delayed:
            return max(0.0, (self.delayed[0][0] - time.monotonic_ns()) / 1e9)
        return _WRITE_WITHIN_S if self.log.waits else None

    # ---- frames

    def _relay(self) -> int:
        """Take what has come in, and send it out at the other end; return how many frames."""
        ring, ends, places, rules = self.ring, self.ends, self.places, self.rules
        memory, slot, size = ring.memory, ring.slot, ring.slot_bytes
        moved = 0
        while moved < _BURST:
            offset = slot * size
            status, length, kept, start, seconds, nanoseconds, index = HEADER.unpack_from(memory, offset)
            if not status & IN_USER_SPACE:
                break
            frame = memory[offset + start : offset + start + kept]
            STATUS.pack_into(memory, offset, 0)
            slot = slot + 1 if slot + 1 < ring.slots else 0
            moved += 1
            end = places[index]
            ends[end].received += 1
            if frame[12:14] == b"\x86\xdd" and frame[38:39] == b"\xff":
                continue  # IPv6 multicast: chatter of the hosts' own, not the learner's
            self.number += 1
            if rules.made or rules.patient:
                fate = self._judge(self.number, end, frame, parse(frame), 0)
            else:
                fate = DELIVERED if ends[1 - end].send(frame) else DROPPED
            self.log.frame(end, fate, self.number, seconds * 1_000_000_000 + nanoseconds, length, frame)
        ring.slot = slot
        return moved

    def _send(self, end: int, frame: bytes, copies: int) -> int:
        """Send out at the other end, and copies more; return the fate."""
        sent = [self.ends[1 - end].send(frame) for _ in range(1 + copies)]
        if not sent[0]:
            return DROPPED  # the learner has set the device down
        return DUPLICATED if copies else DELIVERED

    def _judge(
        self,
        number: int,
        end: int,
        frame: bytes,
        headers: Headers | None,
        after: int,
        delay_ns: int = 0,
        copies: int = 0,
    ) -> int:
        """Ask the rules made after rule `after`, in their order; send, keep or drop; return the fate."""
        if headers is None:
            return self._send(end, frame, 0)
        fate, more_ns, more = self.rules.judge(number, end, frame, headers, after)
        if fate is not None:
            return fate
        delay_ns, copies = delay_ns + more_ns, copies + more
        if delay_ns:
            heappush(self.delayed, (time.monotonic_ns() + delay_ns, number, end, frame, copies))
            return DELAYED
        return self._send(end, frame, copies)

    def _deliver_due(self) -> int:
        moved, now = 0, time.monotonic_ns()
        while self.delayed and self.delayed[0][0] <= now:
            _, number, end, frame, copies = heappop(self.delayed)
            self.log.change(number, time.time_ns(), self._send(end, frame, copies))
            moved += 1
        return moved

    # ---- the owner's questions

    def _hear(self, owner: _socket.socket) -> None:
        question, _ = message.receive(owner)
        if question is None:
            os._exit(0)
        number, operation, within_s, *arguments = question
        self.asked.append((owner, number, time.monotonic_ns() + int(within_s * 1e9), operation, arguments))
        self.quiet.start()

    def _answer(self, moved: int) -> None:
        """Answer the oldest question once the network is quiet, or its patience is over."""
        owner, number, deadline, operation, arguments = self.asked[0]
        late = time.monotonic_ns() >= deadline
        settled = not late and self.quiet.is_so(moved + len(self.delayed))
        if not settled and not late:
            return
        self.asked.pop(0)
        answer, error = None, None
        try:
            answer = getattr(self, f"do_{operation}")(*arguments)
        except (StopIteration, IndexError):
            error = (errno.ENOENT, operation)  # the rule, or the segment it held, is gone
        except Exception as failure:  # noqa: BLE001 (a function that cannot be loaded here must not end the wire)
            error = (errno.EINVAL, f"{type(failure).__name__}: {failure}")
        self.log.write()
        lost = self.ring.count_lost()
        message.send(owner, (number, error, (settled, self.log.written, lost, answer)))
        self.quiet.start()

    def do_settle(self) -> None:
        """Nothing more: the wait was the work."""

    def do_add(self, asked: dict[str, Any]) -> int:
        """Add a rule, after the others; return its number."""
        if "when" in asked and self.lent:
            raise PermissionError("when=: the wire takes no functions of a stranger")
        return self.rules.add(asked)

    def do_look(self, rule: int) -> tuple[int, list[int], str]:
        """Return how often a rule has matched, the numbers of the segments it holds, its error."""
        found = self.rules.find(rule)
        return (found.matched, [number for number, *_ in found.held], found.error)

    def do_remove(self, rule: int) -> tuple[int, list[int], str]:
        """Take a rule away and let go what it holds, but for copies; return what `look` does."""
        seen = self.do_look(rule)
        if self.rules.find(rule).action != "keep":
            self.do_release(rule, None)
        self.rules.remove(rule)
        return seen

    def do_release(self, rule: int, place: int | None, copies: int = 0, delay_ns: int = 0) -> None:
        """Let all held segments go on, or the one at a place; a copy comes into the record now."""
        copied = self.rules.find(rule).action == "keep"
        for number, end, frame, headers in self.rules.take(rule, place):
            if copied:
                self.number += 1
                fate = self._judge(self.number, end, frame, headers, rule, delay_ns, copies)
                self.log.frame(end, fate, self.number, time.time_ns(), len(frame), frame)
            else:
                now_ns = time.time_ns()  # before: an answer to it must not be older
                self.log.change(number, now_ns, self._judge(number, end, frame, headers, rule, delay_ns, copies))

    def do_discard(self, rule: int, place: int | None) -> None:
        """Drop all held segments, or the one at a place; of a copy nothing was ever seen."""
        copied = self.rules.find(rule).action == "keep"
        for number, *_ in self.rules.take(rule, place):
            if not copied:
                self.log.change(number, time.time_ns(), DROPPED)

    def do_patient(self, wanted: int) -> None:
        """Swallow repeats of what is held, or stop doing so."""
        self.rules.be_patient(wanted=bool(wanted))
