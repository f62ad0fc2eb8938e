"""The command ``jiujinan``, called from a test that has an event loop already."""

import asyncio
import base64
from collections.abc import Mapping

from click.testing import CliRunner, Result

from jiujinan.cli import main
from services.chassis.settings import Settings


async def jiujinan(*arguments: str, **environment: str) -> Result:
    """Call the command as in a shell. It brings an event loop of its own, so it gets a thread, too."""
    return await asyncio.to_thread(CliRunner().invoke, main, arguments, env=environment)


def environment_of(settings: Settings, database: str) -> Mapping[str, str]:
    """The variables that give these settings; ``database`` names the one with the service's address."""
    return {
        database: settings.database_url,
        "KEYRING_URL": settings.keyring_url,
        "KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "KAFKA_IDEMPOTENCE": str(settings.kafka_idempotence),
        "KAFKA_SESSION_SECONDS": str(settings.kafka_session_seconds),
        "KAFKA_AWAY_SECONDS": str(settings.kafka_away_seconds),
        "MASTER_KEY": base64.b64encode(settings.master_keys[0].secret).decode(),
        "PEPPER": base64.b64encode(settings.pepper).decode(),
        "ACCESS_FILE": str(settings.access_file),
        "POLICIES_DIR": str(settings.policies_dir),
    }
