"""Hints of lab 13."""

from tcplab.checks.hint import UNTOUCHED, Hints

_FORBIDDEN = "That makes the numbers look well and takes a safeguard away. Put it back: what do the requests lack?"

FIRST_NIGHT = Hints(
    (
        "The pool belongs to a name, the one after `upstream`. Where in proxy.conf is that name spoken?",
        "proxy_pass names an address. What is behind `http://` decides whether a pool is asked for a connection.",
    ),
    "Another night: pages fail with 502, the *backend* opens a connection to a database for each page and is out of"
    " ports. Symptom on the proxy, cause one host further: its `ss -tan` shows hundreds in TIME_WAIT towards the"
    " database. The driver has a pool, and the page calls `connect()` past it. Diagnosis: side backend, mechanism “no"
    " pool”; repair: use the pool. Whose ports run out, and to whom do they lead?",
    {
        UNTOUCHED: "Be the user once, by hand, then count: connections from the proxy for each page.",
        "too many TIME_WAITs": "Are they in the way of anybody? On the side that is connected *to* they take no port.",
        "FIN_WAIT2 too long": "Nobody waits for these. Which connect() fails, and on which host?",
        "more ports are always to be had": "The house's firewall knows which ports are allowed. Do with fewer.",
        "fewer TIME_WAITs are better": _FORBIDDEN,
        "without a pool there is no race": "Keep the pool, and let it be used.",
    },
)
SECOND_NIGHT = Hints(
    (
        "Two clocks run on a connection that rests. Find both numbers: one in shop.py, one in proxy.conf.",
        "The one who is asked must be the more patient. Change one of the two, and start again what reads it.",
    ),
    "Another night, between a program and its database: the pool keeps a line for 600 s, the database closes after 300."
    " Whoever asks between 300 and 600 meets a FIN on its way. The database is asked, so it must wait longer: 900 there"
    " or 200 in the pool; either will do. Then start again whoever reads that number.",
    {
        UNTOUCHED: "The first order after a quiet spell fails: what rests, for how long, on each side?",
        "a retry mends a race": "An order that is sent twice may be booked twice. Let it not fail in the first place.",
        "SO_LINGER 0 is the cure": "A RST throws away what is on its way. Change who waits for how long.",
        "without a pool there is no race": "True, and the pool is wanted. Two numbers have to be in the right order.",
    },
)
THIRD_NIGHT = Hints(
    (
        "Take one complaint at a time. Each leads to another look: one to a counter, one to a wire.",
        "On the proxy, compare tcp_max_tw_buckets with the other hosts'. On the wires, look at each segment's fate.",
    ),
    "Another pair: sign-ups fail at once, and reports stop after 14,480 bytes. Sign-ups first: `connection refused`, so"
    " look who listens: nobody. Reports next: ten segments, and no ACK behind them, so look at the wires: ACKs of one"
    " direction are dropped. Two complaints, two places, two repairs, and after each the complaint of that one alone is"
    " answered.",
    {
        UNTOUCHED: "Two complaints: write under each on which host, or wire, it is first to be seen.",
        "too many TIME_WAITs": "Too *few* may be a sign, as well. Which counter moves when one is destroyed?",
        "fewer TIME_WAITs are better": _FORBIDDEN,
    },
)
YOUR_NIGHT = Hints(
    (
        "Be the user who complains, once, by hand. Who gave the answer? Go to that host, and read its log.",
        "Compare with good days: sysctl of this host against the others', ss -tln, ss -tan, and the files as they are.",
    ),
    "A night worked to its end: “uploads hang”. By hand: small ones work, large ones stop. nginx's log: nothing. `ss"
    " -tan` on the backend: bytes in Recv-Q that nobody reads. So a program there: `py-spy` or its log says it waits"
    " for a lock. Side backend, mechanism “upstream hangs”; the repair is a restart of that one program. Complaint,"
    " host, table, file: always in this order.",
    {
        UNTOUCHED: "Read the report again: who, what, since when, how many at once. Then be that user.",
        "no firewall, no outage": "The rule is wanted. Who lets a line rest for longer than it is remembered?",
        "too many TIME_WAITs": "They are there on good days as well. What is different from good days?",
        "more ports are always to be had": "The house allows no others. Who uses so many, and why?",
    },
)
