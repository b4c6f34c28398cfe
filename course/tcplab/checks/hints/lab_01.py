"""Hints of lab 01."""

from tcplab.checks.hint import UNSEEN, UNTOUCHED, Hints

UNLISTED_TWO = Hints(
    (
        "Put the record and the list side by side and tick off. The first line without a partner is one of the two.",
        "Which side of a web connection has to say something before the other can answer?",
    ),
    "Another list of a visit, to a mail server that speaks first: SYN, SYN ACK, ACK, `MAIL` from the client, ACK. The"
    " record has seven lines. Ticking off: 1, 2, 3 have partners; line 4 is the server's greeting, without a partner;"
    " line 5 its ACK, without one; 6 and 7 are `MAIL` and the ACK. So the list lacks 4 and 5 there: what was said"
    " first, and that it was heard.",
    {
        "an ACK is not a segment of its own": "Whatever carries bytes is acknowledged. Find the answer to your line.",
        "the handshake is missing": "SYNC, SYNC + ACK, ACK: these three the list has. Begin behind them.",
        "the close is missing": "The list ends with FIN, ACK, FIN, ACK, as does the record. Begin at the other end.",
    },
)
PATHS = Hints(
    (
        "Four stops each, ESTABLISHED and the last one included.",
        "A side changes its state when it sends a FIN, when its FIN is acknowledged, and when the other's FIN arrives.",
    ),
    "How a connection opens, worked in the same way. The caller: CLOSED; it sends a SYN, now SYN_SENT; the answer is"
    " here, now ESTABLISHED. The other side: LISTEN; a SYN is here and it has answered, now SYN_RECV; the ACK is here,"
    " now ESTABLISHED. Each stop is left by one event: something sent, or something arrived.",
    {
        UNSEEN: "The close has not happened yet on port 7000. Guess first, then run the experiment below.",
        "TIME_WAIT begins when the FIN is sent": (
            "Look at the first table of the experiment: the FIN is under way, and which state has its sender?"
        ),
        "active and passive closer swapped": "The server says FIN first here. Which list of yours begins with that?",
        "close() closes at once": "What has the kernel sent at that point that is not acknowledged yet?",
        "both sides pass through TIME_WAIT": (
            "TIME_WAIT is for who sent the last ACK and cannot know whether it came. Which side is that?"
        ),
    },
)
HIDDEN_NUMBERS = Hints(
    (
        "The lines that you can see tell how many bytes each side has sent. A SYN counts as one, number 0.",
        "An ACK is the number of the next byte that is waited for. A FIN takes a number as a byte would.",
    ),
    "Another one: 10 bytes asked, 20 answered, and the *client* closes first. The SYN is 0, so the question takes 1 to"
    " 10, and its ACK says 11. The answer begins at the server's 1 and takes 1 to 20; the client's FIN has seq 11, for"
    " 10 was its last byte; and the ACK of that FIN says 12. The server's own FIN would have seq 21.",
    {
        UNSEEN: "What is asked of you are other sizes now: run the cell with the conversation again, then this one.",
        "an ACK names the last byte": "Who has read up to byte 5 says 6: what it waits for, not what it has.",
        "both sides share one count": "Two rows of numbers, one for each side, and both begin with a SYN that is 0.",
        "the SYN takes no number": "If the SYN is number 0, which number has the first byte behind it?",
        "a FIN takes no number": "If a FIN took none, an ACK of it could not be told from an ACK of what came before.",
    },
)
FOUR_FROM_THE_CLIENT = Hints(
    (
        "Who calls close() first is who sends the first FIN.",
        "The ACK that the second FIN must not take along is sent within 40 ms. What could the cell wait for?",
    ),
    "The cell before, read as a recipe: the server says “bye” (3 bytes) and closes; its FIN is number 4, so the"
    " client's ACK of it is 5; the cell waits until a segment with that ack is the last in the record, and only then"
    " closes the client. Without the wait: FIN, FIN with ACK, ACK: three. For other roles, work out which number the"
    " first FIN has, and whose ACK names the one behind it.",
    {
        UNTOUCHED: "Begin with `connection(…)` and the port that was drawn for you. Then think about who closes first.",
        UNSEEN: "Begin with `connection(…)` and the port that was drawn for you. Then think about who closes first.",
        "the server always closes": "The server's FIN is first in the record. Which of your two `close()` runs first?",
        "a close always takes four": (
            "ACK and FIN have travelled as one. Between the two `close()` something has to cross: wait for it."
        ),
        "one close() closes both directions": "Count the FINs: one is there. The other side has its own to send.",
    },
)
