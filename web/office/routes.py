"""The office's addresses."""

from __future__ import annotations

from aiohttp import web

from web.imports import pages as imports
from web.office import (
    account,
    aftercare,
    alive,
    amending,
    answers,
    attachments,
    complaint_list,
    complaints,
    deciding,
    desk,
    due,
    duplicates,
    elsewhere,
    finishing,
    founding,
    holidays,
    jurisdictions,
    lead_files,
    lead_keeping,
    leads,
    notes,
    notices,
    officers,
    offices,
    outbox,
    phone_asked,
    procedure,
    scheduling,
    sessions,
    signing,
    tokens,
    triage,
)


def register(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post

    get("/", signing.home, name="home")
    get("/sign-in", signing.sign_in_form, name="sign_in")
    post("/sign-in", signing.sign_in)
    post("/sign-out", signing.sign_out, name="sign_out")
    finishing.register(app)
    get("/setup", founding.setup_form, name="setup")
    post("/setup", founding.setup)

    get("/api/alive", alive.alive, name="alive")
    get("/desk", desk.desk, name="desk")

    get("/complaints", complaint_list.listing, name="complaints")
    get("/complaints/new", complaints.new_form, name="complaint_new")
    post("/complaints/new", complaints.register)
    get("/api/divisions", complaints.divisions, name="divisions")
    get("/complaints/{complaint}", complaints.record, name="complaint")
    post("/complaints/{complaint}/duplicate", duplicates.decide, name="complaint_duplicate")
    post("/complaints/{complaint}/unmerge", duplicates.undo, name="complaint_unmerge")
    get("/complaints/{complaint}/decide/{decision}", deciding.form, name="complaint_decide")
    post("/complaints/{complaint}/decide/{decision}", deciding.decide)
    post("/complaints/{complaint}/look", complaints.reveal, name="complaint_look")
    post("/complaints/{complaint}/kept", notes.kept, name="complaint_kept")
    post("/complaints/{complaint}/told", deciding.tell, name="complaint_told")
    post("/complaints/{complaint}/close", notes.close, name="complaint_close")
    post("/complaints/{complaint}/take-back", notes.take_back, name="complaint_take_back")
    get("/complaints/{complaint}/amend", amending.amend_form, name="complaint_amend")
    post("/complaints/{complaint}/amend", amending.amend)
    post("/complaints/{complaint}/amend/undo", amending.undo, name="complaint_amend_undo")
    post("/complaints/{complaint}/triage", triage.confirm, name="complaint_triage")
    post("/complaints/{complaint}/procedure/{step}", procedure.ask, name="complaint_step")
    get("/procedure", procedure.table, name="procedure")
    post("/procedure/order", procedure.apply_order, name="procedure_order")
    post("/complaints/{complaint}/leads", leads.hand_on, name="complaint_lead")
    get("/leads", leads.listing, name="leads")
    get("/leads/{lead}", leads.record, name="lead")
    post("/leads/from-spot/{hotspot}", leads.from_spot, name="lead_from_spot")
    post("/leads/{lead}/extend", leads.extend, name="lead_extend")
    post("/leads/{lead}/decide", leads.decide, name="lead_decide")
    post("/leads/{lead}/assign", leads.assign, name="lead_assign")
    post("/leads/{lead}/actions", leads.act, name="lead_act")
    post("/leads/{lead}/told", leads.tell, name="lead_tell")
    post("/leads/{lead}/withdraw", leads.withdraw, name="lead_withdraw")
    post("/leads/{lead}/hold", lead_keeping.hold, name="lead_hold")
    post("/leads/{lead}/hold/lift", lead_keeping.lift, name="lead_lift")
    post("/leads/{lead}/take-back", leads.take_back, name="lead_take_back")
    post("/leads/{lead}/informant", leads.informant, name="lead_informant")
    post("/leads/{lead}/records", leads.attach, name="lead_attach")
    post("/leads/{lead}/records/{complaint}/detach", leads.detach, name="lead_detach")
    post("/leads/{lead}/files", lead_files.add, name="lead_file_add")
    get("/leads/{lead}/files/{file}", lead_files.download, name="lead_file")
    post("/leads/{lead}/files/{file}/remove", lead_files.remove, name="lead_file_remove")
    get("/due", due.board, name="due")
    get("/holidays", holidays.form, name="holidays")
    post("/holidays", holidays.enter)
    post("/holidays/{year}/withdraw", holidays.withdraw, name="holidays_withdraw")
    get("/complaints/{complaint}/notices/issued/{notice}", notices.sheet, name="notice_sheet")
    post("/complaints/{complaint}/notices/issued/{notice}/withdraw", notices.withdraw, name="notice_withdraw")
    get("/complaints/{complaint}/notices/{kind}", notices.form, name="notice")
    post("/complaints/{complaint}/notices/{kind}", notices.issue)
    post("/complaints/{complaint}/notices/{kind}/preview", notices.preview, name="notice_preview")
    post("/complaints/{complaint}/answer", answers.ask, name="answer_ask")
    post("/complaints/{complaint}/answer/{invitation}/withdraw", answers.withdraw, name="answer_withdraw")
    post("/complaints/{complaint}/terms/kept", aftercare.term_kept, name="term_kept")
    post("/complaints/{complaint}/terms/open", aftercare.term_open, name="term_open")
    post("/complaints/{complaint}/call-backs", aftercare.call_back, name="call_back")
    post("/complaints/{complaint}/call-backs/undo", aftercare.call_undone, name="call_undone")
    post("/complaints/{complaint}/attachments", attachments.attach, name="attach")
    get("/complaints/{complaint}/attachments/{attachment}", attachments.download, name="attachment")
    post("/complaints/{complaint}/attachments/{attachment}/remove", attachments.remove, name="attachment_remove")
    get("/complaints/{complaint}/held", elsewhere.form, name="held")
    post("/complaints/{complaint}/held", elsewhere.record)
    get("/complaints/{complaint}/schedule", scheduling.schedule_form, name="schedule")
    post("/complaints/{complaint}/schedule", scheduling.schedule)

    get("/sessions/{session}", sessions.session_page, name="session")
    post("/sessions/{session}/seats", sessions.add_seat, name="seat_add")
    post("/sessions/{session}/seats/{seat}/link", sessions.issue, name="seat_link")
    post("/sessions/{session}/seats/{seat}/revoke", sessions.revoke, name="seat_revoke")
    post("/sessions/{session}/seats/{seat}/voice", sessions.vouch, name="seat_voice")
    get("/sessions/{session}/seats/{seat}/qr.svg", sessions.qr, name="seat_qr")
    post("/sessions/{session}/cancel", sessions.cancel, name="session_cancel")
    post("/sessions/{session}/held/ask-to-sign", elsewhere.ask_to_sign, name="held_ask_to_sign")
    post("/sessions/{session}/held/sign", elsewhere.sign, name="held_sign")
    post("/sessions/{session}/corrections", sessions.correct, name="session_correct")

    imports.register(app)

    get("/outbox", outbox.messages, name="outbox")
    post("/outbox/{message}/resend", outbox.resend, name="outbox_resend")

    officers.register(app)

    get("/offices", offices.offices, name="offices")
    post("/offices", offices.add)
    post("/offices/{which}", offices.change, name="office_change")
    post("/offices/{which}/series", offices.number, name="office_series")
    get("/jurisdictions", jurisdictions.jurisdictions, name="jurisdictions")
    post("/jurisdictions", jurisdictions.draw)
    post("/jurisdictions/{area}/drop", jurisdictions.drop, name="jurisdiction_drop")

    get("/account", account.account, name="account")
    get("/account/tokens", tokens.tokens, name="own_tokens")
    post("/account/tokens", tokens.make)
    post("/account/tokens/{token}/revoke", tokens.revoke, name="own_token_revoke")
    post("/account/password", account.change_password, name="account_password")
    post("/account/phone", account.give_phone, name="account_phone")
    post("/account/phone/without", phone_asked.without, name="account_without_phone")
    post("/account/totp", account.begin_totp, name="account_totp")
    post("/account/totp/confirm", account.confirm_totp, name="account_totp_confirm")
    post("/account/totp/drop", account.drop_totp, name="account_totp_drop")
    post("/account/recovery", account.renew_recovery, name="account_recovery")
    post("/account/sessions/others/end", account.end_others, name="account_end_others")
    post("/account/sessions/{own}/end", account.end_session, name="account_end_session")
