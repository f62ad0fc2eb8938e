"""Whether the place and the ports that an embedded installation wants are in use by another one."""

import fcntl
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from jiujinan.child import ServerFailed

_OFFSETS = (1, 2, 3, 4)
"""Behind the base: the three services, and the demonstration's hotline."""


@contextmanager
def claimed(data: Path) -> Generator[None, None, None]:
    """Hold a data directory for the length of a block; the kernel lets go of it however we end.

    Raises ``ServerFailed`` where another process holds it.
    """
    descriptor = os.open(data / "in-use", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock(descriptor, data)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, data: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ServerFailed(
            f"数据目录 {data} 正由另一个 jiujinan 使用:"
            "请先在它的终端按 Ctrl-C,或者用 --data 另选目录、--port-base 另选端口。"
        ) from None


def must_be_free(port_base: int) -> None:
    """Raise ``ServerFailed`` where somebody listens on a port that we are to listen on."""
    for port in (port_base + offset for offset in _OFFSETS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise ServerFailed(
                    f"端口 {port} 已被占用:请停止占用它的程序,或者用 --port-base 另选,例如 --port-base 9000。"
                ) from None
