"""The operators' commands about keys: a person is erased, a restore erases again, the master key is changed."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from events.bank import StatementLinesRead
from events.fact import Sealed
from events.intake import HelpNeeded
from jiujinan.bank_files import BankRow, csv_statement
from jiujinan.cli import main
from services.chassis.database import Pool, open_pool
from services.chassis.keyring import Erasure
from services.chassis.master_keys import MasterKey, MasterKeys
from services.chassis.postgres_keyring import PostgresKeyring, replay_erasures
from services.chassis.pseudonyms import Pseudonyms
from services.chassis.replay import recorded
from services.chassis.sealing import Sealer
from services.intake.app import BLUEPRINT as INTAKE
from services.ledger.app import BLUEPRINT as LEDGER
from services.ledger.bank_data import BankData
from services.relief.app import BLUEPRINT as RELIEF
from tests.support.command_line import environment_of, jiujinan
from tests.support.databases import copy_of, create_template, drop
from tests.support.neighbours import Neighbour
from tests.support.services import KEYRING_SCHEMA, ROOT, RunningService, RunService, bearer

OLD, NEW = MasterKey("m1", b"1" * 32), MasterKey("m2", b"2" * 32)
COUNTY, TOWNSHIP = "341825", "341825105"
VILLAGE = (ROOT / "samples" / "jingde_village.json").read_bytes()
HOSPITAL = (ROOT / "samples" / "shishi_hospital.json").read_bytes()
ID_NUMBER = json.loads(VILLAGE)["subject"]["id_no"]
OTHER_NUMBER = "000000197001010017"
WHY = ("--reason", "retention_ended", "--by", "S-0001", "--yes", "--json")
AT = datetime(2026, 11, 2, tzinfo=UTC)


def secret(key: MasterKey) -> str:
    return base64.b64encode(key.secret).decode()


@dataclass(frozen=True, slots=True)
class KeyDatabase:
    """A migrated key database."""

    app: Pool
    app_dsn: str
    owner_dsn: str

    async def subjects(self, *masters: MasterKey) -> dict[str, bytes | None]:
        """Every key as these master keys open it."""
        known = [row["subject"] for row in await self.app.fetch("select subject from subject_keys order by 1")]
        keys = await PostgresKeyring(self.app, MasterKeys(*masters)).keys(known)
        return {subject: keys[subject].secret for subject in known}


@pytest.fixture
async def key_databases(postgres: str) -> AsyncIterator[tuple[KeyDatabase, KeyDatabase]]:
    """Two: one in use, one to restore a backup into."""
    template = await create_template(postgres, *KEYRING_SCHEMA)
    made: list[KeyDatabase] = []
    for _ in range(2):
        app_dsn, owner_dsn = await copy_of(postgres, template)
        made.append(KeyDatabase(await open_pool(app_dsn), app_dsn, owner_dsn))
    yield made[0], made[1]
    for database in made:
        await database.app.close()
        await drop(postgres, database.app_dsn)


# --- erasing


async def test_a_person_is_erased_wherever_something_was_sealed_about_them(run_service: RunService) -> None:
    async with run_service(INTAKE, scopes=(COUNTY,)) as intake:
        together = {"keyring_url": intake.mounted.settings.keyring_url, "scopes": (COUNTY, TOWNSHIP)}
        async with run_service(RELIEF, **together) as relief, run_service(LEDGER, **together) as ledger:
            report, payee, envelope = await a_report_with_a_payee(intake, relief, ledger)
            line, other = await lines_of_a_statement(ledger)
            urls = {
                **environment_of(intake.mounted.settings, "INTAKE_URL"),
                "RELIEF_URL": relief.mounted.settings.database_url,
                "LEDGER_URL": ledger.mounted.settings.database_url,
            }
            words = ("erase", "--person", *WHY)
            nobody = await asyncio.to_thread(CliRunner().invoke, main, words, input="000000195608240030\n", env=urls)
            assert nobody.exit_code == 1
            result: Result = await asyncio.to_thread(CliRunner().invoke, main, words, input=f"{ID_NUMBER}\n", env=urls)
            assert ID_NUMBER not in result.output
            assert json.loads(result.stdout) == {"erased": [line.subject, payee, report], "without_key": [], "left": []}
            async with await open_pool(intake.mounted.settings.keyring_url) as pool:
                keyring = PostgresKeyring(pool, MasterKeys(*intake.mounted.settings.master_keys))
                seals = await Sealer(keyring).prepare([report, line.subject, other.subject])
                assert (seals.open(envelope), seals.open(line)) == (None, None)
                assert "吕样青" in str(seals.open(other))


async def test_a_person_is_erased_with_what_was_handed_over_and_where_they_were_left_out(
    run_service: RunService,
) -> None:
    table = f"姓名,身份证号,是否纳入,未纳入原因\n汪样根,{ID_NUMBER},否,收入稳定\n".encode()
    async with run_service(INTAKE, scopes=(COUNTY, "320115")) as intake:
        together = {"keyring_url": intake.mounted.settings.keyring_url, "scopes": (COUNTY,)}
        async with run_service(RELIEF, **together) as relief, run_service(LEDGER, **together) as ledger:
            own = bearer("village_informant", COUNTY, "k")
            report_id = (await intake.client.post("/v1/reports", content=VILLAGE, headers=own)).json()["report_id"]
            to = {"to": "320115002", "reason": "arose_there", "basis": "救助由急难发生地实施"}
            officer = bearer("county_civil_affairs", COUNTY, "k")
            await intake.client.post(f"/v1/reports/{report_id}/transfer", json=to, headers=officer)
            async with asyncio.timeout(20):
                while not [row async for row in intake.mounted.store.read("320115")]:  # noqa: ASYNC110  its own task carries
                    await asyncio.sleep(0.05)
            for county in (COUNTY, "320115"):
                headers = bearer("village_informant", county, "k2")
                listed = await intake.client.post("/v1/lists/visits/Q4", content=table, headers=headers)
                assert listed.json()["counts"] == {"left_out": 1}, listed.text
            urls = {
                **environment_of(intake.mounted.settings, "INTAKE_URL"),
                "RELIEF_URL": relief.mounted.settings.database_url,
                "LEDGER_URL": ledger.mounted.settings.database_url,
            }
            words = ("erase", "--person", *WHY)
            result: Result = await asyncio.to_thread(CliRunner().invoke, main, words, input=f"{ID_NUMBER}\n", env=urls)
            subjects = ["list:320115:Q4:2", f"list:{COUNTY}:Q4:2", f"report:{report_id}"]
            assert json.loads(result.stdout) == {"erased": subjects, "without_key": [], "left": []}


async def test_worked_example_12_whom_nobody_knew_at_first_is_erased_with_that_case_too(
    run_service: RunService,
) -> None:
    async with run_service(INTAKE, scopes=("350581",)) as intake:
        together = {"keyring_url": intake.mounted.settings.keyring_url, "scopes": ("350581", "350581100")}
        async with run_service(RELIEF, **together) as relief, run_service(LEDGER, **together) as ledger:
            told = await intake.client.post(
                "/v1/reports", content=HOSPITAL, headers=bearer("hospital_system", "350581", "k")
            )
            assert (report_id := told.json().get("report_id")), told.text
            case_id = await opened(intake, relief, "350581")
            url, officer = f"/v1/cases/{case_id}/identity", ("township_officer", "350581100")
            person = {"person": Pseudonyms(intake.mounted.settings.pepper).person(ID_NUMBER)}
            found = await relief.client.post(url, json=person, headers=bearer(*officer, "k"))
            assert found.status_code == 201, found.text
            urls = {
                **environment_of(intake.mounted.settings, "INTAKE_URL"),
                "RELIEF_URL": relief.mounted.settings.database_url,
                "LEDGER_URL": ledger.mounted.settings.database_url,
            }
            words = ("erase", "--person", *WHY)
            withdrawn = await relief.client.post(
                f"{url}/withdrawal",
                json=person | {"reason": "mistaken"},
                headers=bearer("county_civil_affairs", "350581", "k"),
            )
            assert withdrawn.status_code == 201, withdrawn.text
            nobody: Result = await asyncio.to_thread(CliRunner().invoke, main, words, input=f"{ID_NUMBER}\n", env=urls)
            assert nobody.exit_code == 1
            await relief.client.post(url, json=person, headers=bearer(*officer, "k-again"))
            result: Result = await asyncio.to_thread(CliRunner().invoke, main, words, input=f"{ID_NUMBER}\n", env=urls)
            assert result.exit_code == 0, result.output
            assert json.loads(result.stdout) == {"erased": [f"report:{report_id}"], "without_key": [], "left": []}


async def test_whose_case_it_is_not_after_all_is_erased_with_what_was_sealed_of_them_and_with_nothing_of_another(
    run_service: RunService,
) -> None:
    """The report named one person, who is registered to be paid; it is another person's case, who is registered too."""
    async with run_service(INTAKE, scopes=(COUNTY,)) as intake:
        together = {"keyring_url": intake.mounted.settings.keyring_url, "scopes": (COUNTY, TOWNSHIP)}
        async with run_service(RELIEF, **together) as relief, run_service(LEDGER, **together) as ledger:
            report, first, _ = await a_report_with_a_payee(intake, relief, ledger)
            case_id = await is_another_persons(relief, Pseudonyms(intake.mounted.settings.pepper))
            payee = {"place": TOWNSHIP, "case_id": case_id, "relation": "self", "name": "吕样青"}
            finance = bearer("township_finance", TOWNSHIP, "k-2")
            second = (await ledger.client.post("/v1/payees", json=payee, headers=finance)).json()["payee_ref"]
            urls = {
                **environment_of(intake.mounted.settings, "INTAKE_URL"),
                "RELIEF_URL": relief.mounted.settings.database_url,
                "LEDGER_URL": ledger.mounted.settings.database_url,
            }
            words = ("erase", "--person", *WHY)
            erased: list[Any] = []
            for number in (OTHER_NUMBER, ID_NUMBER):
                told: Result = await asyncio.to_thread(CliRunner().invoke, main, words, input=f"{number}\n", env=urls)
                erased.append(json.loads(told.stdout))
            assert erased[0] == {"erased": [f"payee:{second}"], "without_key": [], "left": [first, report]}
            assert erased[1] == {"erased": [first, report], "without_key": [], "left": []}


async def is_another_persons(relief: RunningService, known: Pseudonyms) -> str:
    """The case is not whose it was said to be, but another person's; gives its id."""
    rows = [row async for row in relief.mounted.store.read(COUNTY)]
    case_id = next(json.loads(row.data)["case_id"] for row in rows if row.name == "relief.case_opened")
    url, wrong = f"/v1/cases/{case_id}/identity", {"person": known.person(ID_NUMBER), "reason": "mistaken"}
    bureau, officer = bearer("county_civil_affairs", COUNTY, "k"), bearer("township_officer", TOWNSHIP, "k")
    withdrawn = await relief.client.post(f"{url}/withdrawal", json=wrong, headers=bureau)
    found = await relief.client.post(url, json={"person": known.person(OTHER_NUMBER)}, headers=officer)
    assert (withdrawn.status_code, found.status_code) == (201, 201), (withdrawn.text, found.text)
    return case_id


async def opened(intake: RunningService, relief: RunningService, county: str) -> str:
    """The case that relief opens for the need that intake has told it of."""
    facts = [recorded(row).fact async for row in intake.mounted.store.read(county)]
    needed = next(fact for fact in facts if isinstance(fact, HelpNeeded))
    await Neighbour("intake", county, relief.mounted.follower).says(needed, f"report:{needed.report_id}", AT)
    rows = [row async for row in relief.mounted.store.read(county)]
    return next(json.loads(row.data)["case_id"] for row in rows if row.name == "relief.case_opened")


async def a_report_with_a_payee(
    intake: RunningService, relief: RunningService, ledger: RunningService
) -> tuple[str, str, Sealed]:
    """One report, its case, and who is to be paid: the two data subjects, and an envelope of the first."""
    told = await intake.client.post("/v1/reports", content=VILLAGE, headers=bearer("village_informant", COUNTY, "k"))
    report_id = told.json()["report_id"]
    case_id = await opened(intake, relief, COUNTY)
    facts = [recorded(row).fact async for row in intake.mounted.store.read(COUNTY)]
    needed = next(fact for fact in facts if isinstance(fact, HelpNeeded))
    payee = {"place": TOWNSHIP, "case_id": case_id, "relation": "self", "name": "汪样根"}
    registered = await ledger.client.post("/v1/payees", json=payee, headers=bearer("township_finance", TOWNSHIP, "k"))
    assert needed.name is not None
    return f"report:{report_id}", f"payee:{registered.json()['payee_ref']}", needed.name


async def lines_of_a_statement(ledger: RunningService) -> tuple[Sealed, Sealed]:
    """What the bank has said of two payments out of one account: the envelopes of the payee's line and of another's."""
    told = {"place": TOWNSHIP, "bank": "rural_commercial", "number": "6200000000002222", "other_fen": 300}
    officer = ("township_finance", TOWNSHIP)
    finance = bearer("county_finance", COUNTY, "b")
    account = await ledger.client.post("/v1/bank-accounts", json=told, headers=finance)
    assert account.status_code == 201, account.text
    data = ledger.mounted.own
    assert isinstance(data, BankData)
    rows = [BankRow(AT, 300), BankRow(AT, -100, name="汪样根"), BankRow(AT, -200, name="吕样青")]
    raw = csv_statement(data.layouts["rural_commercial"], rows, 0).encode("gb18030")
    path = f"/v1/bank-accounts/B{TOWNSHIP}-2222/statements?name=1.csv"
    sent = await ledger.client.post(path, content=raw, headers=bearer(*officer, "s"))
    assert sent.status_code == 201, sent.text
    facts = [recorded(row).fact async for row in ledger.mounted.store.read(COUNTY)]
    (lines,) = [fact for fact in facts if isinstance(fact, StatementLinesRead)]
    assert isinstance(lines.told, tuple)
    _, line, other = lines.told
    return line, other


async def test_an_erasure_that_a_restore_undid_is_replayed_from_the_list(
    key_databases: tuple[KeyDatabase, KeyDatabase], tmp_path: Path
) -> None:
    used, restored = key_databases
    await PostgresKeyring(used.app, MasterKeys(OLD)).keys(["report:a", "report:b"])
    backup = [tuple(row) for row in await used.app.fetch("select * from subject_keys")]
    erased = await jiujinan("erase", "--subject", "report:a", "--subject", "report:c", *WHY, KEYRING_URL=used.app_dsn)
    assert json.loads(erased.stdout) == {"erased": ["report:a"], "without_key": ["report:c"], "left": []}
    listed = await jiujinan("keys", "erasures", "--json", KEYRING_URL=used.app_dsn)
    file = tmp_path / "erasures.json"
    file.write_text(listed.stdout, encoding="utf-8")
    await restored.app.copy_records_to_table("subject_keys", records=backup)
    assert None not in (await restored.subjects(OLD)).values()
    for destroyed in (1, 0):
        replayed = await jiujinan("keys", "replay-erasures", str(file), "--json", KEYRING_URL=restored.app_dsn)
        assert json.loads(replayed.stdout) == {"listed": 1, "destroyed": destroyed}
    assert [subject for subject, key in (await restored.subjects(OLD)).items() if key is None] == ["report:a"]


async def test_what_is_no_list_of_erasures_is_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "erasures.json"
    file.write_text('{"erasures": [{"subject": "report:a"}]}', encoding="utf-8")
    result = await jiujinan("keys", "replay-erasures", str(file), KEYRING_URL="postgresql://nowhere")
    assert (result.exit_code, "FILE" in result.stderr) == (2, True)


# --- keys that are not there any more


async def test_a_key_database_that_was_put_back_is_noticed(
    run_service: RunService, key_databases: tuple[KeyDatabase, KeyDatabase]
) -> None:
    """Of three reports it knows the first, has forgotten the second, and was asked to seal for the third again."""
    restored, _ = key_databases
    async with run_service(INTAKE, scopes=(COUNTY,)) as intake:
        subjects = [await a_report(intake, f"k{number}") for number in range(4)]
        known, forgotten, remade, erased = subjects
        where, used = {"INTAKE_URL": intake.mounted.settings.database_url}, intake.mounted.settings.keyring_url
        whole = await jiujinan("keys", "check", "--json", **where, KEYRING_URL=used)
        assert (whole.exit_code, json.loads(whole.stdout)["services"]) == (0, [told_of("intake", 4)])
        async with await open_pool(used) as pool:
            rows = await pool.fetch("select * from subject_keys where subject = $1", known)
        await restored.app.copy_records_to_table("subject_keys", records=[tuple(row) for row in rows])
        await PostgresKeyring(restored.app, MasterKeys(OLD)).keys([remade])
        await replay_erasures(restored.app, [Erasure(erased, AT, "retention_ended", "S-0001")])
        told = await jiujinan("keys", "check", "--json", **where, KEYRING_URL=restored.app_dsn)
        lacks = told_of("intake", 4, lost=[forgotten], remade=[remade])
        assert (told.exit_code, json.loads(told.stdout)["services"]) == (1, [lacks])
        said = await jiujinan("keys", "check", **where, KEYRING_URL=restored.app_dsn)
        assert "intake  4 个数据主体的密钥:失去 1 把,换新 1 把" in said.output
        assert await restored.app.fetchval("select count(*) from subject_keys") == 3  # nobody was given one by it


async def a_report(intake: RunningService, key: str) -> str:
    """A village's report with a need of its own, and whose key it is sealed with."""
    body = json.loads(VILLAGE) | {"occurred_on": "2020-09-01"}
    body["subject"] = body["subject"] | {"name": f"汪样{key}", "id_no": None, "phone": None}
    sent = await intake.client.post("/v1/reports", json=body, headers=bearer("village_informant", COUNTY, key))
    assert sent.status_code == 201, sent.text
    return f"report:{sent.json()['report_id']}"


def told_of(service: str, subjects: int, **missing: list[str]) -> dict[str, object]:
    return {"service": service, "subjects": subjects, "lost": [], "remade": [], **missing}


# --- the master key


async def test_every_key_is_wrapped_anew_under_the_new_master_key(
    key_databases: tuple[KeyDatabase, KeyDatabase],
) -> None:
    used, _ = key_databases
    await PostgresKeyring(used.app, MasterKeys(OLD)).keys([f"report:{n}" for n in range(3)])
    before = await used.subjects(OLD)
    words = ("keys", "rotate", "--json")
    told = {"OWNER_URL": used.owner_dsn, "MASTER_KEY": secret(NEW), "MASTER_KEY_ID": NEW.id}
    without = await jiujinan(*words, **told)
    assert (without.exit_code, "OTHER_MASTER_KEYS" in without.stderr) == (2, True)
    assert await used.subjects(NEW, OLD) == before
    for rewrapped in (3, 0):
        rotated = await jiujinan(*words, **told, OTHER_MASTER_KEYS=f"{OLD.id}:{secret(OLD)}")
        assert json.loads(rotated.stdout) == {"master_key": "m2", "rewrapped": rewrapped, "left": 0}
    assert await used.subjects(NEW) == before
