"""Hints of lab 03."""

from tcplab.checks.hint import UNSEEN, Hints

NEXT_GAP = Hints(
    (
        "Leave the first gap out. What turns the second into the third, and the third into the fourth?",
        "Each time that nobody answers, the kernel becomes more patient, always by the same factor. Find it.",
    ),
    "A SYN that nobody answers, on Linux: sent at 0 s, again at 1, 3, 7 and 15 s. The gaps are 1, 2, 4, 8. Each one"
    " divided by the one before: 2, 2, 2. So the next gap is 8 × 2 = 16, and the next SYN leaves at 31 s.",
    {
        UNSEEN: "There are no gaps in the record yet: run the cell that loses the ACK again and again.",
        "a constant interval": "Were it constant, all arrows of the picture would be as far apart. Are they?",
        "no backoff": "The last gap was twice another one. Which? And what does the next have to be, then?",
        "milliseconds for seconds": "The picture's axis is in seconds.",
    },
)
LOST_TWICE = Hints(
    (
        "Who closes first sends the last ACK. So whose ACKs must the rule drop, and how many?",
        "Close, wait for FIN_WAIT2 on that side, then make the rule, then close the other side, then wait.",
    ),
    "To lose a *SYN-ACK* once, one asks the same questions. Who sends it? The server: `source=bed.server`. Which"
    ' letters? `flags="SA"`. How many? `first=1`. From when on? Before connect() is called. Until when? The SYN comes'
    " again after a second, and the second SYN-ACK gets through: leave the rule when the connection is open.",
    {
        UNSEEN: "Nobody has come to your port yet. Open a connection there, and let the client close first.",
        "the server always closes": "Exchange the roles: the first `close()` is the one of the client's socket.",
        "the rule came too late": "When the second side closes, its FIN is answered at once. The rule must be there.",
        "either ACK is the last ACK": (
            "The first ACK of a close answers the first FIN. Let it cross before the rule begins: wait for FIN_WAIT2."
        ),
        "a lost FIN is a lost ACK": 'The rule takes FINs. `flags="A"` is exact: an ACK and nothing else.',
    },
)
AFTERWARDS = Hints(
    (
        "Each of the three has a table above it, taken after the last segment had arrived. Read the client's line.",
        "A socket leaves LAST_ACK when something arrives that ends it. In which of the three did nothing arrive?",
    ),
    "A fourth experiment: the last ACK is lost once, the server is *unplugged* for good a moment later. The client,"
    " closing second, says FIN again and again, and hears neither ACK nor RST. So nothing ends its state: LAST_ACK,"
    " until its kernel gives up after some fifteen repeats. What counts is what *arrives*, not what was sent.",
    {
        UNSEEN: "All three experiments have to be run first: ports 80, 83 and 86.",
        "a RST leaves the peer in LAST_ACK": "What does a kernel keep of a connection for which a RST has arrived?",
        "a sent RST has arrived": "Look at the fate of that RST in the record.",
        "both sides pass through TIME_WAIT": "TIME_WAIT is for the side that sent the last ACK: the other one.",
    },
)
