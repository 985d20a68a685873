"""The office's addresses."""

from __future__ import annotations

from aiohttp import web

from web.accounts import account, officers, sign_in
from web.administration import maps, offices, systems
from web.complaints import amending, attachments, decisions, desk, duplicates, pages as complaints_pages, procedure
from web.imports import pages as imports
from web.leads import pages as leads_pages
from web.sessions import elsewhere, pages as sessions_pages, scheduling


def register(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post

    get("/", sign_in.home, name="home")
    get("/sign-in", sign_in.sign_in_form, name="sign_in")
    post("/sign-in", sign_in.sign_in)
    post("/sign-out", sign_in.sign_out, name="sign_out")
    sign_in.register_finishing(app)
    get("/setup", sign_in.setup_form, name="setup")
    post("/setup", sign_in.setup)

    get("/api/alive", sign_in.alive, name="alive")
    get("/desk", desk.desk, name="desk")

    get("/complaints", desk.complaint_list, name="complaints")
    get("/complaints/new", complaints_pages.new_form, name="complaint_new")
    post("/complaints/new", complaints_pages.register_complaint)
    get("/api/divisions", complaints_pages.divisions, name="divisions")
    get("/complaints/{complaint}", complaints_pages.record, name="complaint")
    post("/complaints/{complaint}/duplicate", duplicates.decide, name="complaint_duplicate")
    post("/complaints/{complaint}/unmerge", duplicates.undo, name="complaint_unmerge")
    get("/complaints/{complaint}/decide/{decision}", decisions.decision_form, name="complaint_decide")
    post("/complaints/{complaint}/decide/{decision}", decisions.decide_complaint)
    post("/complaints/{complaint}/look", complaints_pages.reveal, name="complaint_look")
    post("/complaints/{complaint}/kept", amending.note_kept, name="complaint_kept")
    post("/complaints/{complaint}/told", decisions.tell, name="complaint_told")
    post("/complaints/{complaint}/close", amending.close_file, name="complaint_close")
    post("/complaints/{complaint}/take-back", amending.take_back_note, name="complaint_take_back")
    get("/complaints/{complaint}/amend", amending.amend_form, name="complaint_amend")
    post("/complaints/{complaint}/amend", amending.amend)
    post("/complaints/{complaint}/amend/undo", amending.undo_amendment, name="complaint_amend_undo")
    post("/complaints/{complaint}/triage", complaints_pages.confirm_triage, name="complaint_triage")
    post("/complaints/{complaint}/procedure/{step}", procedure.ask, name="complaint_step")
    get("/procedure", procedure.table, name="procedure")
    post("/procedure/order", procedure.apply_order, name="procedure_order")
    post("/complaints/{complaint}/leads", leads_pages.hand_on, name="complaint_lead")
    get("/leads", leads_pages.lead_list, name="leads")
    get("/leads/{lead}", leads_pages.record_lead, name="lead")
    post("/leads/from-spot/{hotspot}", leads_pages.from_spot, name="lead_from_spot")
    post("/leads/{lead}/extend", leads_pages.extend, name="lead_extend")
    post("/leads/{lead}/decide", leads_pages.decide_lead, name="lead_decide")
    post("/leads/{lead}/assign", leads_pages.assign, name="lead_assign")
    post("/leads/{lead}/actions", leads_pages.note_measure, name="lead_act")
    post("/leads/{lead}/told", leads_pages.tell, name="lead_tell")
    post("/leads/{lead}/withdraw", leads_pages.withdraw_lead, name="lead_withdraw")
    post("/leads/{lead}/hold", leads_pages.hold_lead, name="lead_hold")
    post("/leads/{lead}/hold/lift", leads_pages.lift_lead, name="lead_lift")
    post("/leads/{lead}/take-back", leads_pages.take_back, name="lead_take_back")
    post("/leads/{lead}/informant", leads_pages.informant, name="lead_informant")
    post("/leads/{lead}/records", leads_pages.attach_complaint, name="lead_attach")
    post("/leads/{lead}/records/{complaint}/detach", leads_pages.detach_complaint, name="lead_detach")
    post("/leads/{lead}/files", leads_pages.add_lead_file, name="lead_file_add")
    get("/leads/{lead}/files/{file}", leads_pages.download_lead_file, name="lead_file")
    post("/leads/{lead}/files/{file}/remove", leads_pages.remove_lead_file, name="lead_file_remove")
    get("/due", desk.due_board, name="due")
    get("/holidays", offices.holidays_page, name="holidays")
    post("/holidays", offices.enter_holidays)
    post("/holidays/{year}/withdraw", offices.withdraw_holidays, name="holidays_withdraw")
    get("/complaints/{complaint}/notices/issued/{notice}", decisions.notice_sheet, name="notice_sheet")
    post("/complaints/{complaint}/notices/issued/{notice}/withdraw", decisions.withdraw_notice, name="notice_withdraw")
    get("/complaints/{complaint}/notices/{kind}", decisions.notice_form, name="notice")
    post("/complaints/{complaint}/notices/{kind}", decisions.issue_notice)
    post("/complaints/{complaint}/notices/{kind}/preview", decisions.preview_notice, name="notice_preview")
    post("/complaints/{complaint}/answer", attachments.ask_for_answer, name="answer_ask")
    post(
        "/complaints/{complaint}/answer/{invitation}/withdraw",
        attachments.withdraw_answer_request,
        name="answer_withdraw",
    )
    post("/complaints/{complaint}/terms/kept", amending.term_kept, name="term_kept")
    post("/complaints/{complaint}/terms/open", amending.term_open, name="term_open")
    post("/complaints/{complaint}/call-backs", amending.call_back, name="call_back")
    post("/complaints/{complaint}/call-backs/undo", amending.call_undone, name="call_undone")
    post("/complaints/{complaint}/attachments", attachments.add_attachment, name="attach")
    get("/complaints/{complaint}/attachments/{attachment}", attachments.download_attachment, name="attachment")
    post(
        "/complaints/{complaint}/attachments/{attachment}/remove",
        attachments.remove_attachment,
        name="attachment_remove",
    )
    get("/complaints/{complaint}/held", elsewhere.form, name="held")
    post("/complaints/{complaint}/held", elsewhere.record)
    get("/complaints/{complaint}/schedule", scheduling.schedule_form, name="schedule")
    post("/complaints/{complaint}/schedule", scheduling.schedule)

    get("/sessions/{session}", sessions_pages.session_page, name="session")
    post("/sessions/{session}/seats", sessions_pages.add_seat, name="seat_add")
    post("/sessions/{session}/seats/{seat}/link", sessions_pages.issue_link, name="seat_link")
    post("/sessions/{session}/seats/{seat}/revoke", sessions_pages.revoke_link, name="seat_revoke")
    post("/sessions/{session}/seats/{seat}/voice", sessions_pages.vouch, name="seat_voice")
    get("/sessions/{session}/seats/{seat}/qr.svg", sessions_pages.qr, name="seat_qr")
    post("/sessions/{session}/cancel", sessions_pages.cancel, name="session_cancel")
    post("/sessions/{session}/held/ask-to-sign", elsewhere.ask_to_sign, name="held_ask_to_sign")
    post("/sessions/{session}/held/sign", elsewhere.sign, name="held_sign")
    post("/sessions/{session}/corrections", sessions_pages.correct, name="session_correct")

    imports.register(app)

    get("/outbox", maps.messages, name="outbox")
    post("/outbox/{message}/resend", maps.resend, name="outbox_resend")

    officers.register(app)

    get("/offices", offices.offices, name="offices")
    post("/offices", offices.add_office)
    post("/offices/{which}", offices.change_office, name="office_change")
    post("/offices/{which}/series", offices.change_number_series, name="office_series")
    get("/jurisdictions", offices.jurisdictions, name="jurisdictions")
    post("/jurisdictions", offices.draw_area)
    post("/jurisdictions/{area}/drop", offices.drop_area, name="jurisdiction_drop")

    get("/account", account.account, name="account")
    get("/account/tokens", systems.tokens, name="own_tokens")
    post("/account/tokens", systems.make_own_token)
    post("/account/tokens/{token}/revoke", systems.revoke_own_token, name="own_token_revoke")
    post("/account/password", account.change_password, name="account_password")
    post("/account/phone", account.give_phone, name="account_phone")
    post("/account/phone/without", account.without, name="account_without_phone")
    post("/account/totp", account.begin_totp, name="account_totp")
    post("/account/totp/confirm", account.confirm_totp, name="account_totp_confirm")
    post("/account/totp/drop", account.drop_totp, name="account_totp_drop")
    post("/account/recovery", account.renew_recovery, name="account_recovery")
    post("/account/sessions/others/end", account.end_others, name="account_end_others")
    post("/account/sessions/{own}/end", account.end_session, name="account_end_session")
