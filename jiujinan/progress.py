"""What a person sees while something takes its time: one line a step, with how long it took."""

import time
from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """Prints steps as they are done."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._number = 0

    @contextmanager
    def step(self, what: str) -> Generator[None, None, None]:
        """A step; its line is printed when it is done, or says that it failed."""
        self._number += 1
        began = time.monotonic()
        with self.console.status(what):
            try:
                yield
            except BaseException:
                self.console.print(f"[red]✗[/red] {self._number:2d}  {what}")
                raise
        self.console.print(f"[green]✓[/green] {self._number:2d}  {what}  [dim]{time.monotonic() - began:.1f} 秒[/dim]")

    def note(self, what: str) -> None:
        """A line of its own."""
        self.console.print(f"      [dim]{what}[/dim]")
