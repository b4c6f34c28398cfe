"""Hints of lab 14."""

from tcplab.checks.hint import UNTOUCHED, Hints

ROOMS = {
    "room_1": Hints(
        (
            "Which of the two experiments is about TIME_WAIT, and which about FIN_WAIT2?",
            "A sentence that names a state and a clock needs both to be right. Read ss's last column again.",
        ),
        "“The brake light glows when you brake”, says one sheet, “and when you steer”, says another. You brake: it"
        " glows. You steer: it does not. So the first holds and the second does not, however often it was printed.",
        {
            UNTOUCHED: "Both experiments above print something for it. Run them, then read each sentence beside them.",
            "tcp_fin_timeout shortens TIME_WAIT": "Its name says FIN. Which state is left when a FIN comes?",
        },
    ),
    "room_2": Hints(
        (
            "A default is what you read before anybody has written.",
            "For each of the four: what would you have seen if it were so? Is it there?",
        ),
        "“This lamp has a dimmer on its cord.” You follow the cord from plug to lamp, and there is none. Then the lamp"
        " is not dim: you have looked at all there is, and what is not there has no effect.",
        {
            "an overflow is logged": "There are two places where it could be told. One of them had ten, and the other?",
            "tcp_tw_reuse helps a server": "Look whether the two numbers that the experiment printed differ.",
        },
    ),
    "room_3": Hints(
        (
            "Write down the four-tuple of each connection that was refused, and of each that was not.",
            "A sentence that says “cannot” or “at most” needs one connection to be wrong.",
        ),
        "“No two people may be called Anna Berg.” A register of a town has two, born on other days in other houses. One"
        " such pair is enough: the sentence falls, though most names in the book are there once.",
        {
            "TIME_WAIT does no harm at the client": "Ten went well. What did the eleventh hear, and from whom?",
            "a port is a connection": "How can there be more of the one than of the other?",
        },
    ),
    "room_4": Hints(
        (
            "For the first two ask: what was where when the reset came?",
            "For the last two: which state has a timer in ss, and which waits for somebody?",
        ),
        "A shop shuts in your face while you hold the bread that you have paid. The door is shut, nothing more will"
        " come out of it, and the bread is yours all the same.",
        {
            "only a restart ends CLOSE_WAIT": "Read the last line again, and the one statement before it.",
            "tcp_fin_timeout ends CLOSE_WAIT": "Two hosts had the setting. On which of them did a socket go?",
        },
    ),
}
