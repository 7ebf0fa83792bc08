"""The parameter forms of the Prefect page: what each deployment asks for, and what it refuses before anything is run.

What a form can say of itself (patterns, lengths, limits, no unknown names) is checked before a run is made;
what depends on the configuration and the day is checked by the same functions as on the command line.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from flows.scheduling.catching_up import LIMIT

MONTH = r"\d{4}-(0[1-9]|1[0-2])"
EXAMPLE = "2026-10"


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


MonthName = Annotated[str, Field(pattern=rf"^{MONTH}$", min_length=7, max_length=7)]
# Text that may be empty rather than text or nothing: the page then has a plain box, and no switch between the two.
MonthOrNone = Annotated[str, Field(pattern=rf"^({MONTH})?$", max_length=7), BeforeValidator(lambda value: value or "")]
Configuration = Annotated[
    str,
    BeforeValidator(lambda value: value or ""),
    Field(
        title="Configuration",
        description="Path of keping.toml on the worker's machine, for example /srv/keping/keping.toml. "
        "Empty: $KEPING_CONFIG, else keping.toml in $KEPING_HOME.",
        max_length=400,
        examples=["/srv/keping/keping.toml"],
    ),
]
Tiers = Annotated[
    list[Annotated[str, Field(pattern=r"^\S.{0,39}$")]],
    Field(
        title="Tiers",
        description="Only these tiers' packs, one per line, as the policy names them (a, b, ...); company is the company's. Empty: all.",
        max_length=40,
        examples=[["a", "b"]],
    ),
]


class MonthlyRequest(_Form):
    """Review one month: read, check, grade, print and publish its packs and, with Send, mail them.

    The same month again on the same data changes nothing and mails nothing.
    """

    month: MonthOrNone = Field(
        default="",
        title="Month",
        description="YYYY-MM, for example 2026-10. Empty: the month before the scheduled time, in the business time zone, "
        "and the months missed before it.",
        examples=[EXAMPLE],
    )
    tiers: Tiers = Field(default_factory=list)
    send: bool = Field(default=False, title="Send", description="Mail the packs to their recipients; each gets each pack once, ever.")
    dry_run: bool = Field(
        default=False,
        title="Dry run",
        description="Make the PDFs into the archive's folder dry-run; publish and mail nothing, whatever Send says.",
    )
    catch_up: int = Field(
        default=LIMIT,
        title="Catch up",
        description="Without a month: how many months that the schedule missed are reviewed first, oldest first. "
        "If more are missed, nothing is run and the run says so. 0: none.",
        ge=0,
        le=120,
    )
    config: Configuration = ""


class BackfillForm(_Form):
    """Review past months anew from the data known now, compare them with what is published and, if asked, publish those that differ."""

    model_config = ConfigDict(
        json_schema_extra={
            # Refused before a run is made: mail without publishing.
            "not": {"properties": {"send": {"const": True}, "promote": {"const": False}}, "required": ["send"]},
        }
    )

    first: MonthName = Field(title="From", description="The first month, YYYY-MM, for example 2026-03.", examples=["2026-03"])
    last: MonthName = Field(title="To", description="The last month, YYYY-MM; the same as From for a single one.", examples=["2026-05"])
    reason: str = Field(
        title="Reason",
        description="Why, in a few words, for example: orders of March came late. Each month that is published anew carries them, "
        "on paper too.",
        min_length=3,
        max_length=300,
        pattern=r"\S.*\S",
        examples=["orders of March came late"],
    )
    promote: bool = Field(
        default=False,
        title="Publish what differs",
        description="Off: only compare; nothing is published. On: each month that differs becomes a new revision, the others stay.",
    )
    send: bool = Field(
        default=False,
        title="Mail what is published",
        description='Needs "Publish what differs". Mails the new revisions, marked "Restated", to those who were on the list '
        "when the month first went out, and still are.",
    )
    config: Configuration = ""

    @model_validator(mode="after")
    def _belongs_together(self) -> BackfillForm:
        if self.first > self.last:
            raise ValueError(f"From ({self.first}) lies after To ({self.last}); nothing was run")
        if self.send and not self.promote:
            raise ValueError('"Mail what is published" needs "Publish what differs"; nothing was run')
        return self


class DeliverForm(_Form):
    """Mail what is published of a month and not yet accepted, to today's recipients. What was accepted is never sent again."""

    month: MonthName = Field(title="Month", description="The published month, YYYY-MM, for example 2026-10.", examples=[EXAMPLE])
    tiers: Tiers = Field(default_factory=list)
    retry_failed: bool = Field(default=False, title="Retry rejected ones", description="Also what the mail relay rejected.")
    config: Configuration = ""


def given_fields(parameters: dict[str, Any]) -> dict[str, Any]:
    """The fields that a run was given, whether it got them as a form or as plain values; empty where it got none."""
    request = parameters.get("request")
    if isinstance(request, BaseModel):
        return request.model_dump()
    return dict(request) if isinstance(request, dict) else {}
