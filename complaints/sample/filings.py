"""Invented complaints as the service takes them, for measurements that need no file."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from complaints.parties import Person
from complaints.record import ObjectRecord, SourceNumber
from complaints.sample.samples import Sample
from complaints.service import Filing

ZONE: Final = "Asia/Shanghai"


def filing(sample: Sample, office: str, prefix: str) -> Filing:
    return Filing(
        office=office,
        prefix=prefix,
        zone=ZONE,
        channel=sample.channel,
        received=_local(sample.received),
        title=sample.title,
        request=sample.request,
        facts=sample.facts,
        amount=sample.amount,
        consumer=Person(
            sample.consumer_name,
            sample.consumer_phone,
            "武汉",
            sample.consumer_address,
            sex=sample.consumer_sex,
            age_band=sample.consumer_age,
        ),
        business=Person(
            "",
            sample.business_phone,
            "武汉",
            sample.business_address,
            organisation=sample.business_name,
            credit_code=sample.credit_code,
        ),
        industry=sample.industry,
        mode=sample.mode,
        sources=(SourceNumber(sample.channel, sample.number),),
        object=ObjectRecord(kind=sample.kind, name=sample.bought_what, bought=sample.bought),
        requests=sample.requests,
        problem_class=sample.problem,
        industry_code=sample.industry_code,
        division=sample.division,
    )


def _local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=ZoneInfo(ZONE))
