"""Lab 13: Incident: what is wrong here?"""

from collections.abc import Callable

from tcplab.checks.exercise import Exercise
from tcplab.checks.incident import judged_case
from tcplab.model.evidence import Evidence, Verdict


def _judged(name: str) -> Callable[[Evidence], Verdict]:
    return lambda evidence: judged_case(evidence.answers.get(name, ...))


def _night(name: str, question: str, *hints: str) -> Exercise:
    return Exercise(name, question, _judged(name), hints)


_ALL = (
    _night(
        "first_night",
        "Which side and which mechanism make pages fail, and what mends it?",
        "The pool belongs to a name, the one after `upstream`. Where in proxy.conf is that name spoken?",
        "proxy_pass names an address. What is behind `http://` decides whether a pool is asked for a connection.",
    ),
    _night(
        "second_night",
        "Which side and which mechanism make the first order after a quiet spell fail, and what mends it?",
        "Two clocks run on a connection that rests. Find both numbers: one in shop.py, one in proxy.conf.",
        "The one who is asked must be the more patient. Change one of the two, and start again what reads it.",
    ),
    _night(
        "third_night",
        "Which two things are wrong, and what mends each?",
        "Take one complaint at a time. Each leads to another look: one to a counter, one to a wire.",
        "On the proxy, compare tcp_max_tw_buckets with the other hosts'. On the wires, look at each segment's fate.",
    ),
    _night(
        "your_night",
        "What is wrong, and what mends it?",
        "Be the user who complains, once, by hand. Who gave the answer? Go to that host, and read its log.",
        "Compare with good days: sysctl of this host against the others', ss -tln, ss -tan, and the files as they are.",
    ),
)
EXERCISES = {exercise.name: exercise for exercise in _ALL}
MINUTES = 45
