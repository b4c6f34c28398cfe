"""What a rule matches, as the wire's process tests it: packet by packet, so small and quick."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from tcplab.model.frame import Headers

    Test = Callable[[Headers], bool]

# Places in model.frame.Headers.
_SOURCE: Final = 1
_DESTINATION: Final = 2
_SOURCE_PORT: Final = 3
_DESTINATION_PORT: Final = 4
_FLAGS: Final = 7
_START: Final = 10
_END: Final = 11


def compiled(asked: dict[str, Any]) -> Test:
    """Return one test for all conditions that were asked for: all must hold.

    Args:
        asked: Any of `flags`, `having` (bits), `source`, `destination` (packed addresses), `port`,
            `source_port`, `destination_port`, `payload_bytes` (least, most).
    """
    tests: list[Test] = []
    # Ports first: of several rules for several connections, all but one are done with a segment at once.
    if (port := asked.get("port")) is not None:
        tests.append(lambda headers: port in (headers[_SOURCE_PORT], headers[_DESTINATION_PORT]))
    if (source_port := asked.get("source_port")) is not None:
        tests.append(lambda headers: headers[_SOURCE_PORT] == source_port)
    if (destination_port := asked.get("destination_port")) is not None:
        tests.append(lambda headers: headers[_DESTINATION_PORT] == destination_port)
    if (flags := asked.get("flags")) is not None:
        tests.append(lambda headers: headers[_FLAGS] == flags)
    if (having := asked.get("having")) is not None:
        tests.append(lambda headers: headers[_FLAGS] & having == having)
    if (source := asked.get("source")) is not None:
        tests.append(lambda headers: headers[_SOURCE] in source)
    if (destination := asked.get("destination")) is not None:
        tests.append(lambda headers: headers[_DESTINATION] in destination)
    if (payload := asked.get("payload_bytes")) is not None:
        least, most = payload
        tests.append(lambda headers: least <= headers[_END] - headers[_START] <= most)
    if not tests:
        return lambda _: True
    test = tests.pop()
    while tests:
        test = _and(tests.pop(), test)
    return test


def _and(first: Test, second: Test) -> Test:
    return lambda headers: first(headers) and second(headers)
