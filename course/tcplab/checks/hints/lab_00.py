"""Hints of lab 00."""

from tcplab.checks.hint import UNSEEN, Hints

REFUSED_SEGMENTS = Hints(
    (
        "`before` and the last line of the cell above are counts of the same record.",
        "Take one from the other. The number may surprise you; believe it.",
    ),
    "A door counter shows 212 in the morning and 215 at noon: 3 went in by noon, and the 212 are other people's. If it"
    " shows 212 again in the evening of a holiday, nobody came. That is an answer as good as any other.",
    {
        UNSEEN: "The wire has no record of a request. Run the two cells with `curl` above, one after the other.",
        "connection refused by the server": (
            "Were it the server's RST, there would be two segments more in the record. Compare the two counts."
        ),
        "a request that was answered": (
            "Your second request came too late to be refused: the first one's minute was over. Run it twice in a row."
        ),
        "the wire's whole record": "The record has everything since the lab began. Only what was added is asked for.",
    },
)
CHANGED_WHERE = Hints(
    (
        "The first line is the client's file, the second the server's; the third compares your machine's.",
        "Which of the three holds the two numbers that someone typed in the second cell of this lab?",
    ),
    "Three flats in one house, one boiler for all, a thermostat in each. Somebody sets one to 25. The thermostat next"
    " door still shows 20, and so does the landlord's: what is shared is the boiler, not the setting. Read each one"
    " before you say whose was turned.",
    {
        "a sysctl of a host is the machine's": (
            "The third line says True or False. What would it say if the machine had been changed as well?"
        ),
        "hosts of a world share their settings": "Read the first two lines aloud: are these the same two numbers?",
    },
)
FROM_THE_SERVER = Hints(
    (
        "A host can do both: `listen` and `connect`. Which one does the client do this time?",
        "Whoever connects needs someone who listens already, on the same port number. Keep both sockets in variables.",
    ),
    "Three hosts a, b and c; b is to be asked by c on port 7. Then `waiting = b.listen(7)` comes first, and"
    " `asking = c.connect(b, 7)` second: the name before the dot acts, the name in brackets is acted upon. With"
    " `c.connect(b, 7)` alone nobody would listen, and b's kernel would answer with RST.",
    {
        UNSEEN: "Two calls are asked for: one host listens, the other connects. The cell above has both.",
        "the client always connects": "You have used the cell above as it is. Which two names must change places?",
        "connect before listen": (
            "A RST means: no listener there at that moment. Is its socket still in a variable when the other connects?"
        ),
    },
)
