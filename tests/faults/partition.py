"""A network that is cut: nothing goes through, then the clients give up, then it is whole again."""

from __future__ import annotations

import contextlib
import socket
import threading

from proxy import Proxy

PATIENCE = 60.0


class Partition(Proxy):
    """A way to the server. The server does not hear that its clients gave up before it is whole: what
    they had begun stays open there so long."""

    def __init__(self, dsn: str) -> None:
        self._whole = threading.Event()
        self._whole.set()
        self._clients: set[socket.socket] = set()
        self.dropped = 0
        super().__init__(dsn)

    def cut(self) -> None:
        self._whole.clear()

    def give_up(self) -> None:
        """What the clients' networks do after some time."""
        for client in list(self._clients):
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def heal(self) -> None:
        self._whole.set()

    def _serve(self, client: socket.socket) -> None:
        if not self._whole.is_set():
            client.close()
            return
        with client, self._server() as server:
            self._clients.add(client)
            back = threading.Thread(target=self._forward, args=(server, client), daemon=True)
            back.start()
            self._forward(client, server)
            self._clients.discard(client)
            self._whole.wait(PATIENCE)
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            back.join(5)

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        """A connection that lost a message carries no later one."""
        lost = False
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                lost = lost or not self._whole.is_set()
                if lost:
                    self.dropped += 1
                else:
                    target.sendall(data)
        if not lost and self._whole.is_set():
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_RDWR)
