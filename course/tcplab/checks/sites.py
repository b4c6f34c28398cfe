"""A configuration that is to reuse its upstream connections, judged by how many were opened."""

import re

from tcplab.checks.exercise import not_attempted, not_yet, passed
from tcplab.model.evidence import Verdict
from tcplab.model.site_trial import SiteTrial


def judged_site(trial: object, text: str) -> Verdict:
    """Judge a trial of a configuration.

    Args:
        trial: what came of it; `...` says: not attempted
        text: the file as the learner wrote it; what it did is judged, its words only name the idea behind it
    """
    if trial is ... or re.search(r"^\s*\.\.\.", text, re.MULTILINE):
        return not_attempted()
    if not isinstance(trial, SiteTrial):
        return not_yet("Let it be tried: tried(…) returns what came of it.", expected="a trial", got=f"{trial!r}")
    plain = re.sub(r"#.*", "", text)
    got = f"{trial.requests:,} requests, {trial.answered:,} answered, {trial.opened:,} connections to the backend"
    if trial.refused:
        message, misconception = _refused(trial.refused, plain)
        return not_yet(message, expected="a file that nginx takes", got=trial.refused, misconception=misconception)
    if trial.answered < trial.requests:
        message, misconception = _unanswered(plain)
        return not_yet(message, expected="every request answered", got=got, misconception=misconception)
    if not trial.opened:
        return not_yet(
            "All answered, and the proxy has asked nobody. The answers are to be the backend's.",
            expected="the backend's answers",
            got=got,
            misconception="the proxy answers by itself",
        )
    if trial.each_opens <= 0.05:
        each = "one connection" if trial.opened == 1 else f"{trial.opened:,} connections"
        return passed(
            f"{trial.requests:,} requests, {each} to the backend. It is the count that says so, not the file."
        )
    message, misconception = _not_reused(trial, plain)
    return not_yet(message, expected="a connection for many requests", got=got, misconception=misconception)


def _refused(said: str, text: str) -> tuple[str, str]:
    on = " Meanwhile the proxy serves on with the configuration that it had."
    if '"keepalive" directive is not allowed here' in said:
        return "The pool belongs to upstream{}, beside the servers that it is for." + on, "the pool is the location's"
    if 'invalid value "0" in "keepalive"' in said:
        return "0 would be a pool for no connection. nginx wants to know how many." + on, "0 means without a limit"
    if _unended(text) and ("unexpected" in said or "number of arguments" in said or "terminated" in said):
        return "nginx names the line where it noticed. Does each line end with a semicolon?" + on, "a line needs no end"
    if "unexpected" in said:
        return "nginx names the line where it noticed. Does each { have its }?" + on, ""
    if "is not allowed here" in said:
        return (
            "How to ask belongs to the location, beside proxy_pass; the pool is the other block's." + on,
            "a line works wherever it stands",
        )
    if "host not found in upstream" in said:
        return "proxy_pass asks for a name that no upstream{} bears, and no host." + on, "a name is a comment"
    return "nginx does not take the file, and says in which line." + on, ""


def _unanswered(text: str) -> tuple[str, str]:
    if not _blocks(text, "upstream"):
        return (
            "Without upstream{} the name `backend` is a host's, and http:// means its port 80. Nobody listens there.",
            "the upstream block is a decoration",
        )
    return "Ask the proxy yourself, with curl -v, while it runs; its error.log says whom it did not reach.", ""


def _not_reused(trial: SiteTrial, text: str) -> tuple[str, str]:
    pools = "\n".join(_blocks(text, "upstream"))
    size = re.search(r"\bkeepalive\s+(\d+)", pools)
    if trial.opened < trial.requests:
        return (
            "Reused, and given up soon. What ends a connection after so few requests?",
            "a connection is good for a few requests",
        )
    if not pools or not re.search(r"\bproxy_pass\s+http://[A-Za-z_]", text):
        return "proxy_pass goes past your upstream: it names an address. A pool belongs to a name.", "any address pools"
    if size is None and "keepalive_timeout" in pools:
        return "You said how long a connection may rest. Not that any shall be kept.", "a timeout makes a pool"
    if size is None and "keepalive_timeout" in text:
        return (
            "So the blog has it. keepalive_timeout in a location is a clock for *clients*: you have counted that.",
            "keepalive_timeout is the upstream's",
        )
    if size is None:
        return "HTTP lets a connection live now, and nginx has nowhere to keep it.", "HTTP/1.1 is enough"
    if int(size[1]) == 0:
        return "A pool for no connection keeps none.", "0 means without a limit"
    if not re.search(r"\bproxy_http_version\s+1\.1", text):
        return "There is a pool, and nothing gets into it: by which HTTP does nginx ask?", "the pool is enough"
    if re.search(r"\bkeepalive_timeout\s+0", pools):
        return "There is a pool, and in it a connection may rest for 0 s. So none does.", "0 means without a limit"
    if re.search(r"\bproxy_set_header\s+Connection\s+(\"\"|'')", text):
        return "All three lines are there, and something ends each connection. Which line of yours is the fourth?", ""
    return (
        "There is a pool, by HTTP/1.1, and each request still says `Connection: close`. Who clears that line?",
        "HTTP/1.1 is enough for the header",
    )


def _unended(text: str) -> bool:
    """Whether a line lacks its semicolon: nginx notices only when it meets the next word or brace."""
    return any(line and line[-1] not in ";{}" for line in map(str.strip, text.splitlines()))


def _blocks(text: str, name: str) -> list[str]:
    return re.findall(rf"\b{name}\s+\S+\s*\{{([^}}]*)\}}", text)
