"""The JSON Schemas of all facts, compared or written."""

import click

from events import golden
from jiujinan.printing import echo_json, with_json


@click.command()
@click.option("--check", "task", flag_value="check", required=True, help="与代码比对,有不符则以 1 退出。")
@click.option("--write", "task", flag_value="write", help="写出尚未发布的模式。")
@with_json
@click.pass_context
def schemas(ctx: click.Context, task: str, as_json: bool) -> None:
    """各类事实的 JSON Schema:比对,或写出。"""
    if task == "write":
        golden.write()
    complaints = golden.check()
    if as_json:
        echo_json({"complaints": complaints})
    else:
        for complaint in complaints:
            click.echo(complaint)
    ctx.exit(int(bool(complaints)))
