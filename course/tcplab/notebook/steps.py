"""The states of a conversation's two ends, told for reading: in one order, with causes in the words of the lab."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tcplab.model.conversation import Conversation
from tcplab.model.state import TcpState
from tcplab.model.states import StateChange, states

Side = Literal["client", "server"]


@dataclass(frozen=True, slots=True)
class Step:
    """One end enters a state, or begins it anew.

    `segment` is the number in the wire's record of the segment that shows it, 0 before the first; `arrived` tells
    whether its arrival or its sending brought the end there.
    """

    side: Side
    state: TcpState
    cause: str
    segment: int
    arrived: bool
    time_s: float


def steps(conversation: Conversation) -> list[Step]:
    """Tell what both ends went through, in the order of time; CLOSED before the first segment is left out."""
    told = states(conversation)
    every = [
        *_one_side("client", told.client, conversation),
        *_one_side("server", told.server, conversation),
    ]
    return sorted(every, key=lambda step: (step.time_s, step.arrived))


def _one_side(side: Side, changes: tuple[StateChange, ...], conversation: Conversation) -> Iterator[Step]:
    first_fin = next((turn.segment.number for turn in conversation if "F" in turn.segment.flags), 0)
    for change in changes:
        if change.after == 0 and change.state is TcpState.CLOSED:
            continue
        arrived = change.cause.endswith("came")
        time_s = change.time_s if change.after else float("-inf")
        yield Step(side, change.state, told_cause(change, first_fin), change.after, arrived, time_s)
    if changes[-1].state is TcpState.TIME_WAIT:
        yield from _anew(side, changes[-1], conversation)


def told_cause(change: StateChange, first_fin: int) -> str:
    """Say what brought an end into a state, with what it means for who reads on."""
    if change.state is TcpState.TIME_WAIT:
        return f"{change.cause}: 60 s from here"
    if change.state is TcpState.FIN_WAIT1 and change.after == first_fin:
        return f"{change.cause}: closes first"
    if change.state is TcpState.CLOSED and change.cause == "ACK came":
        return f"{change.cause}: nothing left"
    return change.cause


def _anew(side: Side, entered: StateChange, conversation: Conversation) -> Iterator[Step]:
    """A FIN that comes again starts the 60 s again: the kernel answers it from the TIME_WAIT entry."""
    for turn in conversation:
        segment = turn.segment
        if turn.from_client is (side == "client") or "F" not in segment.flags or segment.delivered_s is None:
            continue
        if segment.delivered_s > entered.time_s and segment.number != entered.after:
            cause, at_s = "FIN again: 60 s anew", segment.delivered_s
            yield Step(side, TcpState.TIME_WAIT, cause, segment.number, arrived=True, time_s=at_s)
