"""No text of a case gets past the gate without a bound, whoever sends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from casebook import CHECKS, HIDDEN, commands as c
from casebook.commands import RIGHTS, standing
from casebook.decisions import decide
from casebook.events import CaseBegun
from journal import SYSTEM
from journal.refusals import LONGEST_TEXT, DomainError
from tests.casebook.test_machine import BOARD, LAWYER, MEDIATOR, NOW, RAW, SHEET, Work, digest, spans
from tests.journal.longer import longer, texts

NEXT_WEEK = NOW + timedelta(days=7)
CLASSED = replace(
    SHEET, industry="R8930", problem="contract", tags=("prepaid",), articles=("民法典577",), claimed=Decimal(1)
)
INVITE = c.InviteLawyer("inv-1", "吴律师", "东湖律师事务所", NEXT_WEEK)
COMMENT = c.GiveComment("inv-1", "预付费合同的解除")


def approved() -> Work:
    work = Work().written().decided()
    work.approve()
    return work


def invited(*commands: c.CaseCommand) -> Work:
    work = approved()
    work.ask(INVITE)
    for command in commands:
        work.ask(command, LAWYER if isinstance(command, c.GiveComment) else MEDIATOR)
    return work


def withdrawn() -> Work:
    work = Work().on_the_shelf()
    work.ask(c.WithdrawCase("另有隐情"), BOARD)
    return work


def revised() -> Work:
    work = Work().on_the_shelf()
    work.ask(c.BeginRevision("补充法条"))
    return work


def marked() -> Work:
    work = Work().written()
    work.ask(MARK)
    return work


def span(work: Work, by_hand: bool = False) -> str:
    return next(one.id for one in work.now.originals["facts"].spans if one.by_hand is by_hand)


MARK = c.MarkSpan("facts", len(RAW) - 3, len(RAW) - 1, "某事", digest(RAW))
ORIGINALS = {name: (RAW, digest(RAW)) for name in ("title_zh", "facts", "outcome")}

ASKED: list[tuple[Callable[[Work], c.CaseCommand], Callable[[], Work]]] = [
    (lambda work: c.BeginCase(CaseBegun("one", "1号", "complaint", "c1", CLASSED)), Work),
    (lambda work: c.FillSheet(CLASSED), Work),
    (lambda work: c.WriteText("facts", RAW, digest(RAW), spans(RAW)), Work),
    (lambda work: c.DecideSpan("facts", span(work), HIDDEN, "丁某"), lambda: Work().written()),
    (lambda work: c.DecideSpans((c.DecideSpan("facts", span(work), HIDDEN, "丁某"),)), lambda: Work().written()),
    (lambda work: MARK, lambda: Work().written()),
    (lambda work: c.UnmarkSpan("facts", span(work, by_hand=True)), marked),
    (lambda work: c.Approve(ORIGINALS), lambda: Work().written().decided()),
    (lambda work: c.TakeBackApproval("还要改"), approved),
    (lambda work: INVITE, approved),
    (lambda work: c.WithdrawInvitation("inv-1"), invited),
    (lambda work: COMMENT, invited),
    (lambda work: c.TakeComment("inv-1", COMMENT.text), lambda: invited(COMMENT)),
    (lambda work: c.DropComment("不用了"), lambda: invited(COMMENT, c.TakeComment("inv-1", COMMENT.text))),
    (lambda work: c.SendToBoard(CHECKS), approved),
    (lambda work: c.TakeFromBoard(), lambda: Work().in_review()),
    (lambda work: c.SendBack("请补充结果"), lambda: Work().in_review()),
    (lambda work: c.Publish(), lambda: Work().in_review()),
    (lambda work: c.WithdrawCase("另有隐情"), lambda: Work().on_the_shelf()),
    (lambda work: c.UndoWithdrawal("已核实"), withdrawn),
    (lambda work: c.BeginRevision("补充法条"), lambda: Work().on_the_shelf()),
    (lambda work: c.DropRevision(), revised),
]


MADE = [(command(work), work) for command, work in ((command, state()) for command, state in ASKED)]


def test_every_command_is_asked() -> None:
    assert {type(asked) for asked, _ in MADE} == set(RIGHTS)


@pytest.mark.parametrize(("asked", "work"), MADE, ids=[type(asked).__name__ for asked, _ in MADE])
def test_no_text_of_a_case_is_longer_than_its_bound(asked: c.CaseCommand, work: Work) -> None:
    file = None if isinstance(asked, c.BeginCase) else work.now
    by = next(one for one in (BOARD, MEDIATOR, LAWYER, SYSTEM) if standing(one) in RIGHTS[type(asked)])
    decide(asked, file, by, NOW)  # as it is, nothing is too long
    for name, put in longer(asked):
        try:
            events = decide(put, file, by, NOW)
        except DomainError:
            continue
        assert max(map(len, texts(events)), default=0) <= LONGEST_TEXT, name
