"""Hints of lab 07."""

from tcplab.checks.hint import UNSEEN, UNTOUCHED, Hints

LEAKING_LINE = Hints(
    (
        "Who connects and closes at once gives recv an empty b''. So what is `file`, and where does serve go?",
        "There are two ways out of serve that you can see. One has a close().",
    ),
    "Another function: `def read(path): file = open(path); if file.read(1) != b'%': raise ValueError; data ="
    " file.read(); file.close(); return data`. Be a file that begins with another letter: opened, read, and out by"
    " `raise`, past the close(). The leak is the line that leaves, not the one that opened, nor the one that closes for"
    " the others.",
    {
        "the line with the error is the line with the bug": (
            "EMFILE is heard where the next one would come in. Look for where the earlier ones did not go out."
        ),
        "holding a socket is the leak": "To hold it is right while somebody is connected. Who ends it, and who not?",
        "the close is the leak": "Who comes to that line is closed. Which visitor does not come to it?",
        "an answer keeps it open": "Those who got an answer have gone in good order. Follow one who got none.",
    },
)
MENDED = Hints(
    (
        "Count the ways out of serve: the end, the return, and one that no line shows. Each needs its close().",
        "recv raises ConnectionResetError for a visitor who hangs up. What runs on every way out, errors included?",
    ),
    "The function with the file, mended: `def read(path): with open(path) as file: ...` and everything else inside. At"
    " the end, at a `return`, at a `raise`, even at an error that nobody foresaw, the block is left, and the file is"
    " closed. `try: … finally: file.close()` says the same in three lines.",
    {
        UNTOUCHED: "Copy `serve` from receipts.py into the cell first, and see what its visitors leave. Then mend it.",
        "shutdown closes": "shutdown() is a word to the peer. Which call gives the descriptor back to the kernel?",
        "SO_LINGER 0 is the cure": "It changes how a close() is done. Here some never come to one.",
        "tcp_fin_timeout ends CLOSE_WAIT": "Which state does tcp_fin_timeout govern? The end of lab 02 has it.",
        "what ss does not list is closed": (
            "ss lists connections. What a program still holds is in /proc/PID/fd: by which way did it leave?"
        ),
        "a timeout ends CLOSE_WAIT": "The FIN is there: no wait can time out. Somebody has to call something.",
    },
)
DEAF_PEER = Hints(
    (
        "A FIN leaves after the last byte. When can a byte not leave, though the peer is well?",
        "Send far more than two buffers hold to a client that does not read; with a time limit, then close.",
    ),
    "A letter box that nobody empties. The postman puts letters in until it is full, keeps the rest in the bag, and"
    " behind them the card that says “this was the last”. He goes off duty; the card still waits in the bag. With a"
    " mail program: SMTP's `QUIT` behind a message of 50 MB to a server that has stopped reading leaves no host.",
    {
        UNSEEN: "Nobody has come to your port yet: `connection(…)`. Then think of what keeps a FIN from leaving.",
        "only a dead peer keeps FIN_WAIT1": "Without any rule: the peer lives and answers. What else stops bytes?",
        "FIN_WAIT1 lasts by itself": "Everything fitted into the buffers. A few kilobytes are too few.",
        "shutdown closes": "The state is right; a program still holds the socket. Which call lets it go?",
    },
)
WHO_ACTS = Hints(
    (
        "Ask what each waits for: a close() on this side, a FIN, an ACK, or the time.",
        "A kernel sends an ACK by itself; a FIN only when its program closes, or ends.",
    ),
    "A sixth: SYN_SENT. It waits for a SYN with an ACK. Who sends that? The peer's kernel, if a program listens there;"
    " no program has to act, for even accept() comes later. So: the peer's kernel. Go the same way for each: what is"
    " missing, and who sends such a thing?",
    {
        UNTOUCHED: "Begin with the one that you know best: TIME_WAIT. Has anybody left to say anything?",
        "CLOSE_WAIT is the peer's fault": "The peer has said FIN. On which side has nobody called close()?",
        "tcp_fin_timeout ends every FIN_WAIT2": "Its program still holds that socket. Had port 5004 a timer?",
        "a kernel closes by itself": "A FIN is missing. Does a kernel send one before its program has closed?",
    },
)
