"""Values as JSON and back: what a check was given can be kept in a file, sent to a grader, and judged again.

What JSON has no word for is written as {"$": kind, …}; the kinds stand below, and no other is read. An answer may be
anything: of what is none of them only its words are kept. It comes back as `Foreign`, which no check takes for right.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from ipaddress import IPv4Address, IPv6Address, ip_address
from json import dumps
from math import isfinite
from typing import Any

from tcplab.errors import BadValue
from tcplab.model.connection import Connection
from tcplab.model.counters import Counters
from tcplab.model.four_tuple import Endpoint, FourTuple
from tcplab.model.options import TcpOptions
from tcplab.model.pool_trial import PoolTrial
from tcplab.model.segment import Fate, Segment
from tcplab.model.site_trial import SiteTrial
from tcplab.model.state import TcpState

_KIND = "$"
_VALUES = {each.__name__: each for each in (Connection, Endpoint, FourTuple, PoolTrial, Segment, SiteTrial, TcpOptions)}
_NAMES = {each.__name__: each for each in (TcpState, Fate)}
_MANY: dict[str, Callable[[list[Any]], Any]] = {"tuple": tuple, "set": set, "frozenset": frozenset}
_FROM_ITS_FRAME = ("number", "time_s", "fate", "delivered_s", "from_host", "to_host")
_ALLOWED = "JSON as Evidence.to_json() writes it"


@dataclass(frozen=True, slots=True, repr=False)
class Foreign:
    """Something that was no value of the course's: its words are left."""

    words: str

    def __repr__(self) -> str:
        return self.words


def kept(value: object) -> Any:
    """Return what json.dumps() can write, for any value."""
    try:
        return _kept(value)
    except RecursionError:  # a list that contains itself
        return {_KIND: "foreign", "words": repr(value)}


def _kept(value: object) -> Any:
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else {_KIND: "float", "words": repr(value)}
    if kind is list:
        return [_kept(each) for each in value]  # type: ignore[attr-defined]
    if value is ...:
        return {_KIND: "ellipsis"}
    if kind is bytes:
        return {_KIND: "bytes", "base64": base64.b64encode(value).decode()}  # type: ignore[arg-type]
    if isinstance(value, IPv4Address | IPv6Address):
        return {_KIND: "address", "words": str(value)}
    if kind.__name__ in _MANY and kind is _MANY[kind.__name__]:
        members = [_kept(each) for each in value]  # type: ignore[attr-defined]
        return {_KIND: kind.__name__, "of": members if kind is tuple else sorted(members, key=dumps)}
    if kind is dict:
        return {_KIND: "dict", "of": [[_kept(key), _kept(each)] for key, each in value.items()]}  # type: ignore[attr-defined]
    if isinstance(value, Counters):
        return {_KIND: "Counters", "host": value.host, "of": dict(value)}
    if kind in _NAMES.values():
        return {_KIND: kind.__name__, "name": value.name}  # type: ignore[attr-defined]
    if isinstance(value, Segment):
        return _kept_segment(value)
    if kind in _VALUES.values():
        return {_KIND: kind.__name__, **{field.name: _kept(getattr(value, field.name)) for field in fields(value)}}  # type: ignore[arg-type]
    return {_KIND: "foreign", "words": value.words if isinstance(value, Foreign) else repr(value)}


def _kept_segment(segment: Segment) -> dict[str, Any]:
    """Keep the frame, what it does not say, and what was said otherwise than it does."""
    said = {name: getattr(segment, name) for name in _FROM_ITS_FRAME}
    plain = Segment.from_frame(segment.frame, **said)
    other = [field.name for field in fields(Segment) if getattr(segment, field.name) != getattr(plain, field.name)]
    said |= {name: getattr(segment, name) for name in ("frame", *other)}
    return {_KIND: "Segment", **{name: _kept(value) for name, value in said.items()}}


def found(kept: object) -> Any:
    """Return the value that was kept.

    Raises: BadValue for what is not written as this module writes it.
    """
    if isinstance(kept, list):
        return [found(each) for each in kept]
    if not isinstance(kept, dict):
        return kept
    try:
        return _found(kept)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadValue("evidence", kept, _ALLOWED) from error


def _found(kept: Mapping[str, Any]) -> Any:
    said = {name: value for name, value in kept.items() if name != _KIND}
    match kept[_KIND]:
        case "ellipsis":
            return ...
        case "float":
            return float(said["words"])
        case "foreign":
            return Foreign(str(said["words"]))
        case "address":
            return ip_address(said["words"])
        case "bytes":
            return base64.b64decode(said["base64"], validate=True)
        case "dict":
            return {found(key): found(value) for key, value in said["of"]}
        case "Counters":
            return Counters({str(name): int(value) for name, value in said["of"].items()}, host=str(said["host"]))
        case kind if kind in _MANY:
            return _MANY[kind]([found(each) for each in said["of"]])
        case kind if kind in _NAMES:
            return _NAMES[kind][said["name"]]
    values = {name: found(value) for name, value in said.items()}
    if kept[_KIND] == "Segment":
        plain = Segment.from_frame(values["frame"], **{name: values[name] for name in _FROM_ITS_FRAME})
        return Segment(**{**{field.name: getattr(plain, field.name) for field in fields(Segment)}, **values})
    return _VALUES[kept[_KIND]](**values)
