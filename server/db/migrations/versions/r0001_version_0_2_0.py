"""Everything that version 0.2.0 keeps, in one step: what came before was never released.

Long because it is all tables at once, and frozen: it imports nothing of the program, whose tables go on changing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_version_0_2_0"
down_revision = None
branch_labels = None
depends_on = None

# SQLite hands out row ids only for INTEGER PRIMARY KEY.
_POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _words("complaint_words")
    _words("case_words")
    op.create_table(
        "acts",
        sa.Column("stream", sa.String(length=128), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.String(length=32), nullable=False),
        sa.Column("actor_office", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "version", name=op.f("pk_acts")),
    )
    op.create_index(op.f("ix_acts_actor_act_at"), "acts", ["actor", "act", "at"])
    op.create_index(op.f("ix_acts_actor_office_at"), "acts", ["actor_office", "at"])
    op.create_index(op.f("ix_acts_office_at"), "acts", ["office", "at"])
    op.create_table(
        "answer_drafts",
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("fields_sealed", sa.Text(), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("link", name=op.f("pk_answer_drafts")),
    )
    op.create_index(op.f("ix_answer_drafts_expires"), "answer_drafts", ["expires"])
    op.create_table(
        "answers_awaited",
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("invitation", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("complaint", name=op.f("pk_answers_awaited")),
    )
    op.create_index(op.f("ix_answers_awaited_due"), "answers_awaited", ["due"])
    op.create_table(
        "approvals",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("asker", sa.String(length=64), nullable=False),
        sa.Column("asked", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index(op.f("ix_approvals_office_state_asked"), "approvals", ["office", "state", "asked"])
    op.create_table(
        "call_wishes",
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("whom", sa.String(length=32), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("complaint", "whom", name=op.f("pk_call_wishes")),
    )
    op.create_index(op.f("ix_call_wishes_office"), "call_wishes", ["office"])
    op.create_table(
        "case_collections",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("cases", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_collections")),
    )
    op.create_table(
        "case_cuts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paragraphs_sealed", sa.Text(), nullable=False),
        sa.Column("starts", sa.JSON(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_cuts")),
    )
    op.create_index(op.f("ix_case_cuts_office_at"), "case_cuts", ["office", "at"])
    op.create_table(
        "case_entries",
        sa.Column("place", _POSITION, autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("industry", sa.String(length=8), nullable=False),
        sa.Column("problem", sa.String(length=32), nullable=False),
        sa.Column("articles", sa.Text(), nullable=False),
        sa.Column("event_date", sa.Date(), nullable=False),
        sa.Column("claimed", _POSITION, nullable=True),
        sa.Column("settled", _POSITION, nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("impacts", sa.LargeBinary(), nullable=False),
        sa.Column("tokens", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_case_entries")),
        sa.UniqueConstraint("id", name=op.f("uq_case_entries_id")),
    )
    op.create_table(
        "case_index_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("making", sa.String(length=128), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_index_head")),
    )
    op.create_table(
        "case_notes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notes")),
    )
    op.create_table(
        "case_originals",
        sa.Column("case", sa.String(length=64), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("text_sealed", sa.Text(), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case", "field", name=op.f("pk_case_originals")),
    )
    op.create_table(
        "case_terms",
        sa.Column("token", sa.String(length=160), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_case_terms")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("work", sa.String(length=32), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("industry", sa.String(length=8), nullable=False),
        sa.Column("problem", sa.String(length=32), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("articles", sa.JSON(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("claims", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("experience", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("comment_by", sa.Text(), nullable=False),
        sa.Column("claimed", sa.BigInteger(), nullable=True),
        sa.Column("settled", sa.BigInteger(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("event_date", sa.Date(), nullable=False),
        sa.Column("begun", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_complaint"), "cases", ["complaint"])
    op.create_index(op.f("ix_cases_office_work_changed"), "cases", ["office", "work", "changed"])
    op.create_index(op.f("ix_cases_state_published"), "cases", ["state", "published"])
    op.create_table(
        "clocks",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("clock", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", "code", name=op.f("pk_clocks")),
    )
    op.create_index(op.f("ix_clocks_office_due"), "clocks", ["office", "due"])
    op.create_table(
        "codes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=32), server_default="", nullable=False),
        sa.Column("link", sa.String(length=128), nullable=False),
        sa.Column("phone_hash", sa.String(length=128), nullable=False),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=128), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codes")),
    )
    op.create_index(op.f("ix_codes_device_sent_at"), "codes", ["device", "sent_at"])
    op.create_index(op.f("ix_codes_ip_sent_at"), "codes", ["ip", "sent_at"])
    op.create_index(op.f("ix_codes_link_sent_at"), "codes", ["link", "sent_at"])
    op.create_index(op.f("ix_codes_phone_hash_sent_at"), "codes", ["phone_hash", "sent_at"])
    op.create_table(
        "complaint_facts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("problem", sa.String(length=32), nullable=False),
        sa.Column("industry", sa.String(length=32), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("recovered", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.Date(), nullable=False),
        sa.Column("accepted", sa.Date(), nullable=True),
        sa.Column("refused", sa.Date(), nullable=True),
        sa.Column("decided", sa.Date(), nullable=True),
        sa.Column("settled", sa.Date(), nullable=True),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.Column("concluded", sa.Date(), nullable=True),
        sa.Column("handled", sa.Date(), nullable=True),
        sa.Column("told", sa.Date(), nullable=True),
        sa.Column("closed", sa.Date(), nullable=True),
        sa.Column("lead", sa.Date(), nullable=True),
        sa.Column("accept_due", sa.Date(), nullable=True),
        sa.Column("mediate_due", sa.Date(), nullable=True),
        sa.Column("tell_due", sa.Date(), nullable=True),
        sa.Column("asked", sa.Date(), nullable=True),
        sa.Column("answered", sa.Date(), nullable=True),
        sa.Column("heard", sa.Date(), nullable=True),
        sa.Column("rated", sa.Date(), nullable=True),
        sa.Column("satisfied", sa.Date(), nullable=True),
        sa.Column("decision_told", sa.Date(), nullable=True),
        sa.Column("days_to_decision", sa.Integer(), nullable=True),
        sa.Column("days_to_handling", sa.Integer(), nullable=True),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("division", sa.String(length=6), server_default="", nullable=False),
        sa.Column("street", sa.String(length=32), server_default="", nullable=False),
        sa.Column("industry_code", sa.String(length=8), server_default="", nullable=False),
        sa.Column("platform", sa.String(length=64), server_default="", nullable=False),
        sa.Column("respondent", sa.String(length=24), server_default="", nullable=False),
        sa.Column("age_band", sa.String(length=32), server_default="", nullable=False),
        sa.Column("travel", sa.Integer(), nullable=True),
        sa.Column("days_to_settlement", sa.Integer(), nullable=True),
        sa.Column("entered", sa.Date(), nullable=True),
        sa.Column("dropped", sa.Date(), nullable=True),
        sa.Column("dropped_as", sa.String(length=32), server_default="", nullable=False),
        sa.Column("mode", sa.String(length=32), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_facts")),
    )
    op.create_index("ix_complaint_facts_changed", "complaint_facts", ["changed"])
    op.create_index(
        "ix_complaint_facts_office_accept_due",
        "complaint_facts",
        ["office", "accept_due", "counted"],
        sqlite_where=sa.text("accept_due IS NOT NULL"),
        postgresql_where=sa.text("accept_due IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_accepted",
        "complaint_facts",
        ["office", "accepted", "counted"],
        sqlite_where=sa.text("accepted IS NOT NULL"),
        postgresql_where=sa.text("accepted IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_answered",
        "complaint_facts",
        ["office", "answered", "counted"],
        sqlite_where=sa.text("answered IS NOT NULL"),
        postgresql_where=sa.text("answered IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_asked",
        "complaint_facts",
        ["office", "asked", "counted"],
        sqlite_where=sa.text("asked IS NOT NULL"),
        postgresql_where=sa.text("asked IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_concluded",
        "complaint_facts",
        ["office", "concluded", "counted"],
        sqlite_where=sa.text("concluded IS NOT NULL"),
        postgresql_where=sa.text("concluded IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_decided",
        "complaint_facts",
        ["office", "decided", "counted"],
        sqlite_where=sa.text("decided IS NOT NULL"),
        postgresql_where=sa.text("decided IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_decision_told",
        "complaint_facts",
        ["office", "decision_told", "counted"],
        sqlite_where=sa.text("decision_told IS NOT NULL"),
        postgresql_where=sa.text("decision_told IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_ended",
        "complaint_facts",
        ["office", "ended", "counted"],
        sqlite_where=sa.text("ended IS NOT NULL"),
        postgresql_where=sa.text("ended IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_handled",
        "complaint_facts",
        ["office", "handled", "counted"],
        sqlite_where=sa.text("handled IS NOT NULL"),
        postgresql_where=sa.text("handled IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_heard",
        "complaint_facts",
        ["office", "heard", "counted"],
        sqlite_where=sa.text("heard IS NOT NULL"),
        postgresql_where=sa.text("heard IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_lead",
        "complaint_facts",
        ["office", "lead", "counted"],
        sqlite_where=sa.text("lead IS NOT NULL"),
        postgresql_where=sa.text("lead IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_mediate_due",
        "complaint_facts",
        ["office", "mediate_due", "counted"],
        sqlite_where=sa.text("mediate_due IS NOT NULL"),
        postgresql_where=sa.text("mediate_due IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_rated",
        "complaint_facts",
        ["office", "rated", "counted"],
        sqlite_where=sa.text("rated IS NOT NULL"),
        postgresql_where=sa.text("rated IS NOT NULL"),
    )
    op.create_index("ix_complaint_facts_office_received", "complaint_facts", ["office", "received", "counted"])
    op.create_index(
        "ix_complaint_facts_office_refused",
        "complaint_facts",
        ["office", "refused", "counted"],
        sqlite_where=sa.text("refused IS NOT NULL"),
        postgresql_where=sa.text("refused IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_satisfied",
        "complaint_facts",
        ["office", "satisfied", "counted"],
        sqlite_where=sa.text("satisfied IS NOT NULL"),
        postgresql_where=sa.text("satisfied IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_settled",
        "complaint_facts",
        ["office", "settled", "counted"],
        sqlite_where=sa.text("settled IS NOT NULL"),
        postgresql_where=sa.text("settled IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_tell_due",
        "complaint_facts",
        ["office", "tell_due", "counted"],
        sqlite_where=sa.text("tell_due IS NOT NULL"),
        postgresql_where=sa.text("tell_due IS NOT NULL"),
    )
    op.create_index(
        "ix_complaint_facts_office_told",
        "complaint_facts",
        ["office", "told", "counted"],
        sqlite_where=sa.text("told IS NOT NULL"),
        postgresql_where=sa.text("told IS NOT NULL"),
    )
    op.create_index("ix_complaint_facts_respondent_received", "complaint_facts", ["respondent", "received"])
    op.create_index(
        "ix_complaint_facts_unmade",
        "complaint_facts",
        ["id"],
        sqlite_where=sa.text("entered IS NULL"),
        postgresql_where=sa.text("entered IS NULL"),
    )
    op.create_table(
        "complaints",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("law_order", sa.String(length=32), nullable=False),
        sa.Column("consumer", sa.JSON(), nullable=False),
        sa.Column("business", sa.JSON(), nullable=False),
        sa.Column("consumer_title", sa.Text(), nullable=False),
        sa.Column("business_title", sa.Text(), nullable=False),
        sa.Column("deadlines", sa.JSON(), nullable=False),
        sa.Column("running", sa.String(length=32), nullable=False),
        sa.Column("next_due", sa.Date(), nullable=True),
        sa.Column("loss_recovered", sa.BigInteger(), nullable=False),
        sa.Column("promises_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("telling", sa.String(length=32), server_default="", nullable=False),
        sa.Column("place", _POSITION, nullable=True),
        sa.Column("problem_class", sa.String(length=32), nullable=False),
        sa.Column("industry_code", sa.String(length=32), nullable=False),
        sa.Column("division", sa.String(length=32), nullable=False),
        sa.Column("phone_mark", _POSITION, nullable=True),
        sa.Column("code_mark", _POSITION, nullable=True),
        sa.Column("brand", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaints")),
        sa.UniqueConstraint("place", name=op.f("uq_complaints_place")),
    )
    op.create_index(op.f("ix_complaints_office_brand_place"), "complaints", ["office", "brand", "place"])
    op.create_index(op.f("ix_complaints_office_code_mark_place"), "complaints", ["office", "code_mark", "place"])
    op.create_index(op.f("ix_complaints_office_next_due_place"), "complaints", ["office", "next_due", "place"])
    op.create_index(op.f("ix_complaints_office_number"), "complaints", ["office", "number"])
    op.create_index(op.f("ix_complaints_office_phone_mark"), "complaints", ["office", "phone_mark"])
    op.create_index(op.f("ix_complaints_office_place"), "complaints", ["office", "place"])
    op.create_index(op.f("ix_complaints_office_state_next_due"), "complaints", ["office", "state", "next_due"])
    op.create_index(
        op.f("ix_complaints_office_telling_next_due"),
        "complaints",
        ["office", "telling", "next_due"],
        sqlite_where=sa.text("telling <> ''"),
        postgresql_where=sa.text("telling <> ''"),
    )
    op.create_table(
        "consultations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("answered", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultations")),
    )
    op.create_index(op.f("ix_consultations_office_state_received"), "consultations", ["office", "state", "received"])
    op.create_table(
        "consumer_warnings",
        sa.Column("spot", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("spot", name=op.f("pk_consumer_warnings")),
    )
    op.create_table(
        "credential_changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("seat", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential_changes")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "events",
        sa.Column("leaf", _POSITION, autoincrement=False, nullable=False),
        sa.Column("stream", sa.String(length=128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.String(length=32), nullable=False),
        sa.Column("actor_office", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("content", sa.String(length=128), nullable=False),
        sa.Column("hash", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("leaf", name=op.f("pk_events")),
        sa.UniqueConstraint("stream", "version", name=op.f("uq_events_stream_version")),
    )
    op.create_table(
        "fact_days",
        sa.Column("of", sa.String(length=32), nullable=False),
        sa.Column("dim", sa.String(length=32), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("of", "dim", "office", "day", "value", "days", name=op.f("pk_fact_days")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fact_sums",
        sa.Column("level", sa.String(length=1), nullable=False),
        sa.Column("dim", sa.String(length=32), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.Column("received", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("accepted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refused", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("decided", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("settled", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ended", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("concluded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("handled", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("told", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lead", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("asked", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("answered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("heard", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rated", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("satisfied", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("decision_told", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("accept_due", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("accept_due_done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("accept_due_kept", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("mediate_due", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("mediate_due_done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("mediate_due_kept", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tell_due", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tell_due_done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tell_due_kept", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("accepted_settled", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("asked_answered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("recovered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("travel", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("level", "dim", "office", "day", "value", name=op.f("pk_fact_sums")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "facts_waiting",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts_waiting")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "holiday_notices",
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("days_off", sa.JSON(), nullable=False),
        sa.Column("days_worked", sa.JSON(), nullable=False),
        sa.Column("entered", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office", "year", name=op.f("pk_holiday_notices")),
    )
    op.create_table(
        "hotspots",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("lead", sa.String(length=64), nullable=False),
        sa.Column("acted", sa.Date(), nullable=True),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotspots")),
    )
    op.create_index(op.f("ix_hotspots_lead"), "hotspots", ["lead"])
    op.create_index(op.f("ix_hotspots_scope_day"), "hotspots", ["scope", "day"])
    op.create_table(
        "import_batches",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", _POSITION, nullable=False),
        sa.Column("sha256", sa.String(length=128), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("by", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("last_row", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("apart", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batches")),
    )
    op.create_index(op.f("ix_import_batches_office_created"), "import_batches", ["office", "created"])
    op.create_table(
        "import_rows",
        sa.Column("batch", sa.String(length=64), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=True),
        sa.Column("cells_sealed", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("batch", "row", name=op.f("pk_import_rows")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_import_rows_batch_outcome"), "import_rows", ["batch", "outcome"])
    op.create_table(
        "industries",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_industries")),
    )
    op.create_table(
        "insight_reports",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "day", name=op.f("pk_insight_reports")),
    )
    op.create_table(
        "insight_words",
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("office", "day", name=op.f("pk_insight_words")),
    )
    op.create_table(
        "jurisdictions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("divisions", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jurisdictions")),
    )
    op.create_index(op.f("ix_jurisdictions_office"), "jurisdictions", ["office"])
    op.create_table(
        "law_texts",
        sa.Column("statute", sa.String(length=40), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("suffix", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("chapter", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("imported", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("statute", "since", "number", "suffix", name=op.f("pk_law_texts")),
    )
    op.create_table(
        "lead_records",
        sa.Column("lead", sa.String(length=64), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("lead", "complaint", name=op.f("pk_lead_records")),
    )
    op.create_index(op.f("ix_lead_records_complaint"), "lead_records", ["complaint"])
    op.create_table(
        "leads",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("found", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("clock", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(length=64), server_default="", nullable=False),
        sa.Column("owner_name", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.String(length=32), server_default="", nullable=False),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acted", sa.Date(), nullable=True),
        sa.Column("respondent", sa.String(length=32), server_default="", nullable=False),
        sa.Column("spot", sa.String(length=64), server_default="", nullable=False),
        sa.Column("channel", sa.String(length=32), server_default="", nullable=False),
        sa.Column("informant", sa.String(length=32), server_default="", nullable=False),
        sa.Column("informant_key", sa.String(length=64), server_default="", nullable=False),
        sa.Column("about_core", sa.Text(), nullable=True),
        sa.Column("joined_into", sa.String(length=64), server_default="", nullable=False),
        sa.Column("in_time", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
    )
    op.create_index(op.f("ix_leads_complaint"), "leads", ["complaint"])
    op.create_index("ix_leads_informant_key", "leads", ["office", "informant_key"])
    op.create_index(op.f("ix_leads_office_state_due"), "leads", ["office", "state", "due"])
    op.create_index("ix_leads_origin", "leads", ["office", "origin", "found"])
    op.create_index("ix_leads_respondent", "leads", ["respondent"])
    op.create_table(
        "links",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("seat", sa.String(length=64), nullable=False),
        sa.Column("secret_hash", sa.String(length=128), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("phone_sealed", sa.Text(), nullable=False),
        sa.Column("phone_masked", sa.String(length=32), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_links_secret_hash")),
    )
    op.create_index(op.f("ix_links_session_seat"), "links", ["session", "seat"])
    op.create_index(
        "uq_links_standing",
        "links",
        ["session", "seat"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "log_checkpoints",
        sa.Column("size", _POSITION, autoincrement=False, nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_checkpoints")),
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", _POSITION, nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "log_nodes",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", _POSITION, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_log_nodes")),
    )
    op.create_table(
        "marks_coming",
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("mark", _POSITION, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("complaint", "kind", "mark", name=op.f("pk_marks_coming")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mediation_measures",
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("mediator", sa.String(length=64), nullable=False),
        sa.Column("closed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("settled", _POSITION, nullable=False),
        sa.Column("together", _POSITION, nullable=False),
        sa.Column("length", _POSITION, nullable=False),
        sa.Column("private", _POSITION, nullable=False),
        sa.Column("consumer", _POSITION, nullable=False),
        sa.Column("business", _POSITION, nullable=False),
        sa.Column("lost", _POSITION, nullable=False),
        sa.Column("withdrawn", _POSITION, nullable=True),
        sa.Column("respondent", sa.String(length=32), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("session", name=op.f("pk_mediation_measures")),
    )
    op.create_index(op.f("ix_mediation_measures_complaint"), "mediation_measures", ["complaint"])
    op.create_index(op.f("ix_mediation_measures_mediator_closed"), "mediation_measures", ["mediator", "closed"])
    op.create_index(op.f("ix_mediation_measures_office_closed"), "mediation_measures", ["office", "closed"])
    op.create_index(
        op.f("ix_mediation_measures_office_respondent_closed"), "mediation_measures", ["office", "respondent", "closed"]
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("to_sealed", sa.Text(), nullable=False),
        sa.Column("to_masked", sa.String(length=32), nullable=False),
        sa.Column("text_sealed", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("complaint", sa.String(length=64), server_default="", nullable=False),
        sa.Column("lead", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index(op.f("ix_messages_office_created"), "messages", ["office", "created"])
    op.create_index(op.f("ix_messages_state_next_try"), "messages", ["state", "next_try"])
    op.create_table(
        "offices",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("number_prefix", sa.String(length=32), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("intake", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("authority", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("signature", sa.Text(), server_default="", nullable=False),
        sa.Column("mediation_seal", sa.Text(), server_default="调解专用章", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offices")),
    )
    op.create_table(
        "plan_places",
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.String(length=160), nullable=False),
        sa.Column("aside", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office", "period", "session", name=op.f("pk_plan_places")),
    )
    op.create_index(op.f("ix_plan_places_session"), "plan_places", ["session"])
    op.create_table(
        "plans",
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("office", "period", name=op.f("pk_plans")),
    )
    op.create_table(
        "promises",
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("complaint_number", sa.Text(), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("respondent", sa.String(length=24), nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("who", sa.String(length=32), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("kept", sa.Date(), nullable=True),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.Column("paid", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("session", "number", name=op.f("pk_promises")),
    )
    op.create_index(op.f("ix_promises_complaint"), "promises", ["complaint"])
    op.create_index(op.f("ix_promises_office_due"), "promises", ["office", "due"])
    op.create_index(op.f("ix_promises_respondent"), "promises", ["respondent"])
    op.create_table(
        "public_bulletins",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("office_name", sa.Text(), nullable=False),
        sa.Column("issued", sa.DateTime(timezone=True), nullable=False),
        sa.Column("papers", sa.String(length=64), nullable=False),
        sa.Column("prints", sa.JSON(), nullable=False),
        sa.Column("withdrawn", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kind", "first", "scope", name=op.f("pk_public_bulletins")),
    )
    op.create_index(op.f("ix_public_bulletins_issued"), "public_bulletins", ["issued"])
    op.create_table(
        "public_warnings",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("office_name", sa.Text(), nullable=False),
        sa.Column("published", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("withdrawn", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_warnings")),
    )
    op.create_index(op.f("ix_public_warnings_published"), "public_warnings", ["published"])
    op.create_table(
        "respondent_conduct",
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("willing", sa.String(length=32), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("away", sa.Boolean(), nullable=False),
        sa.Column("promised", sa.Date(), nullable=True),
        sa.Column("kept", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("complaint", name=op.f("pk_respondent_conduct")),
    )
    op.create_table(
        "respondent_joins",
        sa.Column("member", sa.String(length=24), nullable=False),
        sa.Column("head", sa.String(length=24), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_respondent_joins")),
    )
    op.create_index("ix_respondent_joins_head", "respondent_joins", ["head"])
    op.create_table(
        "respondent_marks",
        sa.Column("mark", _POSITION, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("mark", "kind", "complaint", name=op.f("pk_respondent_marks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review_drafts",
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("session", "officer", name=op.f("pk_review_drafts")),
    )
    op.create_table(
        "reviews",
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("mediator", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reviewer", sa.String(length=64), nullable=False),
        sa.Column("reviewer_name", sa.Text(), nullable=False),
        sa.Column("opinion_of", sa.String(length=64), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("praises", sa.Integer(), nullable=False),
        sa.Column("worst", sa.String(length=32), nullable=False),
        sa.Column("training", sa.Boolean(), nullable=False),
        sa.Column("opened", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_on", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("session", name=op.f("pk_reviews")),
    )
    op.create_index(op.f("ix_reviews_mediator_changed"), "reviews", ["mediator", "changed"])
    op.create_index(op.f("ix_reviews_office_changed"), "reviews", ["office", "changed"])
    op.create_index(op.f("ix_reviews_office_state_changed"), "reviews", ["office", "state", "changed"])
    op.create_index(op.f("ix_reviews_opinion_of_state"), "reviews", ["opinion_of", "state"])
    op.create_index(op.f("ix_reviews_reviewer_state_changed"), "reviews", ["reviewer", "state", "changed"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("mediator", sa.String(length=64), nullable=False),
        sa.Column("mediator_name", sa.Text(), nullable=False),
        sa.Column("starts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("opened", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("loss_recovered", sa.BigInteger(), nullable=False),
        sa.Column("performing", sa.Boolean(), nullable=False),
        sa.Column("promises_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("joint_ms", sa.Integer(), nullable=False),
        sa.Column("seats", sa.JSON(), nullable=False),
        sa.Column("mode", sa.String(length=32), server_default="video", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_complaint"), "sessions", ["complaint"])
    op.create_index(
        op.f("ix_sessions_office_mediator_mediator_name_opened"),
        "sessions",
        ["office", "mediator", "mediator_name", "opened"],
    )
    op.create_index(op.f("ix_sessions_office_starts"), "sessions", ["office", "starts"])
    op.create_index(op.f("ix_sessions_office_status"), "sessions", ["office", "status"])
    op.create_index("ix_sessions_records", "sessions", ["office", "opened", "id", "mediator", "outcome", "joint_ms"])
    op.create_table(
        "short_tickets",
        sa.Column("secret_hash", sa.String(length=128), nullable=False),
        sa.Column("ticket_sealed", sa.Text(), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_short_tickets")),
    )
    op.create_index(op.f("ix_short_tickets_ends"), "short_tickets", ["ends"])
    op.create_table(
        "sign_in_guesses",
        sa.Column("login", sa.String(length=128), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_sign_in_guesses")),
    )
    op.create_index(op.f("ix_sign_in_guesses_last"), "sign_in_guesses", ["last"])
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("browser", sa.String(length=128), nullable=False),
        sa.Column("result", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
    )
    op.create_index(op.f("ix_sign_ins_at"), "sign_ins", ["at"])
    op.create_index(op.f("ix_sign_ins_token_hash"), "sign_ins", ["token_hash"])
    op.create_index(op.f("ix_sign_ins_user_at"), "sign_ins", ["user", "at"])
    op.create_table(
        "source_numbers",
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("office", "channel", "number", name=op.f("pk_source_numbers")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_source_numbers_complaint"), "source_numbers", ["complaint"])
    op.create_table(
        "window_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "key", name=op.f("pk_window_counts")),
    )
    op.create_table(
        "window_visits",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=128), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("bound", sa.String(length=128), nullable=False),
        sa.Column("phone_sealed", sa.Text(), nullable=False),
        sa.Column("phone_masked", sa.String(length=32), nullable=False),
        sa.Column("phone_hash", sa.String(length=128), nullable=False),
        sa.Column("draft_sealed", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_window_visits")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_window_visits_token_hash")),
    )
    op.create_index(op.f("ix_window_visits_expires"), "window_visits", ["expires"])
    op.create_table(
        "devices",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=128), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vouched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["link"], ["links.id"], name=op.f("fk_devices_link_links")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_devices_token_hash")),
    )
    op.create_index(op.f("ix_devices_link"), "devices", ["link"])
    op.create_table(
        "hooks",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["office"], ["offices.id"], name=op.f("fk_hooks_office_offices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hooks")),
    )
    op.create_index(op.f("ix_hooks_office"), "hooks", ["office"])
    op.create_table(
        "intake_senders",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("before_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["office"], ["offices.id"], name=op.f("fk_intake_senders_office_offices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_senders")),
    )
    op.create_index(op.f("ix_intake_senders_office"), "intake_senders", ["office"])
    op.create_table(
        "log_attestations",
        sa.Column("size", _POSITION, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=512), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("got_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["size"], ["log_checkpoints.size"], name=op.f("fk_log_attestations_size_log_checkpoints")
        ),
        sa.PrimaryKeyConstraint("size", "kind", "place", name=op.f("pk_log_attestations")),
    )
    op.create_index(op.f("ix_log_attestations_state_next_try"), "log_attestations", ["state", "next_try"])
    op.create_table(
        "office_series",
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["office"], ["offices.id"], name=op.f("fk_office_series_office_offices")),
        sa.PrimaryKeyConstraint("office", "kind", name=op.f("pk_office_series")),
    )
    op.create_table(
        "system_tokens",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.String(length=128), nullable=False),
        sa.Column("token_hash", sa.String(length=128), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("officer", sa.String(length=64), server_default="", nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["office"], ["offices.id"], name=op.f("fk_system_tokens_office_offices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_system_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_system_tokens_token_hash")),
    )
    op.create_index(op.f("ix_system_tokens_office"), "system_tokens", ["office"])
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=128), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp_sealed", sa.Text(), nullable=False),
        sa.Column("totp_pending_sealed", sa.Text(), nullable=False),
        sa.Column("totp_step", _POSITION, nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["office"], ["offices.id"], name=op.f("fk_users_office_offices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("login", name=op.f("uq_users_login")),
    )
    op.create_index(op.f("ix_users_office"), "users", ["office"])
    op.create_table(
        "account_limits",
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("closed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("temporary", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_account_limits_user_users")),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_account_limits")),
    )
    op.create_table(
        "hook_deliveries",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("hook", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hook"], ["hooks.id"], name=op.f("fk_hook_deliveries_hook_hooks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook_deliveries")),
    )
    op.create_index(op.f("ix_hook_deliveries_office_state_created"), "hook_deliveries", ["office", "state", "created"])
    op.create_index(op.f("ix_hook_deliveries_state_next_try"), "hook_deliveries", ["state", "next_try"])
    op.create_table(
        "intake_requests",
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("digest", sa.String(length=128), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.Column("batch", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sender"], ["intake_senders.id"], name=op.f("fk_intake_requests_sender_intake_senders")
        ),
        sa.PrimaryKeyConstraint("sender", "key", name=op.f("pk_intake_requests")),
        sa.UniqueConstraint("sender", "signature", name=op.f("uq_intake_requests_sender_signature")),
    )
    op.create_table(
        "known_browsers",
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=128), nullable=False),
        sa.Column("first", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_known_browsers_user_users")),
        sa.PrimaryKeyConstraint("user", "browser", name=op.f("pk_known_browsers")),
    )
    op.create_table(
        "mediator_notes",
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["officer"], ["users.id"], name=op.f("fk_mediator_notes_officer_users")),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name=op.f("fk_mediator_notes_session_sessions")),
        sa.PrimaryKeyConstraint("session", "officer", name=op.f("pk_mediator_notes")),
    )
    op.create_table(
        "office_oversight",
        sa.Column("supervisor", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["office"], ["offices.id"], name=op.f("fk_office_oversight_office_offices")),
        sa.ForeignKeyConstraint(["supervisor"], ["users.id"], name=op.f("fk_office_oversight_supervisor_users")),
        sa.PrimaryKeyConstraint("supervisor", "office", name=op.f("pk_office_oversight")),
    )
    op.create_table(
        "officer_phones",
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("phone_sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["officer"], ["users.id"], name=op.f("fk_officer_phones_officer_users")),
        sa.PrimaryKeyConstraint("officer", name=op.f("pk_officer_phones")),
    )
    op.create_table(
        "officer_sessions",
        sa.Column("token_hash", sa.String(length=128), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_officer_sessions_user_users")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_officer_sessions")),
    )
    op.create_index(op.f("ix_officer_sessions_expires"), "officer_sessions", ["expires"])
    op.create_index(op.f("ix_officer_sessions_user"), "officer_sessions", ["user"])
    op.create_table(
        "recovery_codes",
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=128), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_recovery_codes_user_users")),
        sa.PrimaryKeyConstraint("user", "code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "system_requests",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("digest", sa.String(length=128), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["token"], ["system_tokens.id"], name=op.f("fk_system_requests_token_system_tokens")),
        sa.PrimaryKeyConstraint("token", "key", name=op.f("pk_system_requests")),
    )


def _words(name: str) -> None:
    """An index of words, which is the engine's own affair."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE VIRTUAL TABLE {name} USING fts5"
            "(words, content='', detail=none, tokenize='unicode61 remove_diacritics 0')"
        )
    else:
        op.execute(f"CREATE TABLE {name} (place BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)")
        op.execute(f"CREATE INDEX ix_{name}_words ON {name} USING gin (words)")
