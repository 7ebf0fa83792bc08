"""What one mail is made of, in no format yet: the packs of one person with their words and files, and whom it is from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from transforms.month import Month

Form = Literal["whole", "pack", "zip", "reference"]
FORMS: tuple[Form, ...] = ("whole", "pack", "zip", "reference")
"""How a pack travels, in the order in which the forms are tried where a mail would be too large: with its workbook, without it, in a
ZIP file, named by its place in the archive."""


@dataclass(frozen=True)
class Told:
    """One message of a pack's first page: in a few words, and what happened, why, and who does what by when."""

    short: str
    sentence: str
    because: str = ""
    action: str = ""


@dataclass(frozen=True)
class MailedAccount:
    """One customer to act on, worded as in the pack: `rank` 1 has most money at stake, `manager` is empty where a team is to act."""

    rank: int
    customer_id: str
    name: str
    manager: str
    why: str
    what: str
    who: str
    due: str
    stake: str


@dataclass(frozen=True)
class PackWords:
    """What a mail says of a pack.

    `title` is the pack's, `headlines` are up to five figures as (title, printed value), for packs that were published without
    messages; `order` is the pack's place among those of one mail. `about` and `news` make the subject, `calm` is said where there is
    no message, `data` is how complete the data are, `listed` the customers to act on.
    """

    title: str
    headlines: Sequence[tuple[str, str]] = ()
    order: int = 0
    about: str = ""
    news: str = ""
    calm: str = ""
    data: str = ""
    messages: Sequence[Told] = ()
    listed: Sequence[MailedAccount] = ()


@dataclass(frozen=True)
class PackFile:
    """One published file: what it is called in a mail, where it lies in the archive, and its bytes."""

    name: str
    place: str
    data: bytes


@dataclass(frozen=True)
class LetterPack:
    """One pack of a mail: what is said of it, its pages, and its workbook where the reader gets one."""

    words: PackWords
    pdf: PackFile
    workbook: PackFile | None = None


@dataclass(frozen=True)
class Letter:
    """All that one message is made of; `key` names it for ever.

    `restated` is the reason of a later revision, empty for a first publication. `manages` are the names under which the reader may
    stand in the column of account managers. `part` is (2, 3) for the second of three mails. A `test` says so in its subject and
    in its first line: it went to nobody's reader.
    """

    key: str
    sender: str
    address: str
    name: str
    company: str
    month: Month
    revision: int
    restated: str
    locale: str
    known_at: datetime
    sent_at: datetime
    today: date
    packs: tuple[LetterPack, ...]
    manages: frozenset[str] = field(default_factory=frozenset)
    form: Form = "whole"
    part: tuple[int, int] = (1, 1)
    test: bool = False

    @property
    def files(self) -> tuple[PackFile, ...]:
        """What is attached, in the letter's form."""
        found: list[PackFile] = []
        for pack in self.packs if self.form != "reference" else ():
            found.append(pack.pdf)
            if pack.workbook is not None and self.form == "whole":
                found.append(pack.workbook)
        return tuple(found)

    @property
    def left_out(self) -> tuple[PackFile, ...]:
        """Workbooks that the reader should get and that the mail is too small for."""
        return () if self.form == "whole" else tuple(pack.workbook for pack in self.packs if pack.workbook is not None)
