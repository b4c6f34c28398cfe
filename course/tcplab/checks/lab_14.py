"""Lab 14: What have you heard about TIME_WAIT?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tcplab.checks.exercise import Exercise, not_attempted, not_yet, passed, unseen
from tcplab.checks.hints import lab_14 as hints
from tcplab.model.conversation import conversations
from tcplab.model.evidence import Evidence, Verdict


@dataclass(frozen=True, slots=True)
class Sentence:
    """One exhibit: whether it holds, the idea of who gets that wrong, and the evidence to look at again."""

    holds: bool
    idea: str
    look: str


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
                return not_yet(
                    sentence.look,
                    expected=f"another verdict on {letter}",
                    got=f"{letter} {'does not hold' if sentence.holds else 'holds'}",
                    misconception=sentence.idea,
                )
        return passed(self.label)


ROOMS = {
    "room_1": Room(
        {
            "a": Sentence(
                holds=False,
                idea="tcp_fin_timeout shortens TIME_WAIT",
                look="Look at TIME_WAIT's timer while the setting was 15: from where does it count down?",
            ),
            "b": Sentence(
                holds=True,
                idea="TIME_WAIT can be configured",
                look="The setting that is said to change it was changed. Did the timer notice?",
            ),
            "c": Sentence(
                holds=False,
                idea="TIME_WAIT lasts what the RFC asks for",
                look="Four minutes are 240 s. Where did the timer begin?",
            ),
            "d": Sentence(
                holds=True,
                idea="tcp_fin_timeout does nothing",
                look="The client did not close. Which state had a clock of 15 s then?",
            ),
        },
        frozenset({8001, 8002}),
        "One setting, two clocks, and the famous one is not the one that it turns.",
    ),
    "room_2": Room(
        {
            "e": Sentence(holds=False, idea="tcp_tw_recycle exists", look="What did sysctl say to that name?"),
            "f": Sentence(
                holds=False,
                idea="tcp_tw_reuse is off by default",
                look="Nobody has changed it on this client. Which number did sysctl print?",
            ),
            "g": Sentence(
                holds=True,
                idea="tcp_tw_reuse helps a server",
                look="Twenty connections came in with each value. Compare what is left of them.",
            ),
            "h": Sentence(
                holds=False,
                idea="an overflow is logged",
                look="Ten were counted. How many lines did the log have?",
            ),
        },
        frozenset({8010, 8011, 8012}),
        "Of four switches on four pages one does what its page says: nothing, for a server.",
    ),
    "room_3": Room(
        {
            "i": Sentence(
                holds=False,
                idea="TIME_WAITs keep a server from accepting",
                look="The crowd was there, and one more came. What became of it?",
            ),
            "j": Sentence(
                holds=False,
                idea="a four-tuple in TIME_WAIT cannot be used",
                look="Count the four-tuples, and the handshakes that were answered with SA.",
            ),
            "k": Sentence(
                holds=False,
                idea="TIME_WAIT does no harm at the client",
                look="The client closed first, as it should. What ended the loop?",
            ),
            "l": Sentence(
                holds=False,
                idea="a port is a connection",
                look="Count the connections, then the ports that they came from.",
            ),
        },
        frozenset({80, 8030, 8031, 8040, 8041}),
        "Not one. A port is not a connection, and TIME_WAIT holds neither: it holds a name of four parts.",
    ),
    "room_4": Room(
        {
            "m": Sentence(
                holds=True,
                idea="a reset leaves TIME_WAIT",
                look="Count the TIME_WAITs on both hosts after the reset. The price is another question.",
            ),
            "n": Sentence(
                holds=False,
                idea="a reset takes away what has arrived",
                look="What did the client's first recv() give, after the reset?",
            ),
            "o": Sentence(
                holds=False,
                idea="tcp_fin_timeout ends CLOSE_WAIT",
                look="The client's side ended with that setting. And the server's?",
            ),
            "p": Sentence(
                holds=False,
                idea="only a restart ends CLOSE_WAIT",
                look="One call of the program, and what was left?",
            ),
        },
        frozenset({8050, 8060}),
        "It does what it says, and does not say what it costs. CLOSE_WAIT needs no medicine but close().",
    ),
}


def _judging(name: str) -> Callable[[Evidence], Verdict]:
    return lambda evidence: ROOMS[name].judged(evidence, evidence.answers.get(name, ...))


EXERCISES = {
    name: Exercise(name, "Which of the four sentences hold on this kernel?", _judging(name), hints.ROOMS[name])
    for name in ROOMS
}
MINUTES = 30
