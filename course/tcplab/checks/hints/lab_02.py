"""Hints of lab 02."""

from tcplab.checks.hint import UNSEEN, Hints

HOLDERS = Hints(
    (
        "Forget who calls close(), and look for the FINs: whose was sent before the other's had arrived?",
        "A side whose FIN answers a FIN is a passive closer. Two FINs may both be first; and a close may have none.",
    ),
    "A fifth day: the server is *restarted*, in good order, while a client waits for its answer. The server's kernel"
    " sends FIN for each open connection. The client reads the end, and closes. The first FIN was the server's, and it"
    " arrived before the client's set out: so the server is left holding, whatever program ended it.",
    {
        UNSEEN: "Guess all four first. The four days happen in the cells below; the check comes after the last.",
        "who calls close() first holds it": "On that day a side had said FIN long before its close(). By which call?",
        "a killed program leaves nothing": "Who closes the files of a process that is killed? And what is a socket?",
        "every close() sends a FIN": "Look at the last segment of that day, and at its letters.",
        "one side is always first": "Neither had heard of the other. So which of them answered, and which began?",
    },
)
ONE_IN_CLOSING = Hints(
    (
        "Both FINs have to be on their way before either arrives: hold them first.",
        'CLOSING ends with the ACK of one\'s own FIN. hold(flags="A", …) holds ACKs, and `source=` says of which side.',
    ),
    "To leave a *half-closed* pair, FIN_WAIT2 here and CLOSE_WAIT there, one works backwards: FIN_WAIT2 means “my FIN"
    " is acknowledged, theirs has not come”. So one FIN and its ACK must cross, and no other FIN be sent: close one"
    " side, nothing held. For any pair of states: write down which segments each side must have had, and hold the"
    " others.",
    {
        UNSEEN: "Nothing has crossed on your port yet. `connection(…)` makes the pair; the rule comes before close().",
        "two close() in a row are simultaneous": (
            "Between your two `close()` the first FIN arrived. What stops a FIN on its way, for as long as you please?"
        ),
        "one's own ACK ends CLOSING": "You hold the ACKs of one side. It is the other side that misses them.",
        "CLOSING stays by itself": "Both ACKs got through. One of them must wait, beyond the end of your `with`.",
    },
)
WHOLE_ORDER = Hints(
    (
        "One side has to hold TIME_WAIT. Which one, if it is not to be the client?",
        "The server knows that the order is whole when it has read all its bytes. Then it can say FIN first.",
    ),
    "A download, the other way round: the *server* sends 5,000 bytes and is not to be left with TIME_WAIT. The client"
    " knows the length (Content-Length), counts what `recv` returns until 5,000 are there, and closes; its FIN is"
    " first; the server reads the end, and closes second. Whole, without RST, and the entry lies with the client.",
    {
        UNSEEN: "Send the order on your port, as it was sent on port 7020, without holding anything.",
        "who has sent all has to close first": (
            "Sending and closing are two things. After `sendall` the client can wait for the server's FIN."
        ),
        "a reset is the only way without TIME_WAIT": (
            "Whose RST is it? A socket with SO_LINGER sends one, and so does a close() on bytes that nobody has read."
        ),
    },
)
CLOSED_AGO = Hints(
    (
        "The number in brackets is what is left, and it began at the same value for both.",
        "Whatever began at 60 and shows 58.53 is 1.47 s old.",
    ),
    "A third line, from another day: `timewait (5.25/0/0)`. It began at 60, so 60 − 5.25 = 54.75 s have gone since the"
    " close. A smaller number is an older socket. Do it once for each line, and keep their order.",
    {
        "the timer counts up": "In lab 02's cell with `ss -tano` the number became smaller from look to look.",
        "2 MSL": "120 stands in the RFC. Which number did your own fresh TIME_WAIT begin with?",
        "less time left means younger": "An egg timer at 17 has been running for longer than one at 19.",
    },
)
