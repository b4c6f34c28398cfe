"""Hints of lab 10."""

from tcplab.checks.hint import UNSEEN, UNTOUCHED, Hints

AUDITED = Hints(
    (
        "Bodies first: 10,000 of 52 bytes would be 520,000. What does HTML transferred say, and over how many failed?",
        "Total transferred counts headers and bodies. Add to each run's total what its failed bodies miss together.",
    ),
    "200 parcels of 5 kg should weigh 1,000 kg. The scale says 988, and 6 were marked short: 12 kg over 6 parcels, 2 kg"
    " each. With their boxes all 200 weighed 1,188; had none been short, it would have been 1,188 + 6 × 2 = 1,200.",
    {
        "a total for an average": "That many are missing in all. Over how many bodies?",
        "failed means no answer": "If whole bodies were missing, HTML transferred would be short by hundreds.",
        "length for difference": "That is how long a short body is. The question is what it lacks.",
        "subtracted": "The total is too small already. Put back what is missing.",
        "bodies only": "Headers cross as well: begin with the line that counts everything.",
    },
)
TRIPS = Hints(
    (
        "Draw the segments of one request on the slow wire. When must somebody wait for one to come back?",
        "A new connection: SYN there, SYN and ACK back; then the question there, the answer back. A reused one?",
    ),
    "A telephone call with a delay, to ask one thing. Dialling and “hello” is one there-and-back; question and answer"
    " is another: two. On a line that is open already: one. Hanging up costs nobody any time. If a secretary has to"
    " call on for you, you wait for the secretary's dialling, too.",
    {
        UNSEEN: "Guess first; the cell below measures all four on a wire of 40 ms.",
        "segments for round trips": "Not each segment is waited for. Mark those after which somebody can do nothing.",
        "a connection is free": "Before the question there is a handshake: what must come back before ab may ask?",
        "what the proxy waits for is not waited for": "While nginx opens its connection, what does ab do?",
        "a reused connection costs nothing": "The question still has to go there, and the answer to come back.",
    },
)
POOLED = Hints(
    (
        "`ab -v 4` has shown what nginx tells the backend: which HTTP, and a header. Set both where proxy_pass is.",
        "nginx.org, ngx_http_upstream_module, `keepalive`: its example has one line there, two in location{}.",
    ),
    "A pool towards memcached, in nginx's documentation: `upstream memcached_backend { server 127.0.0.1:11211; server"
    " 10.0.0.2:11211; keepalive 32; }` and `location / { memcached_pass memcached_backend; }`. One line, for memcached"
    " has no version and no header. HTTP has both, and nginx, unless told otherwise, asks by the old one and says that"
    " it will close: so HTTP needs a word about each, where it is said how to ask.",
    {
        UNTOUCHED: "Begin with the place to wait: in upstream{}, beside `server`, how many may rest?",
        "keepalive_timeout is the upstream's": "That line stands where clients are spoken to. The pool is elsewhere.",
        "the pool is enough": "Count the connections: all are closed. By which version of HTTP does nginx ask?",
        "HTTP/1.1 is enough": "HTTP lets it live; upstream{} has no place for it yet.",
        "HTTP/1.1 is enough for the header": "nginx says `Connection: close` unless that header is set to nothing.",
        "any address pools": "proxy_pass must speak the name behind `upstream`, not an address.",
    },
)
