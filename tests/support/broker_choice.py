"""Which broker the suite uses, from the environment and from what the machine has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

BrokerKind = Literal["apache", "embedded", "given"]

ONLY_APACHE = "only Apache Kafka can show this: install Java 17 and Maven, or set KAFKA_BOOTSTRAP"
HOW_TO_INSTALL = "Debian: apt-get install openjdk-17-jre-headless maven"


@dataclass(frozen=True, slots=True)
class BrokerChoice:
    """The broker to use; `fallback` says whether the embedded one may stand in for an Apache Kafka not fetched."""

    kind: BrokerKind
    reason: str
    bootstrap: str = ""
    fallback: bool = False


def choose_broker(environment: Mapping[str, str], missing_tools: Sequence[str]) -> BrokerChoice:
    """A forced choice first, then a broker given, then Apache Kafka where it can be fetched. Raises ValueError."""
    forced = environment.get("JIUJINAN_TEST_BROKER", "")
    given = environment.get("KAFKA_BOOTSTRAP", "")
    match forced:
        case "embedded":
            return BrokerChoice("embedded", "JIUJINAN_TEST_BROKER asks for it")
        case "apache" if missing_tools:
            raise ValueError(f"JIUJINAN_TEST_BROKER=apache needs {' and '.join(missing_tools)}. {HOW_TO_INSTALL}")
        case "apache":
            return BrokerChoice("apache", "JIUJINAN_TEST_BROKER asks for it")
        case "":
            return _unforced(given, missing_tools)
        case _:
            raise ValueError(f"JIUJINAN_TEST_BROKER is apache or embedded, not {forced!r}")


def _unforced(given: str, missing_tools: Sequence[str]) -> BrokerChoice:
    if given:
        return BrokerChoice("given", "KAFKA_BOOTSTRAP", bootstrap=given)
    if missing_tools:
        return BrokerChoice("embedded", f"{' and '.join(missing_tools)} missing")
    return BrokerChoice("apache", "Java and Maven found", fallback=True)
