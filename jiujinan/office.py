"""Ledger's routes as an officer's tools call them: in the name of a token, each command once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import NAMESPACE_URL, uuid5

import click
import httpx

from jiujinan.printing import echo_json
from services.chassis.clock import SystemClock

_PATIENCE_SECONDS = 120.0
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Office:
    """Ledger behind its address. Raises ``ClickException`` with ledger's own sentence where it refuses."""

    url: str
    token: str

    def get(self, path: str, **asked: Any) -> Any:
        """What ledger answers."""
        return self._got(path, asked).json()

    def fetch(self, path: str, **asked: Any) -> bytes:
        """A file that ledger makes."""
        return self._got(path, asked).content

    def rows(self, path: str, name: str, **asked: Any) -> Iterator[Any]:
        """The rows of a list, page by page to its end."""
        page: str | None = None
        while True:
            told = self.get(path, page=page, **asked)
            yield from told[name]
            page = told["next"]
            if page is None:
                return

    def post(self, path: str, **sent: Any) -> Any:
        """Give a command. Its key is of this very call: what was done before is known to ledger by what it is."""
        return self._sent(path, sent).json()

    def send(self, path: str) -> bytes:
        """Give a command that is answered with a file."""
        return self._sent(path, {}).content

    def _sent(self, path: str, sent: dict[str, Any]) -> httpx.Response:
        key = uuid5(NAMESPACE_URL, f"{path}|{SystemClock().now().isoformat()}")
        headers = self._headers() | {"idempotency-key": str(key)}
        return self._told(httpx.post(self.url + path, headers=headers, timeout=_PATIENCE_SECONDS, **sent))

    def _got(self, path: str, asked: dict[str, Any]) -> httpx.Response:
        given = {name: value for name, value in asked.items() if value is not None}
        return self._told(httpx.get(self.url + path, params=given, headers=self._headers(), timeout=_PATIENCE_SECONDS))

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    def _told(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        raise click.ClickException(answer.json()["detail"])


def with_office(command: Command) -> Command:
    """Give a command ``office``: ledger, reached in the name of a token."""

    @click.option("--api", default="http://127.0.0.1:8003", show_default=True, help="资金服务的地址。")
    @click.option("--token-file", type=FILE, required=True, help="存有访问令牌的文件。")
    @wraps(command)
    def asked(api: str, token_file: Path, **more: Any) -> Any:
        token = token_file.read_text(encoding="utf-8").strip()
        return command(office=Office(api.rstrip("/"), token), **more)

    return cast(Command, asked)


def write_out(out: Path, content: bytes, title: str, as_json: bool) -> None:
    """Write a file that ledger has made, and say so."""
    out.write_bytes(content)
    if as_json:
        echo_json({"file": str(out), "bytes": len(content)})
    else:
        click.echo(f"{title}已写入 {out}")


def say_done(told: Any, as_json: bool) -> None:
    """Say where a command is recorded, or that nothing has changed."""
    if as_json:
        echo_json(told)
    else:
        click.echo(
            f"已办理,记于 {told['division']} 第 {told['position']} 条" if told.get("facts") else "已经如此,没有变化"
        )
