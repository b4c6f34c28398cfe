"""Hints of lab 09."""

from tcplab.checks.hint import UNSEEN, UNTOUCHED, Hints

AFTER_THE_ANSWER = Hints(
    (
        "Where a message says nothing, the version decides: one closes, the other stays. Which is the newer idea?",
        "Where it says something, the word decides. And a server may refuse to stay, by its configuration.",
    ),
    "A sixth: HTTP/1.1, the client says nothing, nginx has `keepalive_requests 1`. The version says: stay. But the"
    " server may count its answers, and one is all that this one gives on a connection: it closes. So: first the"
    " version, then what the client says, then what the server is told to do.",
    {
        UNSEEN: "Guess all five first; the cell below asks twice in one breath.",
        "all of HTTP is persistent": "The version of 1996 has one question for each connection, unless it is asked.",
        "HTTP/1.0 always closes": "An old client that says a word about it is heard. Count the answers.",
        "HTTP/1.1 closes unless asked to stay": "You have seen `curl` ask: did the server close, or did curl?",
        "0 means: for ever": "Zero seconds of patience: how long is that?",
    },
)
SERVERS_TURN = Hints(
    (
        "The client waits 3 s after its second answer. What ends a connection earlier than that, on the server's side?",
        "A limit on idle time, or one on the number of requests: nginx has a directive for each.",
    ),
    "Another client asks five times and waits 20 s. For TIME_WAIT to be the server's, with five answers on one"
    " connection: `keepalive_timeout 10s` is below 20 and far above the pauses between questions. `keepalive_requests"
    " 5` would do as well: after the fifth answer nginx says FIN. With `keepalive_requests 4` the fifth question would"
    " get none.",
    {
        UNTOUCHED: "`asks_twice(…)` takes a line of nginx's configuration. Try it with the line that there is now.",
        UNSEEN: "`asks_twice(…)` takes a line of nginx's configuration. Try it with the line that there is now.",
        "a longer keepalive_timeout closes earlier": "Who must have less patience for the server to close first?",
        "the server closes first only if it closes at once": "Two answers, then the close: not a timeout of 0.",
        "equal is first": "Two clocks of the same length end together. Leave some room.",
    },
)
DEAD_AFTER = Hints(
    (
        "tcp_keepalive_time is the silence before the first probe, tcp_keepalive_intvl what each is given.",
        "Draw the line: silence, then each probe with its time to be answered, the last one's as well. Add up.",
    ),
    "With a silence of 60 s, an interval of 10 s and 3 probes: the first probe leaves at 60, the next at 70 and 80; the"
    " last is given 10 s as well, so it is over at 90. 60 + 3 × 10 = 90. On a socket that has not asked for probes:"
    " nothing is sent, and nothing is ever noticed.",
    {
        "the first probe decides": "One lost probe may be bad luck. How many does the kernel send before it gives up?",
        "probing starts at once": "How long is the silence before anybody asks?",
        "the last probe needs no answer": "At the moment when the last probe leaves, is it lost already?",
        "the kernel probes every connection": "Which option asks for probes? And if nobody has set it?",
    },
)
FOUND_DEAD = Hints(
    (
        "nginx sets the options of a socket where it listens: nginx.org, ngx_http_core_module, listen, so_keepalive.",
        "so_keepalive takes three values, colons between: silence, interval, count. Silence + interval × count ≤ 5.",
    ),
    "For a dead client to be found within 20 s: 5 s of silence, then 3 probes of 5 s each: 5 + 3 × 5 = 20, so `listen"
    " 80 so_keepalive=5s:5s:3;`. With 10s:5s:3 it would be 25. With `so_keepalive=on` the kernel's defaults hold, and"
    " it is two hours.",
    {
        UNTOUCHED: "`falls_silent(configured(line, listen))`: the second argument is what stands behind `listen`.",
        UNSEEN: "`falls_silent(configured(line, listen))`: the second argument is what stands behind `listen`.",
        "keepalive_timeout sends probes": "That line is HTTP's clock. Leave it at 75 s; the probe is the socket's.",
        "so_keepalive=on is enough": "On, with which clock? Three numbers can stand in the place of `on`.",
        "the interval counts once": "Each probe waits for its own answer. Multiply.",
        "the first probe decides": "Add up silence and all the probes: it has to fit into five seconds.",
    },
)
