"""What came of trying a learner's connection pool."""

from dataclasses import dataclass

REQUESTS = 5
"""How many requests the first scene sends, one after the other."""


@dataclass(frozen=True, slots=True)
class PoolTrial:
    """Four scenes played with a pool, each on a port of its own, `port` and the three after it.

    A connection is told by its number: 1 is the first that the scene's pool opened.

    Args:
        in_turn: scene 1: on which connection each request went, one request after the other
        at_once: scene 2: the same for two requests at the same time, and then for two more
        waited: whether the second of two callers got nothing until the first had given its connection back
        after_fins: scene 3: on which connection a request was answered, after the server had closed two idle ones;
            0 where it was not answered
        dead_open: how many of those two the client still holds
        after_break: scene 4: "its own" or "another's": the answer that the next caller got, after a request that was
            given up with half of its answer read
        broken_open: whether the client still holds that connection
        error: what the pool raised, and in which scene; empty for nothing
    """

    port: int
    in_turn: tuple[int, ...] = ()
    at_once: tuple[int, ...] = ()
    waited: bool = False
    after_fins: int = 0
    dead_open: int = 0
    after_break: str = ""
    broken_open: bool = False
    error: str = ""
