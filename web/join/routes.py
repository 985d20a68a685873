"""The join flow's addresses."""

from __future__ import annotations

from aiohttp import web

from web.join import consents, identity, invitation


def register(app: web.Application) -> None:
    add = app.router
    add.add_get("/j/{secret}", invitation.show_invitation, name="invite")
    add.add_get("/j/{secret}/qr.svg", invitation.code_picture, name="invite_qr")
    add.add_post("/j/{secret}/start", invitation.start_invitation, name="invite_start")
    add.add_get("/j/{secret}/decline", invitation.ask_decline, name="invite_decline")
    add.add_post("/j/{secret}/decline", invitation.decline)
    add.add_get("/j/{secret}/other-time", invitation.ask_other_time, name="invite_other_time")
    add.add_post("/j/{secret}/other-time", invitation.other_time)
    add.add_get("/join", consents.go_on, name="join")
    add.add_get("/join/age", consents.show_age, name="join_age")
    add.add_post("/join/age", consents.answer_age)
    add.add_get("/join/notice", consents.show_notice, name="join_notice")
    add.add_post("/join/notice", consents.answer_notice)
    add.add_get("/join/recording", consents.show_recording, name="join_recording")
    add.add_post("/join/recording", consents.answer_recording)
    add.add_get("/join/refused", consents.show_refused, name="join_refused")
    add.add_get("/join/texts/{kind:notice|recording}", consents.show_text, name="join_text")
    add.add_get("/join/code", identity.show_code_form, name="join_code")
    add.add_post("/join/code", identity.confirm_code)
    add.add_post("/join/code/send", identity.send_code, name="join_code_send")
    add.add_post("/join/code/help", identity.ask_help, name="join_code_help")
    add.add_get("/join/voice", identity.show_voice, name="join_voice")
    add.add_post("/join/voice", identity.go_on_by_voice)
    add.add_get("/join/asked", consents.show_asked, name="join_asked")
    add.add_get("/join/name", identity.show_name, name="join_name")
    add.add_post("/join/name", identity.choose_name)
    add.add_get("/join/device", identity.show_device_check, name="join_device")
    add.add_post("/join/device", identity.arrive)
    add.add_get("/join/switch", identity.show_switch, name="join_switch")
