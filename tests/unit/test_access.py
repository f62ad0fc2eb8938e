"""Who may call is read from a file: what could not work later is refused on the start."""

from pathlib import Path

import pytest
import yaml

from services.chassis.access import load_access
from tests.support.services import ROOT, WEBHOOK_SECRET, access_document


def load(folder: Path, secret: str) -> None:
    document = access_document(("320115",), "https://hotline.example/callback")
    document["systems"][0]["callback"]["secret"] = secret
    file = folder / "access.yaml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    load_access(file, ROOT / "policies" / "roles.yaml")


@pytest.mark.parametrize("secret", ["whsec_abcde", "whsec_", ""])
def test_a_callback_whose_secret_signs_nothing_is_refused_on_the_start(tmp_path: Path, secret: str) -> None:
    load(tmp_path, WEBHOOK_SECRET)
    with pytest.raises(ValueError, match="secret") as refused:
        load(tmp_path, secret)
    assert "abcde" not in str(refused.value)
