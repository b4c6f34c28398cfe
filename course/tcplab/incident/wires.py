"""Outages that lie on a wire: it loses some segments, and always the same kind."""

from random import Random

from tcplab.incident.kind import Kind, Wrong
from tcplab.incident.proxies import longer_reads
from tcplab.incident.service import Service


def _front(service: Service, draw: Random) -> None:
    del draw
    service.drop("front", flags="A", source=service.bed.client, payload_bytes=0)


def _back(service: Service, draw: Random) -> None:
    del draw
    service.drop("back", flags="A", source=service.bed.proxy, payload_bytes=0)


KINDS = (
    Kind(
        "lost on the front",
        ("front",),
        "segments lost",
        "catalogues",
        frozenset({"front"}),
        _front,
        lambda service: service.replace("front"),
        (
            Wrong(lambda service: service.replace("back"), "other cable"),
            Wrong(lambda service: service.restart("shop.py"), "A restart"),
        ),
    ),
    Kind(
        "lost on the back",
        ("back",),
        "segments lost",
        "catalogues",
        frozenset({"back"}),
        _back,
        lambda service: service.replace("back"),
        (
            Wrong(lambda service: service.replace("front"), "other cable"),
            Wrong(longer_reads, "not late"),
        ),
    ),
)
