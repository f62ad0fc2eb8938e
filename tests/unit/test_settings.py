"""Settings that are more than a word: read into values, and an error that names the variable and nothing else."""

import base64
from ipaddress import ip_network

import pytest

from services.chassis.settings import BadSetting, read_master_keys, read_settings

KEY = base64.b64encode(b"1" * 32).decode()
SECOND = base64.b64encode(b"2" * 32).decode()
NEEDED = {
    **dict.fromkeys(("DATABASE_URL", "KEYRING_URL", "KAFKA_BOOTSTRAP"), "x"),
    **dict.fromkeys(("MASTER_KEY", "PEPPER"), KEY),
    **dict.fromkeys(("ACCESS_FILE", "POLICIES_DIR"), __file__),
}


def test_the_master_key_that_wraps_comes_first_and_others_still_unwrap() -> None:
    keys = read_master_keys({"MASTER_KEY": SECOND, "MASTER_KEY_ID": "2027", "OTHER_MASTER_KEYS": f" m1:{KEY} ,"})
    assert [(key.id, key.secret) for key in keys] == [("2027", b"2" * 32), ("m1", b"1" * 32)]


def test_networks_and_hosts_that_callbacks_may_reach() -> None:
    settings = read_settings("intake", NEEDED | {"CALLBACK_MAY_REACH": "10.8.0.0/16, Hotline.gov.internal,::1"})
    assert settings.callback_may_reach == (ip_network("10.8.0.0/16"), "hotline.gov.internal", ip_network("::1"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTHER_MASTER_KEYS", f"m1:{SECOND}"),
        ("OTHER_MASTER_KEYS", SECOND),
        ("OTHER_MASTER_KEYS", "m2:short"),
        ("MASTER_KEY_ID", "two words"),
        ("CALLBACK_MAY_REACH", "10.8.0.1/16"),
        ("CALLBACK_MAY_REACH", "300.1.1.1"),
        ("CALLBACK_MAY_REACH", "https://hotline.example"),
        ("KAFKA_SESSION_SECONDS", "0"),
        ("KAFKA_AWAY_SECONDS", "0"),
        ("KAFKA_AWAY_SECONDS", "nan"),
        ("KAFKA_AWAY_SECONDS", "soon"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name) as refused:
        read_settings("intake", NEEDED | {name: value})
    assert value not in str(refused.value)
