"""A learner's connection pool, put to the test: four scenes, each with a server that does what the scene needs."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from socket import socket
from typing import Any

from tcplab.model.pool_trial import REQUESTS, PoolTrial
from tcplab.world.host import Host

_PATIENCE_S = 2.0


class _Unusable(Exception):
    """The pool handed out something that is no connection of this scene, or raised."""


class _Waits(_Unusable):
    """The pool did not return."""


class _Scene:
    """One scene: the pool under test, and a server that answers each connection in lockstep."""

    def __init__(self, pool: Callable[..., Any], client: Host, server: Host, port: int) -> None:
        self._client, self._server, self._port = client, server, port
        self.settle = client.settle
        self._listener = server.listen(port)
        self.mine: list[socket] = []
        self.theirs: list[socket] = []
        self._asked = 0
        try:
            self.pool = pool(self.connect)
        except Exception as error:
            self.close()
            raise _Unusable(f"your class raised {type(error).__name__}: {error}") from error

    def connect(self) -> socket:
        """Open a connection, as the pool does."""
        mine = self._client.connect(self._server, self._port, timeout_s=_PATIENCE_S)
        theirs, _ = self._listener.accept()
        for end in (mine, theirs):
            end.settimeout(_PATIENCE_S)
        self.mine.append(mine)
        self.theirs.append(theirs)
        return mine

    def take(self) -> socket:
        """Take a connection from the pool."""
        taken = self._told(self.pool.take)
        if not any(taken is mine for mine in self.mine):
            raise _Unusable(f"take() returned {taken!r:.60}, not a connection")
        assert isinstance(taken, socket)
        return taken

    def give(self, mine: socket, *, well: bool) -> None:
        """Give one back."""
        self._told(self.pool.give, mine, well)

    def _told(self, method: Callable[..., object], *arguments: object) -> object:
        """Call the pool, in a thread of its own: who waits for ever must not stop the notebook."""
        said: list[object] = []

        def call() -> None:
            try:
                said.append(method(*arguments))
            except Exception as error:  # noqa: BLE001 (the learner's code may do anything)
                said.append(_Unusable(f"{method.__name__}() raised {type(error).__name__}: {error}"))

        caller = threading.Thread(target=call, daemon=True)
        caller.start()
        caller.join(_PATIENCE_S)
        if not said:
            raise _Waits(f"{method.__name__}() does not return")
        if isinstance(said[0], _Unusable):
            raise said[0]
        return said[0]

    def number(self, mine: socket) -> int:
        """Tell a connection by its number."""
        return next(at for at, one in enumerate(self.mine, 1) if one is mine)

    def ask(self, mine: socket) -> int:
        """Send a request, let the server answer it, and return the number of the connection.

        Raises:
            OSError: there was no answer, or it was another request's.
        """
        self._asked += 1
        theirs, words = self.theirs[self.number(mine) - 1], b"request %d" % self._asked
        mine.sendall(words)
        if theirs.fileno() == -1:
            raise ConnectionError("the server had closed")
        theirs.sendall(b"answer to " + theirs.recv(64))
        if mine.recv(64) != b"answer to " + words:
            raise ConnectionError("another's answer")
        return self.number(mine)

    def close(self) -> None:
        """End the scene; connections that the pool still holds included."""
        for one in (*self.mine, *self.theirs, self._listener):
            with suppress(OSError):
                one.close()


def tried(pool: Callable[..., Any], client: Host, server: Host, *, port: int) -> PoolTrial | object:
    """Play four scenes with a pool: in turn, two at once, the server closes, a request breaks.

    Args:
        pool: The class: called with a function that opens a connection; take() returns one, give(connection, well)
            takes it back, and `well` is False where a request failed on it.
        client, server: Between which hosts.
        port: The first of four ports, one a scene.

    Returns: What came of it; `...` where take() is still three dots.
    """
    if _is_untouched(pool):
        return ...
    trial = PoolTrial(port)
    for at, play in enumerate((_in_turn, _two_at_once, _server_closes, _one_breaks)):
        try:
            with _scene(pool, client, server, port + at) as scene:
                trial = play(scene, trial)
        except _Unusable as error:
            return replace(trial, error=f"scene {at + 1}: {error}")
        if trial.waited:
            return trial
    return trial


@contextmanager
def _scene(pool: Callable[..., Any], client: Host, server: Host, port: int) -> Iterator[_Scene]:
    scene = _Scene(pool, client, server, port)
    try:
        yield scene
    finally:
        scene.close()


def _is_untouched(pool: Callable[..., Any]) -> bool:
    """Tell whether take() does nothing: neither opens a connection nor returns something."""

    def connect() -> socket:
        raise _Unusable("not yet")

    try:
        return pool(connect).take() is None
    except Exception:  # noqa: BLE001 (whatever it does, it is not three dots)
        return False


def _in_turn(scene: _Scene, trial: PoolTrial) -> PoolTrial:
    used = []
    for _ in range(REQUESTS):
        mine = scene.take()
        used.append(_answered(scene, mine))
        scene.give(mine, well=True)
    return replace(trial, in_turn=tuple(used))


def _answered(scene: _Scene, mine: socket) -> int:
    try:
        return scene.ask(mine)
    except OSError as error:
        raise _Unusable(f"a request on connection {scene.number(mine)} failed: {error}") from error


def _two_at_once(scene: _Scene, trial: PoolTrial) -> PoolTrial:
    first = scene.take()
    try:
        second = scene.take()
    except _Waits:
        return replace(trial, waited=True)
    used = [_answered(scene, first), _answered(scene, second)]
    scene.give(first, well=True)
    if second is not first:
        scene.give(second, well=True)
        used += [scene.number(mine) for mine in (scene.take(), scene.take())]
    return replace(trial, at_once=tuple(used))


def _server_closes(scene: _Scene, trial: PoolTrial) -> PoolTrial:
    idle = scene.take(), scene.take()
    for mine in idle:
        scene.give(mine, well=True)
    for theirs in scene.theirs:
        theirs.close()
    scene.settle()
    mine = scene.take()
    try:
        answered = scene.ask(mine)
    except OSError:
        answered = 0
    return replace(trial, after_fins=answered, dead_open=sum(one.fileno() != -1 for one in idle))


def _one_breaks(scene: _Scene, trial: PoolTrial) -> PoolTrial:
    broken = scene.take()
    theirs = scene.theirs[scene.number(broken) - 1]
    broken.sendall(b"a slow request")
    theirs.recv(64)
    theirs.sendall(b"the first half,")
    broken.recv(64)
    scene.give(broken, well=False)
    mine = scene.take()
    if broken.fileno() != -1:
        theirs.sendall(b" the second half")  # it comes when nobody waits for it any more
    try:
        scene.ask(mine)
    except OSError:
        return replace(trial, after_break="another's", broken_open=broken.fileno() != -1)
    return replace(trial, after_break="its own", broken_open=broken.fileno() != -1)
