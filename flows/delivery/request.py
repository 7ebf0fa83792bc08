"""What one mailing is asked for: which deliveries of a published revision, and to whose list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import KW_ONLY, dataclass
from datetime import date

import pandas as pd

from transforms.month import Month


@dataclass(frozen=True)
class MailingRequest:
    """One mailing of a published revision (None: the newest) to those who are on the list on `day` (and `also_on`, if given).

    `tiers` limits it to some tiers (`company` is the company's pack), `only` to some delivery keys. What is accepted is
    never sent again; what is uncertain is listed, not sent; what was rejected is tried again only with `retry_rejected`,
    what is uncertain among `only` with `resend`.
    """

    month: Month
    revision: int | None = None
    _: KW_ONLY
    recipients: pd.DataFrame
    """The list as it was read."""
    day: date
    also_on: date | None = None
    tiers: Collection[str] = ()
    only: Collection[str] = ()
    retry_rejected: bool = False
    resend: bool = False
