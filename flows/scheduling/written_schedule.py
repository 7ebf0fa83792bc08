"""The schedule as `prefect.yaml` has it, held against the company that it is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flows.settings import Settings
from transforms.errors import UsageError

MONTHLY = "flows/monthly.py:monthly_review"


def schedule_line(settings: Settings, file: Path) -> str:
    """When the monthly review runs by itself, for `keping check`: `0 6 1 * *, Asia/Shanghai`.

    A UsageError where the file cannot be read, or where a schedule's zone is not the company's: the reviewed month is the one
    before the scheduled time *in the company's zone*, so that 06:00 on the 1st in Shanghai would still be the old month in New York.
    """
    schedules = list(_schedules(file))
    if not schedules:
        return f"none in {file.name}; nothing runs by itself"
    ours = settings.company.timezone
    for schedule in schedules:
        if (zone := str(schedule.get("timezone") or "UTC")) != ours:
            raise UsageError(
                f"{file.name}: the schedule of the monthly review is in {zone}, and the company's months end in {ours}. "
                f"Write timezone: {ours} there, then: prefect --no-prompt deploy --all"
            )
    times = (schedule.get("cron") or schedule.get("rrule") or f"every {schedule.get('interval')} s" for schedule in schedules)
    return f"{'; '.join(map(str, times))}, {ours}"


def _schedules(file: Path) -> Iterator[Mapping[str, Any]]:
    """The schedules of the monthly deployments that are switched on."""
    import yaml

    try:
        written = yaml.safe_load(file.read_text(encoding="utf-8"))
        for deployment in written["deployments"]:
            if deployment["entrypoint"] == MONTHLY:
                yield from (one for one in deployment.get("schedules") or () if one.get("active", True))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise UsageError(f"{file} cannot be read: {' '.join(str(error).split())[:200]}") from error
    except (TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"{file} names no deployments with an entrypoint each; see prefect.yaml of the project") from error
