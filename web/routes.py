"""The addresses of the office's pages, the join flow, the room, the public window, and of records and how long they are
kept.

A record's are for supervisors and for the mediator of the case (`rooms.record.rules`). Of the record itself only a
supervisor's note, a wish that an entry be corrected, and what its paper quotes is posted.
"""

from __future__ import annotations

from aiohttp import web

from web import join as join_pages, room, telephone, window as window_pages
from web.http import cookies
from web.join import apart as join_apart, invitation, moving, register_trial_call
from web.links import documents
from web.links.answers import WayIn, register_way_in
from web.office import accounts, audit, sessions
from web.office.accounts import sign_in
from web.office.administration import cards, offices, systems, tree
from web.office.audit import LOOKS, Looks, files, records, transcript
from web.office.casebook import LAWYERS, exchange, pages as casebook_pages, work
from web.office.complaints import (
    amending,
    decisions as complaints_decisions,
    desk,
    exchange as platforms,
    imports,
    pages as complaints_pages,
    procedure,
    queue,
)
from web.office.insight import bulletins, hot_spots
from web.office.leads import pages as leads_pages
from web.office.oversight import pages as oversight_pages
from web.office.sessions import (
    apart as sessions_apart,
    calendar,
    confirmation,
    elsewhere,
    lines,
    pages as sessions_pages,
)
from web.office.supervision import plans, reviews
from web.window import filing


def register_office(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post

    get("/", sign_in.home, name="home")
    get("/sign-in", sign_in.sign_in_form, name="sign_in")
    post("/sign-in", sign_in.sign_in)
    post("/sign-out", sign_in.sign_out, name="sign_out")
    sign_in.register_finishing(app)
    sign_in.register_sign_on(app)
    get("/setup", sign_in.setup_form, name="setup")
    post("/setup", sign_in.setup)

    get("/api/alive", sign_in.alive, name="alive")
    get("/desk", desk.desk, name="desk")
    get("/desk/next", desk.next_case, name="next")

    get("/complaints", desk.complaint_list, name="complaints")
    get("/complaints/new", complaints_pages.new_form, name="complaint_new")
    post("/complaints/new", complaints_pages.register_complaint)
    get("/api/divisions", complaints_pages.divisions, name="divisions")
    get("/complaints/register.xlsx", desk.complaint_register, name="complaint_register")
    post("/complaints/views", desk.keep_view, name="complaint_views")
    post("/complaints/views/drop", desk.drop_view, name="complaint_view_drop")
    post("/complaints/selection", queue.act_on_selection, name="complaint_selection")
    get("/complaints/{complaint}", complaints_pages.record, name="complaint")
    post("/complaints/{complaint}/duplicate", complaints_pages.decide, name="complaint_duplicate")
    post("/complaints/{complaint}/unmerge", complaints_pages.undo, name="complaint_unmerge")
    get("/complaints/{complaint}/decide/{decision}", complaints_decisions.decision_form, name="complaint_decide")
    post("/complaints/{complaint}/decide/{decision}", complaints_decisions.decide_complaint)
    post("/complaints/{complaint}/look", complaints_pages.reveal, name="complaint_look")
    post("/complaints/{complaint}/number", complaints_pages.number_in_hand)
    post("/complaints/{complaint}/kept", amending.note_kept, name="complaint_kept")
    post("/complaints/{complaint}/told", complaints_decisions.tell, name="complaint_told")
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
    get("/queue", queue.queue_page, name="queue")
    post("/queue/{complaint}/accept", queue.accept, name="queue_accept")
    post("/queue/{complaint}/undo", queue.undo, name="queue_undo")
    post("/queue/{complaint}/seen", queue.dismiss, name="queue_seen")
    get("/holidays", offices.holidays_page, name="holidays")
    post("/holidays", offices.enter_holidays)
    post("/holidays/{year}/withdraw", offices.withdraw_holidays, name="holidays_withdraw")
    get("/complaints/{complaint}/notices/issued/{notice}", complaints_decisions.notice_sheet, name="notice_sheet")
    post(
        "/complaints/{complaint}/notices/issued/{notice}/withdraw",
        complaints_decisions.withdraw_notice,
        name="notice_withdraw",
    )
    get("/complaints/{complaint}/notices/{kind}", complaints_decisions.notice_form, name="notice")
    post("/complaints/{complaint}/notices/{kind}", complaints_decisions.issue_notice)
    post("/complaints/{complaint}/notices/{kind}/preview", complaints_decisions.preview_notice, name="notice_preview")
    post("/complaints/{complaint}/answer", amending.ask_for_answer, name="answer_ask")
    post(
        "/complaints/{complaint}/answer/{invitation}/withdraw",
        amending.withdraw_answer_request,
        name="answer_withdraw",
    )
    post("/complaints/{complaint}/terms/kept", amending.term_kept, name="term_kept")
    post("/complaints/{complaint}/terms/open", amending.term_open, name="term_open")
    post("/complaints/{complaint}/call-backs", amending.call_back, name="call_back")
    post("/complaints/{complaint}/call-backs/undo", amending.call_undone, name="call_undone")
    post("/complaints/{complaint}/attachments", amending.add_attachment, name="attach")
    get("/complaints/{complaint}/attachments/{attachment}", amending.download_attachment, name="attachment")
    post(
        "/complaints/{complaint}/attachments/{attachment}/remove",
        amending.remove_attachment,
        name="attachment_remove",
    )
    get("/complaints/{complaint}/call", elsewhere.call_form, name="call")
    post("/complaints/{complaint}/call", elsewhere.record_call)
    get("/complaints/{complaint}/held", elsewhere.form, name="held")
    post("/complaints/{complaint}/held", elsewhere.record)
    get("/complaints/{complaint}/schedule", sessions.schedule_form, name="schedule")
    post("/complaints/{complaint}/schedule", sessions.schedule)

    get("/sessions/{session}", sessions_pages.session_page, name="session")
    post("/sessions/{session}/seats", sessions_pages.add_seat, name="seat_add")
    post("/sessions/{session}/seats/{seat}/link", sessions_pages.issue_link, name="seat_link")
    post("/sessions/{session}/seats/{seat}/contact", sessions_pages.add_contact, name="seat_contact")
    post("/sessions/{session}/seats/{seat}/handed", sessions_pages.note_handed_over, name="seat_handed")
    post("/sessions/{session}/seats/{seat}/revoke", sessions_pages.revoke_link, name="seat_revoke")
    post("/sessions/{session}/seats/{seat}/voice", sessions_pages.vouch, name="seat_voice")
    get("/sessions/{session}/seats/{seat}/qr.svg", sessions_pages.qr, name="seat_qr")
    get("/sessions/{session}/reschedule", calendar.reschedule_form, name="reschedule")
    post("/sessions/{session}/reschedule", calendar.reschedule)
    post("/sessions/{session}/seats/{seat}/wish/decline", calendar.decline_wish, name="decline_wish")
    get("/sessions/{session}/calendar.ics", calendar.calendar_entry, name="session_ics")
    get("/calendar", calendar.week_page, name="calendar")
    get("/calendar/hours", calendar.hours_page, name="calendar_hours")
    post("/calendar/hours/own", calendar.set_own_hours, name="calendar_own_hours")
    post("/calendar/hours/office", calendar.set_office_hours, name="calendar_office_hours")
    post("/calendar/absences", calendar.enter_absence, name="calendar_absence")
    post("/calendar/absences/{absence}/withdraw", calendar.withdraw_absence, name="calendar_absence_withdraw")
    post("/sessions/{session}/cancel", sessions_pages.cancel, name="session_cancel")
    post("/sessions/{session}/held/ask-to-sign", sessions_apart.ask_to_sign, name="held_ask_to_sign")
    post("/sessions/{session}/held/sign", sessions_apart.sign, name="held_sign")
    get("/sessions/{session}/apart", sessions_apart.apart_page, name="session_apart")
    post("/sessions/{session}/apart/exhibits", sessions_apart.bring_exhibit, name="session_apart_exhibits")
    post("/sessions/{session}/apart/{act}", sessions_apart.act, name="session_apart_act")
    post("/sessions/{session}/corrections", sessions_pages.correct, name="session_correct")

    imports.register(app)
    platforms.register(app)
    confirmation.register(app)
    post("/complaints/{complaint}/prior", procedure.begin_prior, name="prior_begin")
    post("/complaints/{complaint}/prior/end", procedure.end_prior, name="prior_end")

    accounts.register(app)

    get("/offices", offices.offices, name="offices")
    post("/offices", offices.add_office)
    post("/offices/{which}", offices.change_office, name="office_change")
    post("/offices/{which}/series", offices.change_number_series, name="office_series")
    tree.register(app)
    get("/jurisdictions", offices.jurisdictions, name="jurisdictions")
    post("/jurisdictions", offices.draw_area)
    post("/jurisdictions/{area}/drop", offices.drop_area, name="jurisdiction_drop")

    cards.register_cards(app)
    lines.register_lines(app)

    get("/account", accounts.account, name="account")
    get("/account/tokens", systems.tokens, name="own_tokens")
    post("/account/tokens", systems.make_own_token)
    post("/account/tokens/{token}/revoke", systems.revoke_own_token, name="own_token_revoke")
    post("/account/password", accounts.change_password, name="account_password")
    post("/account/phone", accounts.give_phone, name="account_phone")
    post("/account/phone/without", accounts.without, name="account_without_phone")
    post("/account/totp", accounts.begin_totp, name="account_totp")
    post("/account/totp/confirm", accounts.confirm_totp, name="account_totp_confirm")
    post("/account/totp/drop", accounts.drop_totp, name="account_totp_drop")
    post("/account/recovery", accounts.renew_recovery, name="account_recovery")
    post("/account/sessions/others/end", accounts.end_others, name="account_end_others")
    post("/account/sessions/{own}/end", accounts.end_session, name="account_end_session")


def register_records(app: web.Application) -> None:
    app[LOOKS] = Looks()
    get, post = app.router.add_get, app.router.add_post
    get("/audit", records.record_list, name="audit")
    get("/audit/{session}", records.record, name="record")
    get("/audit/{session}/journal", records.journal, name="journal")
    get("/audit/{session}/journal.json", records.journal_download, name="journal_download")
    get("/audit/{session}/correct", records.show_form, name="correct")
    post("/audit/{session}/correct", records.ask_correction)
    get("/audit/{session}/captions.vtt", records.caption_file, name="captions")
    get("/audit/{session}/recording.json", records.recording_state, name="recording_state")
    get("/audit/{session}/recording.mp4", files.recording_file, name="recording_file")
    get("/audit/{session}/tracks/{seat}/{file}", files.track_file, name="track_file")
    get("/audit/{session}/exhibits/{exhibit}/{number}", files.original, name="exhibit_original")
    get("/audit/{session}/statements", transcript.page, name="statements")
    post("/audit/{session}/statements/{line}", transcript.decide, name="statement")
    post("/audit/{session}/record/{what}", transcript.act, name="statement_act")
    post("/audit/{session}/notes", records.add_note, name="add_note")
    post("/audit/{session}/exports", files.ask_export, name="export")
    get("/audit/{session}/exports/{export}.json", files.export_state, name="export_state")
    get("/audit/{session}/exports/{export}.zip", files.export_file, name="export_file")
    post("/audit/{session}/viewings", audit.grant, name="viewings")
    post("/audit/{session}/viewings/{seat}", audit.held, name="viewing_held")
    get("/transcripts", transcript.search_transcripts, name="transcripts")
    get("/audit/{session}/transcript", transcript.show_transcript, name="transcript")
    post("/audit/{session}/transcript", transcript.ask_transcript)
    get("/audit/{session}/transcript.json", transcript.transcript_state, name="transcript_state")
    post("/audit/{session}/transcript/lines", transcript.correct_line, name="transcript_line")
    get(
        "/audit/{session}/transcript.{form:vtt|docx}", transcript.transcript_file,
        name="transcript_file", allow_head=False,
    )  # fmt: skip
    get("/audit/{session}/copy", files.copies_page, name="copy")
    post("/audit/{session}/copy", files.ask_copy, name="copy_ask")
    get("/audit/{session}/copy/{copy}.mp4", files.download_copy, name="copy_file", allow_head=False)
    get("/kept", audit.held_records, name="kept")
    get("/kept/{session}", audit.record_keeping, name="keeping")
    post("/kept/{session}/hold", audit.hold_record, name="hold")
    post("/kept/{session}/hold/lift", audit.lift_hold, name="hold_lift")
    post("/kept/{session}/erase", audit.erase_record, name="record_erase")


def register_casebook(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/casebook", casebook_pages.shelf, name="casebook")
    get("/casebook/making", casebook_pages.making, name="casebook_making")
    get("/casebook/board", casebook_pages.board, name="casebook_board")
    post("/casebook/draw/{complaint}", casebook_pages.draw, name="case_draw")
    get("/casebook/cases/{case}", casebook_pages.case, name="case")
    get("/casebook/cases/{case}/texts", work.texts, name="case_texts")
    post("/casebook/cases/{case}/texts", work.write)
    post("/casebook/cases/{case}/decide", work.decide, name="case_decide")
    post("/casebook/cases/{case}/mark", work.mark, name="case_mark")
    post("/casebook/cases/{case}/spoken", work.add_spoken, name="case_spoken")
    post("/casebook/cases/{case}/approve", work.approve, name="case_approve")
    get("/casebook/cases/{case}/sheet", work.sheet, name="case_sheet")
    post("/casebook/cases/{case}/sheet", work.fill)
    post("/casebook/cases/{case}/ask/{what}", casebook_pages.ask, name="case_ask")
    post("/casebook/cases/{case}/lawyers", casebook_pages.invite, name="case_invite")
    post("/casebook/cases/{case}/lawyers/{invitation}/link", casebook_pages.link, name="case_invitation")
    post("/casebook/cases/{case}/lawyers/{invitation}/withdraw", casebook_pages.uninvite, name="case_uninvite")
    post("/casebook/cases/{case}/collect", exchange.collect, name="case_collect")
    get("/casebook/cases/{case}/file.{form}", exchange.give_out, name="case_file")
    get("/casebook/file.{form}", exchange.give_out_shelf, name="casebook_file")
    get("/casebook/take-in", exchange.take_in_form, name="casebook_take_in")
    post("/casebook/take-in", exchange.take_in)
    get("/casebook/take-in/{cut}", exchange.cut_page, name="casebook_cut")
    post("/casebook/take-in/{cut}", exchange.change_cut)
    post("/casebook/collections", exchange.begin_collection, name="casebook_collections")
    get("/casebook/topics", exchange.topic_list, name="casebook_topics")
    post("/casebook/topics", exchange.change_topic)
    get("/casebook/notes", exchange.note_list, name="casebook_notes")
    get("/casebook/notes/{problem}", exchange.note, name="casebook_note")
    post("/casebook/notes/{problem}", exchange.write_note)
    register_way_in(app, WayIn("/l", "/comment", "lawyer", "casebook/lawyer_invite.html", cookies.LAWYER), LAWYERS)
    get("/comment", work.show, name="lawyer")
    post("/comment", work.give)


def register_insight(app: web.Application) -> None:
    app.router.add_get("/focus", hot_spots.focus_page, name="focus")
    app.router.add_get("/focus/month", hot_spots.month, name="focus_month")
    app.router.add_get("/focus/how", hot_spots.how, name="focus_how")
    app.router.add_get("/focus/spots.xlsx", hot_spots.focus_file, name="focus_file")
    app.router.add_get("/focus/charts/{chart}.{ending}", hot_spots.focus_chart, name="focus_chart")
    app.router.add_get("/focus/{hotspot}/weeks.{ending}", hot_spots.spot_chart, name="hotspot_chart")
    app.router.add_get("/focus/{hotspot}", hot_spots.spot_page, name="hotspot")
    app.router.add_post("/focus/{hotspot}/looked", hot_spots.spot_looked_at, name="hotspot_looked")
    app.router.add_post("/focus/{hotspot}/dismiss", hot_spots.dismiss, name="hotspot_dismiss")
    app.router.add_post("/focus/{hotspot}/back", hot_spots.reopen_spot, name="hotspot_back")
    app.router.add_get("/focus/{hotspot}/warning", bulletins.page, name="hotspot_warning")
    app.router.add_post("/focus/{hotspot}/warning", bulletins.keep, name="hotspot_warning_keep")
    app.router.add_post("/focus/{hotspot}/warning/approve", bulletins.approve, name="hotspot_warning_approve")
    app.router.add_post("/focus/{hotspot}/warning/publish", bulletins.publish, name="hotspot_warning_publish")
    app.router.add_post("/focus/{hotspot}/warning/withdraw", bulletins.withdraw, name="hotspot_warning_withdraw")
    app.router.add_get("/public", bulletins.published_list, name="public")
    app.router.add_get("/public/warnings/{warning}", bulletins.warning, name="public_warning")
    app.router.add_get("/public/warnings/{warning}/warning.pdf", bulletins.published_file, name="public_warning_file")
    app.router.add_get("/public/bulletins/{span}/{first}/{scope}", bulletins.bulletin, name="public_bulletin")
    app.router.add_get(
        "/public/bulletins/{span}/{first}/{scope}/bulletin.pdf", bulletins.bulletin_file, name="public_bulletin_file"
    )


def register_oversight(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/approvals", oversight_pages.listing, name="approvals")
    post("/approvals", oversight_pages.ask)
    get("/approvals/{approval}", oversight_pages.one, name="approval")
    post("/approvals/{approval}/yes", oversight_pages.approve, name="approval_yes")
    post("/approvals/{approval}/no", oversight_pages.decline, name="approval_no")
    post("/approvals/{approval}/take-back", oversight_pages.take_back, name="approval_take_back")
    get("/access", oversight_pages.access_table, name="access")
    post("/access/roles/{office}/{role}", oversight_pages.change_access, name="access_role")
    post("/access/overseers/{supervisor}", oversight_pages.oversee, name="access_overseer")
    post("/access/looks", oversight_pages.set_look_limits, name="access_looks")
    post("/access/changes/{number}/undo", oversight_pages.undo_access, name="access_undo")
    get("/retention", oversight_pages.retention_table, name="retention")
    post("/retention", oversight_pages.change_retention)
    get("/retention/appraisals", oversight_pages.appraisal_table, name="appraisals")
    post("/retention/appraisals", oversight_pages.propose)
    get("/retention/appraisals/{list}", oversight_pages.appraisal_page, name="appraisal")
    get("/retention/appraisals/{list}/certificate", oversight_pages.certificate, name="appraisal_certificate")
    get("/oversight", oversight_pages.act_list, name="oversight")
    get("/oversight.xlsx", oversight_pages.act_workbook, name="oversight_workbook")


def register_supervision(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/supervision", plans.monday, name="supervision")
    get("/supervision/rule", plans.rule, name="sampling_rule")
    post("/supervision/rule/{unit}", plans.choose, name="choose_rule")
    get("/supervision/plans/{unit}/{period}", plans.plan, name="plan")
    get("/supervision/plans/{unit}/{period}/draw.json", plans.published, name="draw")
    post("/supervision/plans/{unit}/{period}", plans.change_plan, name="change_plan")
    get("/supervision/reviews", reviews.listing, name="reviews")
    get("/supervision/reviews/{session}", reviews.review, name="review")
    post("/supervision/reviews/{session}", reviews.begin, name="review_begin")
    post("/supervision/reviews/{session}/draft", reviews.draft, name="review_draft")
    post("/supervision/reviews/{session}/{what}", reviews.act, name="review_act")
    get("/supervision/live/{session}", plans.observed_room, name="observe")
    post("/supervision/live/{session}", plans.begin_looking_on)
    get("/supervision/reports", plans.newest, name="newest_report")
    get("/supervision/reports/{unit}/{quarter}", plans.report_page, name="report")
    get("/supervision/reports/{unit}/{quarter}/report.pdf", plans.pdf, name="report_pdf")
    get("/supervision/reports/{unit}/{quarter}/data.csv", plans.data_set, name="report_data")
    get("/practice", plans.own_practice, name="practice")


def register_join(app: web.Application) -> None:
    register_trial_call(app)
    calendar.register_calendar_feed(app)
    add = app.router
    add.add_get("/j/{secret}", invitation.show_invitation, name="invite")
    add.add_get("/j/{secret}/mediation.ics", invitation.calendar_entry, name="invite_ics")
    add.add_get("/j/{secret}/qr.svg", invitation.code_picture, name="invite_qr")
    add.add_post("/j/{secret}/start", invitation.start_invitation, name="invite_start")
    add.add_post("/j/{secret}/move", moving.begin_move, name="invite_move")
    add.add_post("/j/{secret}/here", moving.move_here, name="invite_here")
    add.add_get("/j/{secret}/decline", invitation.ask_decline, name="invite_decline")
    add.add_post("/j/{secret}/decline", invitation.decline)
    add.add_get("/j/{secret}/other-time", invitation.ask_other_time, name="invite_other_time")
    add.add_post("/j/{secret}/other-time", invitation.other_time)
    add.add_get("/join", invitation.go_on, name="join")
    add.add_get("/join/real-name", join_pages.show_real_name, name="join_real_name")
    add.add_post("/join/real-name", join_pages.check_real_name)
    add.add_get("/join/age", invitation.show_age, name="join_age")
    add.add_post("/join/age", invitation.answer_age)
    add.add_get("/join/notice", invitation.show_notice, name="join_notice")
    add.add_post("/join/notice", invitation.answer_notice)
    add.add_get("/join/recording", invitation.show_recording, name="join_recording")
    add.add_post("/join/recording", invitation.answer_recording)
    add.add_get("/join/refused", invitation.show_refused, name="join_refused")
    add.add_get("/join/texts/{kind:notice|recording|transcribe}", invitation.show_text, name="join_text")
    add.add_get("/join/code", join_pages.show_code_form, name="join_code")
    add.add_post("/join/code", join_pages.confirm_code)
    add.add_post("/join/code/send", join_pages.send_code, name="join_code_send")
    add.add_post("/join/code/help", join_pages.ask_help, name="join_code_help")
    add.add_get("/join/voice", join_pages.show_voice, name="join_voice")
    add.add_post("/join/voice", join_pages.go_on_by_voice)
    add.add_get("/join/asked", invitation.show_asked, name="join_asked")
    add.add_get("/join/name", join_pages.show_name, name="join_name")
    add.add_post("/join/name", join_pages.choose_name)
    add.add_get("/join/device", join_pages.show_device_check, name="join_device")
    add.add_post("/join/device", join_pages.arrive)
    add.add_get("/join/apart", join_apart.show_apart, name="join_apart")
    add.add_get("/join/apart/meeting.ics", join_apart.calendar_entry, name="apart_ics")
    add.add_post("/join/apart/code/send", join_apart.send_code, name="apart_code_send")
    add.add_post("/join/apart/code", join_apart.check_code, name="apart_code")
    add.add_post("/join/apart/voice", join_apart.begin_by_voice, name="apart_voice")
    add.add_post("/join/apart/rights", join_apart.read_rights, name="apart_rights")
    add.add_post("/join/apart/exhibits", join_apart.bring_exhibit, name="apart_exhibits")
    add.add_post("/join/apart/unsent/forget", join_apart.forget_unsent, name="apart_unsent_forget")
    add.add_post("/join/apart/{act}", join_apart.act, name="apart_act")
    add.add_get("/join/switch", moving.show_switch, name="join_switch")
    add.add_post("/join/switch", moving.copy_link)
    add.add_get("/join/again", moving.come_back, name="join_again")


def register_room(app: web.Application) -> None:
    app.router.add_get("/room", room.phone, name="room")
    app.router.add_get("/sessions/{session}/room", room.cockpit, name="cockpit")
    room.register_notes(app)
    room.register(app)
    documents.register(app)
    room.register_vouching(app)
    telephone.register_telephone(app)


def register_window(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    get("/file", filing.start_page, name="window_file")
    post("/file", filing.start)
    get("/follow", window_pages.follow_form, name="window_follow")
    post("/follow", window_pages.follow)
    get("/{way:file|follow}/code", window_pages.code_form, name="window_code")
    post("/{way:file|follow}/code", window_pages.code)
    post("/{way:file|follow}/code/send", window_pages.send_again, name="window_code_send")
    steps = "|".join(filing.STEPS)
    get(f"/file/{{step:{steps}}}", filing.step_page, name="window_step")
    post(f"/file/{{step:{steps}}}", filing.step)
    get("/follow/state", window_pages.state, name="window_state")
    get("/follow/alive", window_pages.visit_is_alive, name="window_alive")
    get("/follow/photos", window_pages.photo_page, name="window_photos")
    post("/follow/photos", window_pages.send_photo)
    post("/follow/photos/{attachment}/remove", window_pages.remove_photo, name="window_photo_remove")
    post("/follow/news", window_pages.news, name="window_news")
    get("/follow/notices/{notice}", window_pages.notice, name="window_notice")
    get("/follow/notices/{notice}/file", window_pages.notice_file, name="window_notice_file")
    get("/follow/withdraw", window_pages.withdraw_form, name="window_withdraw")
    post("/follow/withdraw", window_pages.withdraw)
