"""What users say of an outage: true, and as they see it."""

from tcplab.model.incident import Served

_KNOWN = {
    "EADDRNOTAVAIL": "“Cannot assign requested address”",
    "ECONNRESET": "“Connection reset by peer”",
    "ECONNREFUSED": "“Connection refused”",
    "timeout": "no answer at all",
    "cut off": "an answer that breaks off",
    "not 2xx": "an error page",
    "broken off": "an answer that breaks off",
    "CLOSE_WAIT": "a connection that stays",
    "500": "error 500",
    "502": "error 502, Bad Gateway",
    "504": "error 504, Gateway Timeout",
}
_SHARES = ((0.0, "none"), (0.3, "some"), (0.7, "about half"), (0.999, "most"), (1.0, "all"))


def complaint(served: Served) -> str:
    """Return what a crowd has to say about how it was served."""
    if served.all_well:
        return f"The {served.who}: no complaint any more."
    faults = " or ".join(_KNOWN.get(what, what) for what in sorted(served.faults))
    failed = served.asked - served.well
    match served.who:
        case "pages":
            return f"Support: people ask for many pages at a time; {share(failed, served.asked)} are {faults}."
        case "rush":
            return (
                f"At nine {served.asked} people come at once. {share(failed, served.asked).capitalize()} get {faults}."
            )
        case "apps":
            first = "the first one gets its page" if served.well == 1 else f"the first {served.well} get their page"
            return f"The app, on {served.asked} phones one after the other: {first}, the others {faults}."
        case "comers":
            return (
                f"The app: 60 phones get their page. Of 60 that come a second later {failed} get {faults}."
                " Who waits a good minute gets in again."
            )
        case "banks":
            return (
                f"The bank: each of {served.asked} answers is whole, and then {share(failed, served.asked)} of the"
                f" connections end with {faults}. Their software takes that for a break-in."
            )
        case "catalogues":
            return (
                f"Sales: of {served.asked} downloads of the catalogue {failed} end in {faults}. Small pages are well."
            )
        case "orders":
            return f"The till: of {served.asked} orders {failed} come back, after a second, with {faults}."
        case "late orders":
            return (
                f"The till: after a quiet spell the first order comes back with {faults}; who tries again gets through."
            )
        case "lunch orders":
            return f"The till: after the lunch break the first order hangs, and comes back with {faults}."
        case _:
            return f"{served.who}: {failed} of {served.asked}: {faults}."


def share(part: int, whole: int) -> str:
    """Return in words how many of them.

    >>> [share(part, 100) for part in (0, 20, 50, 90, 100)]
    ['none', 'some', 'about half', 'most', 'all']
    """
    return next(word for bound, word in _SHARES if part <= bound * whole)
