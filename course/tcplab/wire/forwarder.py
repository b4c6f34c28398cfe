"""The wire's process: every packet between two hosts passes through this loop.

It runs apart from the notebook: there, a busy cell would stall the network for seconds. It forwards,
asks the rules, and keeps a record that is decoded only when somebody looks.
"""

import errno
import os
import select
import sys
import time
from collections import deque
from heapq import heappop, heappush
from typing import Any

import _socket

from tcplab.model.frame import parse
from tcplab.wire import layout
from tcplab.wire.layout import CHANGE, DELAYED, DELIVERED, DROPPED, DUPLICATED, ENTRY, FRAME, HELD, SWALLOWED
from tcplab.wire.quiet import Quiet
from tcplab.wire.ring import HEADER, IN_USER_SPACE, STATUS, Ring
from tcplab.wire.rule import Rule
from tcplab.world import message

_BURST = 64  # frames of one side before the other side, the clock and the owner get their turn
_UNWRITTEN = 512
_WRITE_WITHIN_S = 0.05
_LOOK_AGAIN_S = 0.0001


def main(part: dict[str, Any], descriptors: list[int], turn: "_socket.socket") -> None:
    """Open the two ends and forward until the world ends."""
    owner = _socket.socket(fileno=descriptors[0])
    forwarder = Forwarder(part, owner, descriptors[1])
    message.send(turn, "ok")
    turn.close()
    forwarder.serve()


class Forwarder:
    """Two rings, a list of rules, what is held, what is delayed, and the record."""

    def __init__(self, part: dict[str, Any], owner: "_socket.socket", record: int) -> None:
        self.owner = owner
        self.record = record
        self.rings = [Ring(device, part["mtu"]) for device in part["devices"]]
        self.quiet = Quiet(self.rings, [part["pids"][host] for host in part["hosts"]])
        self.rules: list[Rule] = []
        self.last_rule = 0
        self.patient = False
        self.greeted: set[Any] = set()  # SYNs seen while patient
        self.number = 0
        self.delayed: list[tuple[int, int, int, bytes, Any, int]] = []
        self.asked: deque[tuple[int, int, str, list[Any]]] = deque()
        self.unwritten: list[bytes] = []
        self.written = 0

    def serve(self) -> None:
        """Forward, for ever."""
        wanted = [self.owner, *(ring.socket for ring in self.rings)]
        while True:
            ready, _, _ = select.select(wanted, [], [], self._patience())
            if self.owner in ready:
                self._hear()
            moved = self._relay(0) + self._relay(1)
            if self.delayed:
                moved += self._deliver_due()
            if len(self.unwritten) >= _UNWRITTEN or (not ready and self.unwritten):
                self._write()
            if self.asked:
                self._answer(moved)

    def _patience(self) -> float | None:
        if self.asked:
            return _LOOK_AGAIN_S
        if self.delayed:
            return max(0.0, (self.delayed[0][0] - time.monotonic_ns()) / 1e9)
        return _WRITE_WITHIN_S if self.unwritten else None

    # ---- frames

    def _relay(self, end: int) -> int:
        """Take what has come in by one end, and send it out by the other; return how many."""
        ring, out = self.rings[end], self.rings[1 - end]
        memory, slot, size = ring.memory, ring.slot, ring.slot_bytes
        for moved in range(_BURST):
            offset = slot * size
            status, length, kept, start, _, seconds, nanoseconds = HEADER.unpack_from(memory, offset)
            if not status & IN_USER_SPACE:
                ring.slot = slot
                ring.received += moved
                return moved
            frame = memory[offset + start : offset + start + kept]
            STATUS.pack_into(memory, offset, 0)
            slot = slot + 1 if slot + 1 < ring.slots else 0
            if frame[12:14] == b"\x86\xdd" and frame[38] == 0xFF:
                continue  # IPv6 multicast: chatter of the hosts' own, not the learner's
            self.number += 1
            arrived = seconds * 1_000_000_000 + nanoseconds
            if not self.rules and not self.patient:
                fate = self._send(out, frame)
            else:
                fate = self._judge(self.number, end, frame, parse(frame), 0)
            if self.written > layout.FULL_BYTES:
                kept = min(kept, layout.HEADERS_BYTES)
                frame = frame[:kept]
            self.unwritten.append(ENTRY.pack(FRAME, end, fate, self.number, arrived, length, kept) + frame)
        ring.slot = slot
        ring.received += _BURST
        return _BURST

    def _send(self, out: Ring, frame: bytes) -> int:
        try:
            out.socket.send(frame)
        except OSError:
            return DROPPED  # the learner has set the device down
        self.quiet.sent(out, frame)
        return DELIVERED

    def _judge(self, number: int, end: int, frame: bytes, headers: Any, after: int) -> int:
        """Ask the rules made after rule `after`, in their order; send, keep or drop; return the fate."""
        if headers is None:
            return self._send(self.rings[1 - end], frame)
        if self.patient and after == 0 and self._is_repeat(headers):
            return SWALLOWED
        delay_ns, copies, rule = 0, 0, after
        for applied in self.rules:
            if applied.number <= after or not applied.matches(headers, number, frame):
                continue
            rule = applied.number
            if applied.action == "drop":
                return DROPPED
            if applied.action == "hold":
                applied.held.append((number, end, frame, headers))
                return HELD
            delay_ns += applied.delay_ns
            copies += applied.copies
        out = self.rings[1 - end]
        if delay_ns:
            heappush(self.delayed, (time.monotonic_ns() + delay_ns, number, end, frame, headers, copies))
            return DELAYED
        fate = self._send(out, frame)
        for _ in range(copies):
            self._send(out, frame)
        return DUPLICATED if copies and fate == DELIVERED else fate

    def _is_repeat(self, headers: Any) -> bool:
        """Tell whether a held segment, or a SYN of a connection that has one held, is sent again."""
        same = _identity(headers)
        held = [_identity(kept) for rule in self.rules for _, _, _, kept in rule.held]
        if same in held:
            return True
        connection = {same[:2], same[1::-1]}
        if headers[7] & 2 and same in self.greeted and any(other[:2] in connection for other in held):
            return True
        if headers[7] & 2:
            self.greeted.add(same)
        return False

    def _deliver_due(self) -> int:
        moved, now = 0, time.monotonic_ns()
        while self.delayed and self.delayed[0][0] <= now:
            _, number, end, frame, _, copies = heappop(self.delayed)
            fate = self._send(self.rings[1 - end], frame)
            for _ in range(copies):
                self._send(self.rings[1 - end], frame)
            self._change(number, DUPLICATED if copies and fate == DELIVERED else fate)
            moved += 1
        return moved

    # ---- the record

    def _change(self, number: int, fate: int) -> None:
        self.unwritten.append(ENTRY.pack(CHANGE, 0, fate, number, time.time_ns(), 0, 0))

    def _write(self) -> None:
        data = b"".join(self.unwritten)
        self.unwritten.clear()
        self.written += len(data)
        while data:
            data = data[os.write(self.record, data) :]

    # ---- the owner's questions

    def _hear(self) -> None:
        question, _ = message.receive(self.owner)
        if question is None:
            os._exit(0)
        number, operation, within_s, *arguments = question
        self.asked.append((number, time.monotonic_ns() + int(within_s * 1e9), operation, arguments))
        self.quiet.start()

    def _answer(self, moved: int) -> None:
        """Answer the oldest question once the network is quiet, or its patience is over."""
        number, deadline, operation, arguments = self.asked[0]
        settled = self.quiet.is_so(bool(moved or self.delayed))
        if not settled and time.monotonic_ns() < deadline:
            return
        if not settled:
            self.quiet.give_up()
        self.asked.popleft()
        answer, error = None, None
        try:
            answer = getattr(self, f"do_{operation}")(*arguments)
        except (StopIteration, IndexError):
            error = (errno.ENOENT, operation)  # the rule, or the segment it held, is gone
        self._write()
        lost = sum(ring.count_lost() for ring in self.rings)
        message.send(self.owner, (number, error, (settled, self.written, lost, answer)))
        self.quiet.start()

    def do_settle(self) -> None:
        """Nothing more: the wait was the work."""

    def do_add(self, asked: dict[str, Any]) -> int:
        """Add a rule, after the others; return its number."""
        self.last_rule += 1
        self.rules.append(Rule(self.last_rule, asked))
        return self.last_rule

    def do_look(self, rule: int) -> tuple[int, list[int], str]:
        """Return how often a rule has matched, the numbers of the segments it holds, its error."""
        found = self._rule(rule)
        return (found.matched, [number for number, *_ in found.held], found.error)

    def do_remove(self, rule: int) -> tuple[int, list[int], str]:
        """Take a rule away and let go what it holds; return what `look` does."""
        seen = self.do_look(rule)
        self.do_release(rule, None)
        self.rules.remove(self._rule(rule))
        return seen

    def do_release(self, rule: int, place: int | None) -> int:
        """Let all held segments go on, or the one at a place; return how many went."""
        for number, end, frame, headers in self._taken(rule, place):
            self._change(number, self._judge(number, end, frame, headers, rule))
        return 0

    def do_discard(self, rule: int, place: int | None) -> int:
        """Drop all held segments, or the one at a place; return how many."""
        for number, *_ in self._taken(rule, place):
            self._change(number, DROPPED)
        return 0

    def do_patient(self, wanted: bool) -> None:
        """Swallow repeats of what is held, or stop doing so."""
        self.patient = wanted
        self.greeted.clear()

    def _taken(self, rule: int, place: int | None) -> list[Any]:
        held = self._rule(rule).held
        taken = held[:] if place is None else [held[place]]
        held[:] = [] if place is None else [kept for kept in held if kept is not taken[0]]
        return taken

    def _rule(self, number: int) -> Rule:
        return next(rule for rule in self.rules if rule.number == number)


def _identity(headers: Any) -> tuple[Any, ...]:
    """Return what a segment and its retransmission have in common: ends, seq, flags, length."""
    _, source, destination, source_port, destination_port, seq, _, flags, _, _, start, end = headers
    return ((source, source_port), (destination, destination_port), seq, flags, end - start)


if sys.flags.isolated:
    import gc

    gc.disable()  # nothing here is cyclic, and a collection would be felt on the wire
