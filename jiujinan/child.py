"""A server process of ours: its own session, its own log file, and no life after ours where Linux can see to it."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

_GLANCE = 0.05


class ServerFailed(Exception):
    """A server did not start, or its directory cannot be used; the message is for the operator, in Chinese."""


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged user and group that a server runs as when we are root."""

    uid: int
    gid: int


class Identity(TypedDict):
    """An account in the words of the subprocess module."""

    user: int | None
    group: int | None
    extra_groups: tuple[int, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run, where, and as whom.

    `farewell` is the signal that asks the program to end in order; it is also the one that the kernel sends it when
    we die. The program sees `environment` and PATH, nothing else of ours.
    """

    name: str
    argv: tuple[str, ...]
    directory: Path
    log: Path
    account: Account | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    farewell: signal.Signals = signal.SIGTERM


class Child:
    """A running `Program`.

    It has a session of its own, so that Ctrl-C in a terminal reaches only us and we end the servers in order. The
    kernel's parent-death signal is set by `setpriv` (util-linux), which every Debian and Red Hat has; it counts as the
    parent's death when the starting *thread* ends. Where setpriv is missing, a parent killed by -9 leaves it running.
    """

    def __init__(self, program: Program) -> None:
        """Start the program at once; its output is appended to its log."""
        self._program = program
        log = _opened(program.log, program.account)
        try:
            self._process = subprocess.Popen(
                (*_dying_with_us(program.farewell), *program.argv),
                cwd=program.directory,
                env={"PATH": os.environ.get("PATH", os.defpath), **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **identity(program.account),
            )
        finally:
            os.close(log)

    @property
    def pid(self) -> int:
        """The process id of the program itself."""
        return self._process.pid

    async def ready(self, probe: Callable[[], Awaitable[bool]], patience: float) -> None:
        """Return once the probe answers yes; otherwise end the child and raise ServerFailed.

        patience: seconds after which a program that still runs but does not answer has failed.
        """
        try:
            async with asyncio.timeout(patience):
                while self._process.poll() is None:
                    if await probe():
                        return
                    await asyncio.sleep(_GLANCE)
            outcome = f"以状态 {self._process.returncode} 退出"
        except TimeoutError:
            outcome = f"{patience:.0f} 秒内没有就绪"
        except BaseException:
            await self.kill()
            raise
        await self.kill()
        raise ServerFailed(f"{self._program.name}没有启动成功:{outcome}。日志 {self._program.log}:\n{self._tail()}")

    async def stop(self, patience: float) -> None:
        """Ask the program to end, wait `patience` seconds for it, then kill it."""
        self._process.send_signal(self._program.farewell)
        try:
            await asyncio.to_thread(self._process.wait, patience)
        except subprocess.TimeoutExpired:
            await self.kill()

    async def kill(self) -> None:
        """End the program as a power cut would, and reap it."""
        self._process.kill()
        await asyncio.to_thread(self._process.wait)

    def _tail(self, lines: int = 12) -> str:
        return "\n".join(self._program.log.read_text(errors="replace").splitlines()[-lines:])


def identity(account: Account | None) -> Identity:
    """The arguments of subprocess that change user; None stays who we are."""
    if account is None:
        return Identity(user=None, group=None, extra_groups=None)
    return Identity(user=account.uid, group=account.gid, extra_groups=())


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _opened(log: Path, account: Account | None) -> int:
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if account is not None:
        os.fchown(descriptor, account.uid, account.gid)
    return descriptor


def _dying_with_us(farewell: signal.Signals) -> tuple[str, ...]:
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", farewell.name.removeprefix("SIG"), "--") if setpriv else ()
