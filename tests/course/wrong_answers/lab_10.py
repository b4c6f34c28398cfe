"""What learners of lab 10 might write, and what they must be told."""

from dataclasses import replace

from exercises import OPEN, Tries, Try, on_port
from tcplab.model.segment import Segment
from tcplab.model.site_trial import SiteTrial

AUDITED = {"short_by": 3, "off_whole": 2_160_000, "on_whole": 2_160_000, "yours": 4}

ONE = OPEN + "client > PA 80\nserver > PA 188\n"
MORE = ONE + "client > PA 80\nserver > PA 188\n"


def from_port(port: int, segments: list[Segment]) -> list[Segment]:
    """The same connection, from another port of the client's."""

    def moved(segment: Segment) -> Segment:
        side = "source" if segment.from_host == "client" else "destination"
        return replace(segment, **{side: replace(getattr(segment, side), port=port)})

    return [moved(segment) for segment in segments]


SEEN = [
    segment
    for port in (80, 8080)
    for client_port, text in ((40000, ONE), (40001, MORE))
    for segment in from_port(client_port, on_port(port, text))
]
TRIPS = {"front_off": 2, "front_k": 1, "back_off": 2, "back_pool": 1}

UPSTREAM = "upstream backend {\n    server  198.51.100.2:8080;\n    keepalive  8;\n}\n"
LOCATION = """server {
    listen  80;
    location / {
        proxy_pass  http://backend;
        proxy_http_version  1.1;
        proxy_set_header    Connection  "";
    }
}
"""
REUSED = SiteTrial(400, 400, 1)
NOT_REUSED = SiteTrial(400, 400, 400)


def site(text: str) -> dict[str, bytes]:
    """The file, as the learner wrote it."""
    return {"site.conf": text.encode()}


def refused(reason: str, says: str, text: str = UPSTREAM + LOCATION) -> Try:
    """A file that nginx does not take."""
    return Try(SiteTrial(400, 400, 400, reason), says, files=site(text))


def no_use(text: str, says: str, *, old: str = "", new: str = "") -> Try:
    """A file that nginx takes, and that changes nothing."""
    return Try(NOT_REUSED, says, files=site(text.replace(old, new) if old else text))


WHOLE = UPSTREAM + LOCATION
TRIES = {
    "audited": Tries(
        solved=Try(AUDITED, "216 bytes a request"),
        varied=lambda drawn: Try({**AUDITED, "yours": (520_000 - drawn.html) / 20}, "216 bytes a request"),
        wrong=(
            Try({**AUDITED, "short_by": 30}, "And one of them"),
            Try({**AUDITED, "short_by": -39}, "And one of them"),
            Try({**AUDITED, "short_by": 52}, "Not a whole body"),
            Try({**AUDITED, "short_by": 49}, "By how much"),
            Try({**AUDITED, "short_by": 1}, "over how many that failed"),
            Try({**AUDITED, "off_whole": 2_159_970}, "off_whole: that is with the short bodies"),
            Try({**AUDITED, "on_whole": 2_159_922}, "Which way"),
            Try({**AUDITED, "on_whole": 2_159_974}, "one byte for each"),
            Try({**AUDITED, "on_whole": 520_000}, "Headers travel as well"),
            Try({**AUDITED, "on_whole": 2_160_001}, "begin with Total transferred, 2,159,961"),
            Try({**AUDITED, "yours": 80}, "yours: That is what all"),
            Try({**AUDITED, "yours": 3}, "So it was in the blog"),
            Try({**AUDITED, "yours": 48}, "yours: So long is such a body"),
            Try({**AUDITED, "yours": 8}, "over how many that failed"),
            Try({**AUDITED, "on_whole": float("nan")}, "write a number"),
            Try({**AUDITED, "short_by": "3 bytes"}, "write a number"),
            Try({**AUDITED, "short_by": True}, "write a number"),
            Try(2_160_000, "Four numbers"),
        ),
    ),
    "round_trips": Tries(
        solved=Try(TRIPS, "One to open, one to ask", SEEN),
        untouched=SEEN,
        wrong=(
            Try({**TRIPS, "front_off": 1}, "before ab may ask"),
            Try({**TRIPS, "front_off": 4}, "Nobody waits for a FIN"),
            Try({**TRIPS, "front_k": 2}, "front_k: it needs no second handshake"),
            Try({**TRIPS, "back_off": 1}, "ab waits for nginx"),
            Try({**TRIPS, "back_pool": 2}, "back_pool: it needs no second handshake"),
            Try({**TRIPS, "back_pool": 0}, "the answer back"),
            Try({**TRIPS, "front_off": 1.5}, "a whole number"),
            Try({"front_off": 2}, "each of the four"),
            Try(2, "each of the four"),
        ),
    ),
    "pooled": Tries(
        solved=Try(REUSED, "one connection to the backend", files=site(WHOLE)),
        unseen=(Try(NOT_REUSED, "", files=site("upstream backend {\n    ...  # your turn\n}\n" + LOCATION)),),
        also=(
            Try(SiteTrial(400, 400, 20), "20 connections to the backend"),
            Try(REUSED, "one connection", files={"site.conf": WHOLE.encode() + "# für alle".encode("latin-1")}),
        ),
        wrong=(
            refused('"keepalive" directive is not allowed here in site.conf:9', "belongs to upstream{}"),
            refused('invalid value "0" in "keepalive" directive in site.conf:3', "a pool for no connection"),
            refused('unknown directive "keepaliv" in site.conf:3', "says in which line"),
            refused('unexpected "}" in site.conf:4', "end with a semicolon", "upstream backend {\n server x\n}"),
            refused('unexpected "}" in site.conf:3', "end with a semicolon", WHOLE.replace("8;", "8")),
            refused(
                'invalid number of arguments in "proxy_http_version" directive in site.conf:8',
                "end with a semicolon",
                WHOLE.replace("1.1;", "1.1"),
            ),
            refused(
                'directive "keepalive" is not terminated by ";" in site.conf:4',
                "end with a semicolon",
                WHOLE.replace("8;", "8"),
            ),
            refused(
                'host not found in upstream "backnd" in site.conf:7',
                "no upstream{} bears",
                WHOLE.replace('Connection  "";', 'Connection\n        "";'),
            ),
            refused('unexpected "}" in site.conf:11', "have its }", WHOLE + "}\n"),
            refused('"proxy_http_version" directive is not allowed here in site.conf:3', "beside proxy_pass"),
            refused('host not found in upstream "backnd" in site.conf:7', "a name that no upstream{} bears"),
            Try(SiteTrial(400, 0, 2), "the name `backend` is a host's", files=site(LOCATION)),
            Try(SiteTrial(400, 0, 0), "with curl -v", files=site(WHOLE)),
            Try(SiteTrial(400, 400, 0), "has asked nobody", files=site("server { listen 80; return 200 hello; }")),
            Try(SiteTrial(400, 400, 200), "given up soon", files=site(WHOLE.replace("8;", "8; keepalive_requests 2;"))),
            no_use(
                WHOLE,
                "So the blog has it",
                old="    keepalive  8;\n}\nserver {",
                new="}\nserver { keepalive_timeout 10;",
            ),
            no_use(WHOLE, "how long a connection may rest", old="keepalive  8", new="keepalive_timeout 60s"),
            no_use(WHOLE, "nowhere to keep it", old="    keepalive  8;\n"),
            no_use(WHOLE, "nowhere to keep it", old="keepalive  8;", new="# keepalive  8;"),
            no_use(WHOLE, "keeps none", old="keepalive  8", new="keepalive  0"),
            no_use(WHOLE, "may rest for 0 s", old="keepalive  8;", new="keepalive  8; keepalive_timeout 0;"),
            no_use(WHOLE, "is the fourth", old="keepalive  8;", new="keepalive  8; keepalive_requests 1;"),
            no_use(WHOLE, "by which HTTP", old="proxy_http_version  1.1;"),
            no_use(WHOLE, "by which HTTP", old="proxy_http_version  1.1;", new="# proxy_http_version  1.1;"),
            no_use(WHOLE, "Who clears that line", old='proxy_set_header    Connection  "";'),
            no_use(WHOLE, "it names an address", old="http://backend", new="http://198.51.100.2:8080"),
            no_use(LOCATION, "it names an address", old="http://backend", new="http://198.51.100.2:8080"),
            Try("done", "Let it be tried", files=site(WHOLE)),
        ),
    ),
}
