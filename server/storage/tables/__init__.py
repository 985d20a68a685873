"""Every table. Owns names, types and the constraints the database itself holds.

`events` is the truth; `sessions`, `complaints`, `clocks`, `leads`, `consultations`, `holiday_notices`, `cases` and
`complaint_facts` are projections of it and can be made anew. `log_…` is the tree over all events and what was signed
of it: the log can be recomputed from `events`, checkpoints and attestations not.
The others hold what must not be in an append-only journal: secrets (hashed or sealed), devices, codes, messages on
their way.
Columns ending in `_sealed` hold text only the installation's key opens, `_hash` a digest, `_masked` what may be shown.
"""

from __future__ import annotations

from server.storage.tables.access import account_limits, known_browsers, recovery_codes, sign_in_guesses, sign_ins
from server.storage.tables.afterwards import call_wishes, promises
from server.storage.tables.base import DIGEST, ID, WORD, metadata
from server.storage.tables.case_index import case_entries, case_index_head, case_terms
from server.storage.tables.casebook import case_collections, case_cuts, case_notes, case_originals, cases
from server.storage.tables.complaints import (
    answers_awaited,
    clocks,
    complaints,
    holiday_notices,
    import_batches,
    import_rows,
    industries,
    source_numbers,
)
from server.storage.tables.facts import (
    FACT_DAYS,
    complaint_facts,
    fact_days,
    fact_sums,
    facts_waiting,
    respondent_joins,
)
from server.storage.tables.insight import (
    consumer_warnings,
    hotspots,
    insight_reports,
    insight_words,
    public_bulletins,
    public_warnings,
)
from server.storage.tables.journal import events, log_attestations, log_checkpoints, log_head, log_nodes
from server.storage.tables.leads import consultations, lead_records, leads
from server.storage.tables.oversight import acts, approvals
from server.storage.tables.people import (
    credential_changes,
    jurisdictions,
    office_oversight,
    office_series,
    officer_phones,
    officer_sessions,
    offices,
    users,
)
from server.storage.tables.respondents import marks_coming, respondent_conduct, respondent_marks
from server.storage.tables.sessions import law_texts, mediator_notes, sessions
from server.storage.tables.supervision import mediation_measures, plan_places, plans, review_drafts, reviews
from server.storage.tables.systems import (
    hook_deliveries,
    hooks,
    intake_requests,
    intake_senders,
    system_requests,
    system_tokens,
)
from server.storage.tables.visitors import (
    answer_drafts,
    codes,
    devices,
    links,
    messages,
    short_tickets,
    window_counts,
    window_visits,
)

__all__ = [
    "DIGEST",
    "FACT_DAYS",
    "ID",
    "WORD",
    "account_limits",
    "acts",
    "answer_drafts",
    "answers_awaited",
    "approvals",
    "call_wishes",
    "case_collections",
    "case_cuts",
    "case_entries",
    "case_index_head",
    "case_notes",
    "case_originals",
    "case_terms",
    "cases",
    "clocks",
    "codes",
    "complaint_facts",
    "complaints",
    "consultations",
    "consumer_warnings",
    "credential_changes",
    "devices",
    "events",
    "fact_days",
    "fact_sums",
    "facts_waiting",
    "holiday_notices",
    "hook_deliveries",
    "hooks",
    "hotspots",
    "import_batches",
    "import_rows",
    "industries",
    "insight_reports",
    "insight_words",
    "intake_requests",
    "intake_senders",
    "jurisdictions",
    "known_browsers",
    "law_texts",
    "lead_records",
    "leads",
    "links",
    "log_attestations",
    "log_checkpoints",
    "log_head",
    "log_nodes",
    "marks_coming",
    "mediation_measures",
    "mediator_notes",
    "messages",
    "metadata",
    "office_oversight",
    "office_series",
    "officer_phones",
    "officer_sessions",
    "offices",
    "plan_places",
    "plans",
    "promises",
    "public_bulletins",
    "public_warnings",
    "recovery_codes",
    "respondent_conduct",
    "respondent_joins",
    "respondent_marks",
    "review_drafts",
    "reviews",
    "sessions",
    "short_tickets",
    "sign_in_guesses",
    "sign_ins",
    "source_numbers",
    "system_requests",
    "system_tokens",
    "users",
    "window_counts",
    "window_visits",
]
