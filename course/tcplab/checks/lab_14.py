"""Lab 14: What have you heard about TIME_WAIT?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tcplab.checks.exercise import Exercise, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_14 as hints
from tcplab.checks.misconception import Misconception
from tcplab.model.conversation import conversations
from tcplab.model.evidence import Evidence, Verdict


@dataclass(frozen=True, slots=True)
class Sentence:
    """One exhibit: whether it holds, and the idea of who gets that wrong, with the evidence to look at again."""

    holds: bool
    missed: Misconception


@dataclass(frozen=True, slots=True)
class Room:
    """One room of the museum.

    Args:
        sentences: by their letters
        ports: where its experiments meet, so that a check knows whether they were run
        label: what is said of the room when all is sorted
    """

    sentences: Mapping[str, Sentence]
    ports: frozenset[int]
    label: str

    def judged(self, evidence: Evidence, answer: object) -> Verdict:
        """Judge a set of letters."""
        if answer is ...:
            return not_attempted()
        if not isinstance(answer, set | frozenset) or not answer <= set(self.sentences):
            return not_yet(
                "Write a set of this room's letters; set() for none.",
                expected=f"some of {', '.join(self.sentences)}",
                got=repr(answer),
            )
        if not self.ports <= {talk.server.port for talk in conversations(evidence.segments)}:
            return unseen("The wire has not seen all of this room yet: run its experiments first.")
        for letter, sentence in self.sentences.items():
            if (letter in answer) is not sentence.holds:
                got = f"{letter} {'does not hold' if sentence.holds else 'holds'}"
                return not_yet(sentence.missed, expected=f"another verdict on {letter}", got=got)
        return passed(self.label)


ROOMS = {
    "room_1": Room(
        {
            "a": Sentence(
                holds=False,
                missed=Misconception(
                    "tcp_fin_timeout shortens TIME_WAIT",
                    "Look at TIME_WAIT's timer while the setting was 15: from where does it count down?",
                ),
            ),
            "b": Sentence(
                holds=True,
                missed=Misconception(
                    "TIME_WAIT can be configured",
                    "The setting that is said to change it was changed. Did the timer notice?",
                ),
            ),
            "c": Sentence(
                holds=False,
                missed=Misconception(
                    "TIME_WAIT lasts what the RFC asks for", "Four minutes are 240 s. Where did the timer begin?"
                ),
            ),
            "d": Sentence(
                holds=True,
                missed=Misconception(
                    "tcp_fin_timeout does nothing", "The client did not close. Which state had a clock of 15 s then?"
                ),
            ),
        },
        frozenset({8001, 8002}),
        "One setting, two clocks, and the famous one is not the one that it turns.",
    ),
    "room_2": Room(
        {
            "e": Sentence(
                holds=False,
                missed=Misconception("tcp_tw_recycle exists", "What did sysctl say to that name?"),
            ),
            "f": Sentence(
                holds=False,
                missed=Misconception(
                    "tcp_tw_reuse is off by default",
                    "Nobody has changed it on this client. Which number did sysctl print?",
                ),
            ),
            "g": Sentence(
                holds=True,
                missed=Misconception(
                    "tcp_tw_reuse helps a server",
                    "Twenty connections came in with each value. Compare what is left of them.",
                ),
            ),
            "h": Sentence(
                holds=False,
                missed=Misconception("an overflow is logged", "Ten were counted. How many lines did the log have?"),
            ),
        },
        frozenset({8010, 8011, 8012}),
        "Of four switches on four pages one does what its page says: nothing, for a server.",
    ),
    "room_3": Room(
        {
            "i": Sentence(
                holds=False,
                missed=Misconception(
                    "TIME_WAITs keep a server from accepting",
                    "The crowd was there, and one more came. What became of it?",
                ),
            ),
            "j": Sentence(
                holds=False,
                missed=Misconception(
                    "a four-tuple in TIME_WAIT cannot be used",
                    "Count the four-tuples, and the handshakes that were answered with SA.",
                ),
            ),
            "k": Sentence(
                holds=False,
                missed=Misconception(
                    "TIME_WAIT does no harm at the client",
                    "The client closed first, as it should. What ended the loop?",
                ),
            ),
            "l": Sentence(
                holds=False,
                missed=Misconception(
                    "a port is a connection", "Count the connections, then the ports that they came from."
                ),
            ),
        },
        frozenset({80, 8030, 8031, 8040, 8041}),
        "Not one. A port is not a connection, and TIME_WAIT holds neither: it holds a name of four parts.",
    ),
    "room_4": Room(
        {
            "m": Sentence(
                holds=True,
                missed=Misconception(
                    "a reset leaves TIME_WAIT",
                    "Count the TIME_WAITs on both hosts after the reset. The price is another question.",
                ),
            ),
            "n": Sentence(
                holds=False,
                missed=Misconception(
                    "a reset takes away what has arrived", "What did the client's first recv() give, after the reset?"
                ),
            ),
            "o": Sentence(
                holds=False,
                missed=Misconception(
                    "tcp_fin_timeout ends CLOSE_WAIT", "The client's side ended with that setting. And the server's?"
                ),
            ),
            "p": Sentence(
                holds=False,
                missed=Misconception("only a restart ends CLOSE_WAIT", "One call of the program, and what was left?"),
            ),
        },
        frozenset({8050, 8060}),
        "It does what it says, and does not say what it costs. CLOSE_WAIT needs no medicine but close().",
    ),
}


def _judging(name: str) -> Callable[[Evidence], Verdict]:
    return lambda evidence: ROOMS[name].judged(evidence, evidence.answers.get(name, ...))


EXERCISES = {
    name: Exercise(
        name,
        "Which of the four sentences hold on this kernel?",
        _judging(name),
        [sentence.missed for sentence in room.sentences.values()],
        hints.ROOMS[name],
    )
    for name, room in ROOMS.items()
}
MINUTES = 30
