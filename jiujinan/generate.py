"""The generator of synthetic months as a command: one line of JSON for each report, in order of arrival."""

import click

from jiujinan.arrivals import arrivals
from jiujinan.invented import MOST_COUNTIES, divisions


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="同一种子得到同样的内容。")
@click.option("--months", type=click.IntRange(min=1), default=1, show_default=True, help="多少个月,每月三十天。")
@click.option("--counties", type=click.IntRange(1, MOST_COUNTIES), default=1, show_default=True, help="多少个县。")
@click.option("--divisions", "only_divisions", is_flag=True, help="只输出这些县的区划代码表(YAML),供收件服务解析地址。")
def generate(seed: int, months: int, counties: int, only_divisions: bool) -> None:
    """生成虚构的急难报告:每行一份,即各渠道会推送的内容和到达时间。"""
    if only_divisions:
        for code, name in divisions(counties).items():
            click.echo(f'"{code}": {name}')
        return
    for arrival in arrivals(seed, months, counties):
        click.echo(arrival.line())
