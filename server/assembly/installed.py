"""Every topic that pages are served of: each puts its services under their keys, and brings its own background work."""

from __future__ import annotations

from server.assembly import (
    bulletins,
    casebook,
    casefinding,
    complaints,
    dashboards,
    evidence,
    insight,
    intake,
    leads,
    offices,
    oversight,
    respondents,
    rooms,
    signing,
    supervision,
    systems,
    window,
)

TOPICS = (
    casefinding,
    offices,
    dashboards,
    complaints,
    leads,
    respondents,
    bulletins,
    intake,
    rooms,
    signing,
    evidence,
    window,
    supervision,
    systems,
    oversight,
    casebook,
    insight,
)
