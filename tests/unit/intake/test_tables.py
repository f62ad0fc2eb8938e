"""A table of households is read line by line, in the spellings that offices use; what is no table says so."""

import io
import zipfile
from pathlib import Path

import pytest

from services.chassis.problems import Problem
from services.intake.tables import Line, parse_sheets, read_lines, report_of

SHEETS = parse_sheets((Path(__file__).parents[3] / "policies" / "intake" / "lists.yaml").read_text(encoding="utf-8"))
HEAD = "序号,姓名,身份证号,联系电话,人数,住址,急难事由,情况说明,走访时间,是否纳入,未纳入原因"
ROWS = [
    "1,陶样山,000000197903150010,19900001201,3,旌德县俞村镇样例组1号,火灾,家中失火,2026-11-02 08:10,是,",
    "2,吕样青,,19900002302,1,旌德县俞村镇样例组2号,,收入稳定,2026/11/02 09:00,否,家庭收入高于标准",
]
TABLE = "\n".join([HEAD, *ROWS])


def lines(raw: bytes) -> list[Line]:
    return list(read_lines(raw, SHEETS["visits"]))


def inline(text: str) -> str:
    place, _, said = text.rpartition("!")
    where = f' r="{place}"' if place else ""
    return f'<c{where} t="inlineStr"><is><t>{said}</t></is></c>'


def xlsx(*rows: str) -> bytes:
    """A spreadsheet as small as one can be, with these rows of comma-separated texts."""
    cells = "".join(f"<row>{''.join(map(inline, row.split(',')))}</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{rels}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rels}"><sheets><sheet name="a" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{rels}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


@pytest.mark.parametrize("raw", [TABLE.encode(), TABLE.encode("utf-8-sig"), TABLE.encode("gb18030"), xlsx(HEAD, *ROWS)])
def test_a_table_reads_the_same_whatever_it_was_saved_as(raw: bytes) -> None:
    first, second = lines(raw)
    assert (first.number, first.is_included, first.fields["name"]) == (2, True, "陶样山")
    assert (second.number, second.is_included, second.reason_left_out) == (3, False, "家庭收入高于标准")


def test_a_line_is_a_report_with_what_it_says_and_nothing_made_up() -> None:
    report = report_of(lines(TABLE.encode())[0], SHEETS["visits"], "Q4", "341825")
    assert report["source"] == {"external_id": "Q4.1"}
    assert report["occurred_at"] == "2026-11-02T08:10:00+08:00"
    assert report["need"] == {"category_code": "fire", "urgency": "urgent", "reason_text": "家中失火"}
    assert report["place"] == {"division_code": "341825", "address_text": "旌德县俞村镇样例组1号"}
    assert report["reporter"]["consent"] is None


def test_a_table_without_that_column_includes_every_line() -> None:
    assert [line.is_included for line in lines("姓名\n陶样山\n吕样青".encode())] == [True, True]


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (40 * 1024 * 1024))
    return packed.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK nothing",
        b"\xff\xfe\x00",
        b'"unclosed',
        ("姓名\n" + "样\n" * 2_001).encode(),
        bomb(),
        xlsx(HEAD, "XFD1000!样"),
    ],
    ids=["empty", "no archive", "no text", "no csv", "too long", "unpacks to too much", "spans too much"],
)
def test_what_is_no_table_is_said_of_the_whole(raw: bytes) -> None:
    with pytest.raises(Problem, match="no_table"):
        lines(raw)
