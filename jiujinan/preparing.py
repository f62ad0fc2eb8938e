"""What must be there before a service starts: the schemas of the databases, and the topics."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import click
from aiokafka.errors import KafkaError  # pyright: ignore[reportMissingTypeStubs]  aiokafka ships no stubs

from events.topics import MAX_MESSAGE_BYTES, RETENTION_MS, TOPICS
from jiujinan.environment import SERVICES, blueprint_of, process_environment
from jiujinan.kafka_admin import TopicFailed, create_topics
from jiujinan.printing import echo_json, with_json
from services.chassis.database import translated
from services.chassis.migrate import migrate as bring_forward
from services.chassis.migrate import migrations
from services.chassis.settings import BadSetting

_AS_THE_BROKER_SAYS = -1


@click.command()
@click.argument("database", type=click.Choice((*SERVICES, "keyring")))
@with_json
def migrate(database: str, as_json: bool) -> None:
    """升级一个数据库,并列出这次执行的步骤。

    以属主 OWNER_URL 连接;DATABASE_URL 的用户即应用角色,由步骤授予权限。两者都可以用 *_FILE 给出。
    """
    environment = process_environment()
    owner, app_role = environment.need("OWNER_URL"), _user(environment.need("DATABASE_URL"))
    with translated():
        taken = asyncio.run(bring_forward(owner, migrations(*_schema(database)), app_role=app_role))
    names = [step.name for step in taken]
    if as_json:
        echo_json({"database": database, "taken": names})
    else:
        click.echo("\n".join(names) or f"{database} 已是最新")


@click.command()
@with_json
def topics(as_json: bool) -> None:
    """在 KAFKA_BOOTSTRAP 上建立尚缺的主题;已有的主题保持原样。"""
    bootstrap = process_environment().need("KAFKA_BOOTSTRAP")
    limits = {"retention_ms": RETENTION_MS, "max_message_bytes": MAX_MESSAGE_BYTES}
    try:
        asyncio.run(create_topics(bootstrap, TOPICS, replication=_AS_THE_BROKER_SAYS, **limits))
    except TopicFailed as failed:
        raise click.ClickException(str(failed)) from None
    except (KafkaError, OSError) as failed:
        raise click.ClickException(f"消息代理不能用:{type(failed).__name__}") from None
    if as_json:
        echo_json({"topics": dict(TOPICS)})
    else:
        click.echo("\n".join(f"{topic}  {partitions} 个分区" for topic, partitions in TOPICS.items()))


def _schema(database: str) -> Sequence[str]:
    return ("services.chassis.migrations.keyring",) if database == "keyring" else blueprint_of(database).schema


def _user(url: str) -> str:
    user = urlsplit(url).username
    if not user:
        raise BadSetting("DATABASE_URL names no user")
    return user
