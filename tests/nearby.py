"""What lies next to an answer that is kept: one segment less, one number more, a stranger's connection beside it.

Learners come near to the right answer and near to each wrong one in ways that nobody writes down. What they are told
then is kept as a digest, so that a check that changes its mind is noticed; and no check may raise.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import Enum
from ipaddress import ip_address
from itertools import islice
from typing import Any

from exercises import OPEN, on_port
from tcplab.model.connection import Connection
from tcplab.model.counters import Counters
from tcplab.model.evidence import Evidence
from tcplab.model.four_tuple import Endpoint
from tcplab.model.segment import Fate, Segment
from tcplab.model.state import TcpState

_MOST = 24  # of a kind
_LATER_S = 1000.0


def _stranger(text: str, port: int, client: int) -> list[Segment]:
    """A connection that is nobody's business, long after everything else."""
    end = {"client": "source", "server": "destination"}
    return [
        replace(
            one,
            **{end[one.from_host]: Endpoint(ip_address("192.0.2.1"), client)},
            time_s=one.time_s + _LATER_S,
            delivered_s=None if one.delivered_s is None else one.delivered_s + _LATER_S,
        )
        for one in on_port(port, text)
    ]


STRANGERS = (
    _stranger(OPEN + "client > PA 9\nserver > PA 9\nclient > FA\nserver > FA\nclient > A", 7777, 50123),
    _stranger("client > S\nserver > RA", 80, 50124),
)
_HERE, _THERE = Endpoint(ip_address("192.0.2.2"), 7777), Endpoint(ip_address("192.0.2.1"), 50123)
_SOCKETS = [Connection(state, _HERE, _THERE) for state in (TcpState.LISTEN, TcpState.TIME_WAIT, TcpState.CLOSE_WAIT)]


def nearby(evidence: Evidence, name: str) -> Iterator[Evidence]:
    """Evidence that differs from this in one thing; name is the exercise's."""
    segments = list(evidence.segments)
    for at in range(min(len(segments), _MOST)):
        yield replace(evidence, segments=[*segments[:at], *segments[at + 1 :]])
    for at in range(min(len(segments), _MOST // 2)):
        lost = replace(segments[at], fate=Fate.DROPPED, delivered_s=None)
        yield replace(evidence, segments=[*segments[:at], lost, *segments[at + 1 :]])
    if segments:
        for strangers in STRANGERS:
            yield replace(evidence, segments=[*segments, *strangers])
            yield replace(evidence, segments=[*strangers, *segments])
    for host, table in evidence.sockets.items():
        yield replace(evidence, sockets={**evidence.sockets, host: [*table, *_SOCKETS]})
        for one in _around(list(table)):
            yield replace(evidence, sockets={**evidence.sockets, host: one})
    for file, content in evidence.files.items():
        lines = content.splitlines(keepends=True)
        for at in range(min(len(lines), _MOST)):
            yield replace(evidence, files={**evidence.files, file: b"".join([*lines[:at], *lines[at + 1 :]])})
    for answer in _around(evidence.answers.get(name, ...)):
        yield replace(evidence, answers={name: answer})
    for answer in _of_another_kind(evidence.answers.get(name, ...)):
        yield replace(evidence, answers={name: answer})


def _of_another_kind(value: Any) -> Iterator[Any]:
    """What a learner might write in place of a value: it in quotes, a truth for a number, a set as a list."""
    match value:
        case Enum() | int() | float():
            yield from (str(value), value == value, None)
        case Mapping() if not isinstance(value, Counters):
            for name, one in value.items():
                yield from ({**value, name: other} for other in _of_another_kind(one))
        case set() | list() | tuple():
            words = sorted(map(str, value))
            yield from (words, dict.fromkeys(words), len(words))


def _around(value: Any) -> Iterator[Any]:
    """Values that differ from this in one place."""
    yield from islice(_near(value), 6 * _MOST)


def _near(value: Any) -> Iterator[Any]:
    match value:
        case bool():
            yield not value
            yield int(value)
        case Enum():
            members = list(type(value))
            yield members[(members.index(value) + 1) % len(members)]
        case int():
            yield from (value + 1, value - 1, 0, -value, 2 * value)
        case float():
            yield from (value * 1.004, value * 0.996, value * 1.03, value * 0.97, value + 0.03, 2 * value, -value, 0)
        case str() if value.replace(" ", "").isdigit():
            words = value.split()
            for at, word in enumerate(words):
                for other in (int(word) + 1, int(word) - 1, 0, 1, 2 * int(word)):
                    yield " ".join([*words[:at], str(max(other, 0)), *words[at + 1 :]])
        case str() if "\n" in value:
            lines = value.splitlines(keepends=True)
            for at in range(len(lines)):
                yield "".join([*lines[:at], *lines[at + 1 :]])
        case str():
            yield from (f"{value}x", f" {value.upper()}", "")
        case Counters():
            counted = dict(value)
            for one in _items(counted):
                yield Counters(one, host=value.host)
            yield Counters(counted, host="server" if value.host == "client" else "client")
        case list() | tuple():
            kind = type(value)
            for at in range(min(len(value), 12)):
                yield kind([*value[:at], *value[at + 1 :]])
                for one in _near(value[at]):
                    yield kind([*value[:at], one, *value[at + 1 :]])
            yield kind([*value[::-1]])
            yield kind([*value, *value[:1]])
        case set() | frozenset():
            for one in sorted(value, key=str):
                yield value - {one}
                yield (value - {one}) | set(islice(_near(one), 2))
            yield value | {-1}
            yield [*sorted(value, key=str)]
        case Mapping():
            yield from _items(dict(value))
            for name in value:
                yield {key: one for key, one in value.items() if key != name}
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            for each in dataclasses.fields(value):
                if each.init:
                    for one in _near(getattr(value, each.name)):
                        yield replace(value, **{each.name: one})


def _items(value: dict[Any, Any]) -> Iterator[dict[Any, Any]]:
    for name, one in value.items():
        for other in _near(one):
            yield {**value, name: other}
