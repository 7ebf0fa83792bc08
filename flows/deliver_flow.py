"""Mailing what is still open of a published month as a Prefect flow: the same sequence as `keping deliver`."""

from __future__ import annotations

from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.delivery.month import MailOutcome, mail_month
from flows.scheduling.artifacts import leave_mail
from flows.scheduling.forms import DeliverForm, given_fields
from flows.scheduling.on_prefect import as_task, config_path, owner_hears_of_it, patiently, run_as_flow
from flows.settings import load
from transforms.month import Month


def run_name() -> str:
    """For example `deliver 2026-10`."""
    return f"deliver {given_fields(flow_run.parameters).get('month')}"


@flow(name="deliver", flow_run_name=run_name, persist_result=False, on_failure=[owner_hears_of_it], on_crashed=[owner_hears_of_it])
def deliver(request: DeliverForm) -> str | State[Any]:
    """Mail what is published and not yet accepted, to today's recipients."""

    def work() -> MailOutcome:
        settings, logger = load(config_path(request.config)), get_run_logger()
        month = Month.parse(request.month)
        tiers = tuple(request.tiers)
        outcome = as_task("send", lambda: mail_month(settings, month, tiers=tiers, retry_rejected=request.retry_failed, tell=logger.info))
        leave_mail(settings, outcome)
        return outcome

    return run_as_flow(lambda: [patiently(work, get_run_logger().info)])
