"""A client that is cut off and found dead by probes alone: the judgement of the server's last segments."""

from enum import Enum

from tcplab.checks.exercise import not_yet, passed, unseen
from tcplab.checks.misconception import Lead, Misconception
from tcplab.model.conversation import Conversation, Turn
from tcplab.model.evidence import Verdict
from tcplab.model.probing import probes
from tcplab.model.segment import Fate

_WITHIN_S, _LATE_S = 5, 1


class Silences(Misconception, Enum):
    """What those may think whose dead client is found by something else, or too late."""

    SPOKE = (
        "only who speaks can find out",
        "nginx spoke into the cut. It is to keep silent: the kernel shall find out.",
    )
    IMPATIENT = (
        "keepalive_timeout sends probes",
        (
            "That is nginx losing patience, as it would with a client that is well. And its kernel still believes in"
            " the client: it asks it, again and again, for an ACK of that FIN."
        ),
    )
    ON = (
        "so_keepalive=on is enough",
        "Not one probe has left. Once they are on, the first comes after two hours, unless you say otherwise.",
    )
    FIRST_DECIDES = (
        "the first probe decides",
        "Probes go out, and after six seconds it is not over. Silence, interval and count: how do they add up?",
    )
    LATE = (
        "the interval counts once",
        "Found, after {took_s:.0f} s. The silence, and each probe's time to be answered, add up.",
    )


def judged_silence(talk: Conversation | None, port: int) -> Verdict:
    """Judge the newest conversation on a port, None where there is none."""
    if talk is None:
        return unseen(f"Nobody has visited port {port} yet: replace the three dots.")
    lost = [turn for turn in talk if not turn.from_client and turn.segment.fate is Fate.DROPPED]
    found = probes(talk, from_client=False)
    unanswered = [turn for turn in found if turn.segment.fate is Fate.DROPPED]
    if any(turn.segment.payload_bytes for turn in lost):
        lead: Lead = Silences.SPOKE
    elif any("F" in turn.segment.flags for turn in lost):
        lead = Silences.IMPATIENT
    elif not found:
        lead = Silences.ON
    elif not unanswered:
        lead = "The probes were answered: that client lives. It has to be cut off."
    elif "R" not in lost[-1].segment.flags:
        lead = Silences.FIRST_DECIDES
    elif (took_s := _took_s(talk, unanswered[0], lost[-1])) > _WITHIN_S + _LATE_S:
        lead = Silences.LATE.filled(took_s=took_s)
    else:
        return passed(f"{len(unanswered)} unanswered, and the kernel gave it up. nginx had not said a word.")
    return not_yet(
        lead,
        expected=f"probes that nobody answers, and the server's socket gone within {_WITHIN_S} s",
        got=f"{len(unanswered)} unanswered; last from the server: {lost[-1].segment.flags if lost else 'nothing'}",
    )


def _took_s(talk: Conversation, probe: Turn, last: Turn) -> float:
    """How long it took from what the server heard last, before it probed in vain, to its last word."""
    heard = [turn.segment.delivered_s for turn in talk if turn.from_client]
    before = [at_s for at_s in heard if at_s is not None and at_s < probe.segment.time_s]
    return last.segment.time_s - max(before, default=probe.segment.time_s)
