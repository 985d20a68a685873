"""Hot spots, respondents, bulletins and warnings to consumers as they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from complaints.insight.publicity_rules import PublicEntry, Publicity, PublicityEdition, PublicityEntry
from complaints.insight.respondents import Profile, SimilarRespondent
from complaints.insight.spots import HotSpotReport, Spot, SpotFigures
from complaints.insight.warnings import Warning
from complaints.leads import LeadRow
from complaints.statistics.figures import Period
from journal import Event
from offices import Office


@dataclass(frozen=True, slots=True)
class SpotNow:
    """A hot spot: its figures of the newest report, and what people did."""

    figures: SpotFigures
    spot: Spot


@dataclass(frozen=True, slots=True)
class FocusPage:
    """`report` None: nothing has been looked at yet. `made`: when it was. `complaints`: how many were counted."""

    offices: Sequence[Office]
    report: HotSpotReport | None = None
    made: datetime | None = None
    complaints: int = 0
    spots: Sequence[SpotNow] = ()


@dataclass(frozen=True, slots=True)
class SpotRecord:
    """A complaint behind a hot spot."""

    id: str
    number: str
    title: str
    state: str
    office: str  # its short name
    received: date


@dataclass(frozen=True, slots=True)
class SpotPage:
    """`figures` None: nothing of it is counted in the newest report any more."""

    id: str
    spot: Spot
    figures: SpotFigures | None
    day: date  # of the figures
    records: Sequence[SpotRecord]
    history: Sequence[Event]


@dataclass(frozen=True, slots=True)
class JoinedRespondent:
    """A business without its credit code that is counted with the one of the page, since a person said so. `why`: the
    marks both had."""

    key: str
    name: str
    complaints: int
    why: Sequence[str]
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class RespondentPage:
    """`names`: what it is called in complaints, and how often; `credit_code` and `phone` masked, each as the
    newest complaint that gives it has it, as is `address`. `crowded`: kinds of
    marks that so many share that they tie nobody to anybody. `leads`: only for who may read leads. `joined`: which
    others count with it; its own complaints are `alone`."""

    key: str
    name: str
    names: Sequence[tuple[str, int]]
    credit_code: str
    phone: str
    address: str
    profile: Profile
    related: Sequence[SimilarRespondent] = ()
    crowded: Sequence[str] = ()
    leads: Sequence[LeadRow] = ()
    left_out: int = 0  # older complaints beyond what one page counts
    joined: Sequence[JoinedRespondent] = ()
    alone: int = 0


@dataclass(frozen=True, slots=True)
class RespondentRow:
    key: str
    name: str
    complaints: int
    settled: int
    last: date


@dataclass(frozen=True, slots=True)
class RespondentRecord:
    """A complaint behind a number. `title` has no person's name in it for who may not open the complaint."""

    id: str
    number: str
    title: str
    state: str
    received: date
    amount: Decimal | None
    problem: str


@dataclass(frozen=True, slots=True)
class RespondentRecords:
    name: str
    total: int
    rows: Sequence[RespondentRecord] = field(default=())


@dataclass(frozen=True, slots=True)
class ShownWarningDraft:
    """`edition` 0: nobody has written yet, and the text is the template's."""

    title: str
    body: str
    edition: int
    by: str = ""
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class WarningPage:
    """`warning` None: nothing was written into the journal yet; `kept`: a draft that was left before there was one."""

    warning: Warning | None
    history: Sequence[Event]
    kept: ShownWarningDraft | None = None


@dataclass(frozen=True, slots=True)
class PublicWarning:
    """As it went out. `withdrawn`: why it stands no more; then it has no text."""

    id: str
    title: str
    body: str
    language: str
    office: str  # its name
    published: datetime
    digest: str
    withdrawn: str = ""
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PublicityRow:
    """A publication of complaint information as lists show it. `due`: the last day any business may object, None while
    one of them is not told; `objections`: how many wait for an answer. `changed`: corrected and not published yet."""

    id: str
    office_name: str
    kind: str
    first: date
    last: date
    stage: str
    edition: int
    entries: int
    due: date | None
    objections: int
    changed: bool
    issued: datetime | None

    @property
    def waits(self) -> bool:
        """Whether somebody in the office has to do something about it."""
        return self.stage in ("preview", "objections") or (
            self.stage == "published" and (self.changed or self.objections > 0)
        )


@dataclass(frozen=True, slots=True)
class PublicityPage:
    """`ready`: what keeps it from a second person, "" for nothing. `messages`: how those to businesses fared, by entry.
    `approval`: a request that waits. `mine`: the reader had a hand in it."""

    id: str
    now: Publicity
    ready: str
    messages: Mapping[str, str]
    approval: str
    mine: bool
    history: Sequence[Event]


@dataclass(frozen=True, slots=True)
class PublicityRecord:
    """A complaint behind an entry. `out`: why it is left out; `stale`: why it counts no more since the counting."""

    record: SpotRecord
    settled: date | None
    problem: str
    out: str
    stale: str


@dataclass(frozen=True, slots=True)
class NamedPage:
    """What a business sees by its link. `verified`: the code was right; before, there are no figures."""

    office: Office
    number: str
    period: Period
    phone: str
    due: date
    verified: bool
    stage: str
    entry: PublicityEntry
    public: PublicEntry | None


@dataclass(frozen=True, slots=True)
class PublicPublicity:
    """As anybody reads it: the newest edition, and how many there were."""

    id: str
    office_name: str
    kind: str
    period: Period
    edition: PublicityEdition | None
    withdrawn: str = ""
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BulletinTable:
    """A table: `head` names its columns; the first of each row is its name, the others are numbers as shown."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class BulletinChart:
    """A chart: what each bar is called and how high it is, None where it is kept back; `says`: the same in words."""

    says: str
    bars: Sequence[tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class BulletinCase:
    """A typical case. `parts`: a heading, the language of what is below it, and its paragraphs."""

    id: str
    title: str
    parts: Sequence[tuple[str, str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class BulletinSection:
    """In this order: its heading, sentences, chart, table, case."""

    heading: str
    sentences: Sequence[str] = ()
    bars: BulletinChart | None = None
    sheet: BulletinTable | None = None
    case: BulletinCase | None = None


@dataclass(frozen=True, slots=True)
class BulletinPaper:
    """A bulletin in words: everything that is read, in one language, and nothing that changes from build to build."""

    language: str
    office: str
    title: str
    span: str
    day: date  # the period's last, which the file is dated by
    lead: str  # what matters, first
    sections: Sequence[BulletinSection]
    foot: str
    public: bool = False


@dataclass(frozen=True, slots=True)
class IssuedBulletin:
    """One edition as it was issued. `papers`, `prints` (by language): SHA-256 of what is read and printed. `withdrawn`:
    why it stands no more. `case_gone`: the case it tells is not published any more."""

    kind: str
    period: Period
    scope: str
    public: bool
    edition: int
    number: str
    office: str
    issued: datetime
    by: str
    papers: str
    prints: Mapping[str, str]
    withdrawn: str = ""
    withdrawn_at: datetime | None = None
    case_gone: bool = False
