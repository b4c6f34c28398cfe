"""The ladder as text: one line a segment, then one line a change of state. The same on every machine."""

from collections.abc import Sequence

from tcplab.model.conversation import Conversation, Turn
from tcplab.model.segment import Fate
from tcplab.notebook.say import table
from tcplab.notebook.steps import Step

MOST_ROWS = 40
"""A longer conversation is cut in its middle: beginning and end are where connections are made and lost."""

_HEAD_ROWS = 24
_WORDS = {"F": "FIN", "S": "SYN", "R": "RST", "P": "PSH", "A": "ACK", "U": "URG", "E": "ECE", "C": "CWR"}


def flag_words(flags: str) -> str:
    """Spell flags out, in the order in which they are written.

    >>> flag_words("SA"), flag_words("")
    ('SYN, ACK', 'no flag')
    """
    return ", ".join(_WORDS[letter] for letter in flags) or "no flag"


def kept_rows(count: int) -> tuple[range, range]:
    """Return which segments are drawn, from 0: the beginning and the end; the second is empty where all are."""
    if count <= MOST_ROWS:
        return range(count), range(count, count)
    return range(_HEAD_ROWS), range(count - (MOST_ROWS - _HEAD_ROWS), count)


def cut_sentence(conversation: Conversation) -> str:
    """Say what is left out between the two parts that are drawn; empty where nothing is."""
    head, tail = kept_rows(len(conversation))
    if not tail:
        return ""
    hidden = [conversation[at] for at in range(head.stop, tail.start)]
    data_bytes = sum(turn.segment.payload_bytes for turn in hidden)
    which = f"{head.stop + 1} to {tail.start}"
    return f"{len(hidden):,} segments are not drawn here ({which}); they carry {data_bytes:,} bytes."


def lead_sentence(conversation: Conversation) -> str:
    """Say in one sentence whose conversation it is, and how it went."""
    count = len(conversation)
    fates = [(fate, sum(turn.segment.fate is fate for turn in conversation)) for fate in Fate]
    said = [f"{number:,} {fate}" for fate, number in fates if number]
    again = sum(turn.sent_again for turn in conversation)
    said += [f"{again:,} sent again"] if again else []
    return (
        f"{conversation.client_host} → {conversation.server_host}, port {conversation.server.port}:"
        f" {count:,} segment{'' if count == 1 else 's'} ({', '.join(said)})."
    )


def twin(conversation: Conversation, steps: Sequence[Step], *, times: bool = False) -> str:
    """Return the text twin of a ladder.

    Args:
        conversation: one connection's segments
        steps: the states that its two ends went through
        times: whether to say when each segment came to the wire (ms), which differs from run to run
    """
    rows = [_header(times=times)]
    head, tail = kept_rows(len(conversation))
    origin_s = conversation[0].segment.time_s
    rows += [_row(at, conversation, origin_s, times=times) for at in (*head, *tail)]
    lines = table(rows, right=_right(times=times)).splitlines()
    if cut := cut_sentence(conversation):
        lines.insert(1 + len(head), cut)

    parts = [lead_sentence(conversation), "\n".join(lines)]
    if steps:
        parts.append(table([_step_row(step, conversation) for step in steps]))
    return "\n\n".join(parts)


def late(turn: Turn) -> bool:
    """Tell whether a segment arrived later than it came to the wire: a delay, or a hold that was released."""
    segment = turn.segment
    return segment.delivered_s is not None and segment.delivered_s > segment.time_s


def fate_words(turn: Turn) -> str:
    """Say what became of a segment; the shape of its line in the picture says the same."""
    fate = turn.segment.fate
    mark = {Fate.DROPPED: "✕ ", Fate.HELD: "‖ "}.get(fate, "↻ " if turn.sent_again else "")
    return mark + str(fate) + (" late" if late(turn) else "") + (", again" if turn.sent_again else "")


def _header(*, times: bool) -> tuple[str, ...]:
    return ("#", *(("ms",) if times else ()), "from", "flags", "seq", "ack", "bytes", "fate")


def _right(*, times: bool) -> frozenset[int]:
    return frozenset({0, 1, 4, 5, 6} if times else {0, 3, 4, 5})


def _row(at: int, conversation: Conversation, origin_s: float, *, times: bool) -> tuple[str, ...]:
    turn = conversation[at]
    segment = turn.segment
    when = (f"{(segment.time_s - origin_s) * 1000:,.3f}",) if times else ()
    way = f"{conversation.client_host} →" if turn.from_client else f"← {conversation.server_host}"
    ack = str(turn.ack) if "A" in segment.flags else ""
    length = f"{segment.payload_bytes:,}" if segment.payload_bytes else "·"
    return (str(at + 1), *when, way, flag_words(segment.flags), str(turn.seq), ack, length, fate_words(turn))


def _step_row(step: Step, conversation: Conversation) -> tuple[str, ...]:
    places = {turn.segment.number: str(at) for at, turn in enumerate(conversation, start=1)}
    host = conversation.client_host if step.side == "client" else conversation.server_host
    return (places.get(step.segment, "·"), host, str(step.state), step.cause)
