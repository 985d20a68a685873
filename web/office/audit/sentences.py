"""What happened, said in words: one sentence for every kind of event of a session, and those of a complaint that are
said alike everywhere.

The sentences are data (`sentences.json`), read here for the pages and the sheets of evidence packages, and by
`web/frontend/src/verify/sentences.ts` for the page that verifies packages; their Chinese is in the catalogues, which
both read too. An event's rows are tried in order: the first whose `if` holds is said, with those of its `then` that
hold behind it. `if` asks for fields of the event: `text` (there is some), `!level`, `kind=participate`, `edition>1`,
`part^=track:`; `seat=@mediator` compares with the mediator's seat, `by=@seat` with another field; `@reader` is "page"
or "package". A package says less of some of a complaint's events than their page: those rows are under `package`. A
blank is filled from the field of its name or from what `blanks` and `defaults` say: a field and a way
to write it, of `_WAYS` or a table of `words`, and what stands where it is empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, assert_never
from zoneinfo import ZoneInfo

from complaints.events import ComplaintEvent
from law.orders import mode_name
from rooms import events as e
from rooms.seats import ENDED
from rooms.vocabulary import Outcome, OutcomeKind, Side
from web import figures
from web.i18n import Words
from web.office.audit import audience
from web.office.audit.audience import Voice

TRACK: Final = "track:"  # and a seat: one person's recording
EXHIBIT: Final = "exhibit:"

Row = Mapping[str, Any]

_TABLE: Final[Mapping[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
SENTENCES: Final[Mapping[str, list[Row]]] = _TABLE["session"]
WORDS: Final[Mapping[str, Mapping[str, str]]] = _TABLE["words"]
PAPERS: Final = WORDS["papers"]
"""What is signed, by its kind."""

_BLANK: Final = re.compile(r"\{(\w+)\}")
_CONDITION: Final = re.compile(r"(!?)([\w@.]+?)(?:(=|>|\^=)(.*)|(@ended))?")


def sentence(fact: e.SessionEvent, voice: Voice) -> str:
    """Says what happened; who did it stands beside it (see `web.office.audit.sections`)."""
    return _said(SENTENCES[type(fact).__name__], fact, voice)


def complaint_sentence(fact: ComplaintEvent, words: Words, zone: ZoneInfo) -> str:
    """What the page of a complaint and a package say alike. KeyError for what the page has more to say of."""
    voice = Voice(words.gettext, figures.money, lambda at: figures.when(at, words.language, zone), {}, words.language)
    return _said(_TABLE["complaint"][type(fact).__name__], fact, voice)


def _said(rows: list[Row], fact: Any, voice: Voice) -> str:
    row = next(row for row in rows if _holds(row.get("if", ""), fact, voice))
    behind = (_said([one], fact, voice) for one in row.get("then", ()) if _holds(one.get("if", ""), fact, voice))
    blanks = {blank: _filled(blank, row.get("blanks", {}), fact, voice) for blank in _BLANK.findall(row["say"])}
    return voice.gettext(_BLANK.sub(r"%(\1)s", row["say"]), **blanks) + "".join(behind)


def _holds(condition: str, fact: Any, voice: Voice) -> bool:
    return all(_one_holds(one, fact, voice) for one in condition.split(" & ") if one)


def _one_holds(condition: str, fact: Any, voice: Voice) -> bool:
    asked = _CONDITION.fullmatch(condition)
    if asked is None:
        raise ValueError(condition)
    denied, field, compared, wanted, ended = asked.groups()
    value = "page" if field == "@reader" else getattr(fact, field)
    if ended:
        return value in ENDED
    match compared:
        case "=" if wanted.startswith("@"):
            return bool(value == (voice.mediator if wanted == "@mediator" else getattr(fact, wanted[1:])))
        case "=":
            return _word(value) == wanted
        case ">":
            return float(value or 0) > float(wanted)
        case "^=":
            return _word(value).startswith(wanted)
        case _:
            return bool(value) is not bool(denied)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


# ------------------------------------------------------------ blanks


def _filled(blank: str, blanks: Mapping[str, str], fact: Any, voice: Voice) -> str:
    field, _, how = blanks.get(blank, _TABLE["defaults"].get(blank, blank)).partition(" ")
    way, _, nothing = how.partition(" ")
    value = fact if field == "@" else attrgetter(field)(fact)
    if way in _WAYS:
        return _WAYS[way](value, voice)
    if way:
        return voice.gettext(WORDS[way].get(_word(value), WORDS[way].get("", _word(value)))) or nothing
    return _word(value)


def _kilobytes(size: int) -> str:
    return f"{-(-size // 1024):,}"


def _heard(fact: e.Routed, voice: Voice) -> str:
    return voice.clauses(audience.consent_clauses(fact.hears, fact.sees, voice)) or voice.gettext(
        "nobody hears or sees anybody"
    )


_WAYS: Final[Mapping[str, Callable[[Any, Voice], str]]] = {
    "dash": lambda value, voice: value or "–",
    "name": lambda value, voice: voice.name(value),
    "names": lambda value, voice: voice.list(map(voice.name, value)),
    "apart": lambda value, voice: voice.gettext(", ").join(map(voice.name, value)),
    "nobody_of": lambda value, voice: voice.list(map(voice.name, value)) or voice.gettext("nobody"),
    "nobody": lambda value, voice: value or voice.gettext("nobody took part"),
    "list": lambda value, voice: voice.list(map(str, value)),
    "count": lambda value, voice: str(len(value)),
    "when": lambda value, voice: voice.when(value),
    "clock": lambda value, voice: clock(value),
    "kb": lambda value, voice: _kilobytes(value),
    "kb_in_all": lambda value, voice: _kilobytes(sum(one.size for one in value)),
    "digest": lambda value, voice: value[:12],
    "digest_of_first": lambda value, voice: value[0].sha256[:12] if value else "",
    "below": lambda value, voice: value.partition("/")[2],
    "exhibit": lambda value, voice: voice.exhibit(value.removeprefix(EXHIBIT)),
    "track": lambda value, voice: voice.name(value.removeprefix(TRACK)),
    "headline": lambda value, voice: headline(value, voice),
    "held": lambda value, voice: mode_name(value, voice.language),
    "cited": lambda value, voice: value.citation.get(voice.language, value.article),
    "titled": lambda value, voice: value.title.get(voice.language, value.case),
    "heard": _heard,
}


def headline(outcome: Outcome, voice: Voice) -> str:
    """The outcome as the one sentence a page is headed with."""
    _ = voice.gettext
    match outcome.kind:
        case OutcomeKind.SETTLED:
            owed = [term for term in outcome.terms if term.amount]
            if len(owed) == 1 and owed[0].amount and len(owed[0].action) <= 12:
                return _("Settled: %(action)s %(amount)s", action=owed[0].action, amount=voice.money(owed[0].amount))
            from_business = sum(term.amount for term in owed if term.amount and term.who is Side.BUSINESS)
            if from_business:
                return _("Settled: the business pays %(amount)s", amount=voice.money(from_business))
            return _("Settled, %(count)s promises", count=len(outcome.terms))
        case OutcomeKind.NOT_SETTLED:
            return _("Not settled")
        case OutcomeKind.ENDED:
            ground = voice.ending(outcome.ground)
            return _("Terminated: %(ground)s", ground=ground) if ground else _("Terminated (statutory ground)")
        case OutcomeKind.ADJOURNED:
            if outcome.adjourned_to is None:
                return _("Adjourned")
            return _("Adjourned to %(when)s", when=voice.when(outcome.adjourned_to))
        case _:
            assert_never(outcome.kind)


def clock(ms: int) -> str:
    """Minutes and seconds, with hours once there are any: 33:50, 1:02:03."""
    seconds = max(0, ms) // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes:02}:{seconds % 60:02}"
