"""The demonstration: start everything, play the published cases, show what came of them."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from events.yuan import yuan_of
from jiujinan.api import Answer, Api, Unexpected
from jiujinan.child import ServerFailed
from jiujinan.embedded import Running, data_directory, started
from jiujinan.installation import CALLERS
from jiujinan.player import Player
from jiujinan.progress import Progress
from jiujinan.receiver import CallbackReceiver

_CLOCKS = {"advance_from_report": "自报告", "advance_from_acceptance": "自受理"}
_CAUSES = {"fire": "火灾", "accident": "意外事件", "illness": "突发重大疾病", "other": "其他急难"}
_WIDE = 140
_VERDICTS = {
    "running": "计时中",
    "met": "按时",
    "target_missed": "超出目标",
    "breached": "超时",
    "lapsed": "未救助办结",
}


def run(data: Path | None, port_base: int) -> int:
    """Start, play, and stay up until Ctrl-C. Gives the exit code."""
    return asyncio.run(_main(data, port_base, _until_interrupted))


def demo(data: Path | None, port_base: int) -> int:
    """Start, play, show, and end. Gives the exit code."""
    return asyncio.run(_main(data, port_base, _at_once))


async def _main(data: Path | None, port_base: int, wait: Callable[[Console], Awaitable[None]]) -> int:
    console = _console()
    try:
        async with AsyncExitStack() as stack:
            progress = Progress(console)
            running = await stack.enter_async_context(started(data_directory(data), port_base, progress))
            receiver = CallbackReceiver(running.secrets.webhook, running.callback_port)
            await stack.enter_async_context(receiver)
            client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=30))
            api = Api(client, running.urls, running.secrets)
            await _show(console, api, running, await Player(api, progress, receiver).play())
            await wait(console)
    except (ServerFailed, Unexpected) as failure:
        console.print(f"[red]{failure}[/red]")
        return 1
    return 0


def _console() -> Console:
    """What is not read in a window is not cut to the width of one."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDE
    return console


async def _at_once(console: Console) -> None:
    return


async def _until_interrupted(console: Console) -> None:
    console.print("\n按 Ctrl-C 停止;数据保留在数据目录,下次启动接着用。")
    interrupted = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted.set)
    await interrupted.wait()


async def _show(console: Console, api: Api, running: Running, case_ids: list[str]) -> None:
    cases = [await api.get("relief", f"/v1/cases/{case_id}", "civil-01") for case_id in case_ids]
    console.print(_case_table(cases))
    funds = await api.get("ledger", "/v1/funds", "finance-01")
    console.print(_fund_table(funds["funds"]))
    console.print(_caller_table(running))
    for service, url in running.urls.items():
        console.print(f"  {service:7} {url}/docs   {url}/metrics")


def _case_table(cases: list[Answer]) -> Table:
    table = Table(title="个案", show_lines=False)
    for heading in ("个案编号", "乡镇", "事由", "状态", "自报告", "自受理", "待补手续"):
        table.add_column(heading)
    for case in cases:
        clocks = {clock["name"]: _clock(clock) for clock in case["clocks"]}
        owed = sum(len(debt["missing"]) for debt in case["debts"])
        state = "已办结" if case["closed_at"] else "办理中"
        spans = [clocks.get(name, "") for name in _CLOCKS]
        table.add_row(case["case_id"], case["township"], _CAUSES[case["cause"]], state, *spans, str(owed))
    return table


def _clock(clock: Answer) -> str:
    minutes = clock["elapsed_seconds"] // 60
    return f"{minutes // 60} 小时 {minutes % 60:02d} 分 {_VERDICTS[clock['verdict']]}"


def _fund_table(funds: list[Answer]) -> Table:
    table = Table(title="备用金(元)")
    for heading in ("基金", "账面余额", "已占用", "可用"):
        table.add_column(heading, justify="left" if heading == "基金" else "right")
    for fund in funds:
        amounts = (yuan_of(fund[name]) for name in ("book_fen", "reserved_fen", "available_fen"))
        table.add_row(fund["fund_id"], *amounts)
    return table


def _caller_table(running: Running) -> Table:
    table = Table(title="演示令牌(Authorization: Bearer …)")
    for heading in ("工号", "角色", "令牌"):
        table.add_column(heading)
    for caller in CALLERS:
        table.add_row(caller.staff_id, caller.title, running.secrets.token(caller.staff_id))
    return table
