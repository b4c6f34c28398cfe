"""The one file of masks hides what is chance, and never a state, a side or a count."""

import json
import re

import pytest
from nbval.plugin import get_sanitize_patterns
from notebooks.compared import SOLUTIONS
from tcplab.command.claims import MASKS, _masks, masked
from tcplab.model.state import TcpState

PATTERNS = get_sanitize_patterns(MASKS.read_text(encoding="utf-8"))
STATES = [state.name for state in TcpState] + ["TIME-WAIT", "FIN-WAIT-2"]
SIDES = ("client", "server")
COUNTED = re.compile(r"\b\d+(?= (segments|bytes|packets|checks|sockets|TIME_WAIT|LISTEN))")


def said() -> list[tuple[str, str]]:
    """Every text that a solution stores, with the cell that printed it."""
    found = []
    for path in SOLUTIONS:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                text = output.get("text") or output.get("data", {}).get("text/plain", "")
                found.append((cell["id"], "".join(text)))
    return found


def test_masks_are_read_as_written():
    """Each `regex:` line has its `replace:` line right below: nbval skips others without a word, and so do we."""
    assert len(PATTERNS) == MASKS.read_text(encoding="utf-8").count("\nregex:")
    assert [(pattern.pattern, instead) for pattern, instead in _masks()] == PATTERNS


@pytest.mark.parametrize(("cell", "text"), said(), ids=[cell for cell, _ in said()])
def test_no_state_side_or_count_is_hidden(cell, text):
    """Change any of them, anywhere, and the masked text is another."""
    true = masked(text)
    for state in STATES:
        for found in re.finditer(rf"\b{re.escape(state)}\b", text):
            other = "LAST_ACK" if state == "CLOSED" else "CLOSED"
            assert masked(text[: found.start()] + other + text[found.end() :]) != true, f"{cell}: {state} is masked."
    for side, other in (SIDES, SIDES[::-1]):
        for found in re.finditer(rf"\b{side}\b", text):
            assert masked(text[: found.start()] + other + text[found.end() :]) != true, f"{cell}: {side} is masked."
    for found in COUNTED.finditer(text):
        other = str(int(found[0]) + 1)
        assert masked(text[: found.start()] + other + text[found.end() :]) != true, f"{cell}: {found[0]} is masked."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.1:40000 → 192.0.2.2:80 TIME_WAIT 58 s", "192.0.2.1:51111 → 192.0.2.2:80 TIME_WAIT 60 s"),
        ("192.0.2.2:5005 timer:(timewait,59sec,0)", "192.0.2.2:5005 timer:(timewait,1min,0)"),
        (" 9  0.0124 s  client → server  A   seq 1", "10  1.9120 s  client → server  A   seq 1"),
        ("Flags [S], seq 4015600389, win 64240", "Flags [S], seq 395049370, win 65535"),
        ("timestamps 4711 echo 4029587961", "timestamps 8150 echo 12"),
        ("State  Local Address:PortProcess  \nESTAB  ", "State Local Address:Port  Process\nESTAB"),
    ],
)
def test_chance_is_hidden(one, other):
    """What differs from run to run compares as equal."""
    assert masked(one) == masked(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("seq 1 ack 19", "seq 1 ack 20"),
        ("timestamps 4711 echo 0", "timestamps 4711 echo 4029587961"),
        ("192.0.2.2:80 → ", "192.0.2.2:81 → "),
        ("192.0.2.1:40000", "192.0.2.2:40000"),
        ("timer:(timewait,59sec,0)", "timer:(keepalive,59sec,0)"),
        ("10 segments before", "11 segments before"),
    ],
)
def test_what_is_taught_is_not_hidden(one, other):
    """Relative numbers, known ports, addresses and counts are compared."""
    assert masked(one) != masked(other)
