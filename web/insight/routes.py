"""Where the pages about hot spots are."""

from __future__ import annotations

from aiohttp import web

from web.insight import focus, published, spot, warning


def register(app: web.Application) -> None:
    app.router.add_get("/focus", focus.page, name="focus")
    app.router.add_get("/focus/month", focus.month, name="focus_month")
    app.router.add_get("/focus/how", focus.how, name="focus_how")
    app.router.add_get("/focus/spots.xlsx", focus.file, name="focus_file")
    app.router.add_get("/focus/charts/{chart}.{ending}", focus.chart, name="focus_chart")
    app.router.add_get("/focus/{hotspot}/weeks.{ending}", spot.chart, name="hotspot_chart")
    app.router.add_get("/focus/{hotspot}", spot.page, name="hotspot")
    app.router.add_post("/focus/{hotspot}/looked", spot.looked, name="hotspot_looked")
    app.router.add_post("/focus/{hotspot}/dismiss", spot.dismiss, name="hotspot_dismiss")
    app.router.add_post("/focus/{hotspot}/back", spot.back, name="hotspot_back")
    app.router.add_get("/focus/{hotspot}/warning", warning.page, name="hotspot_warning")
    app.router.add_post("/focus/{hotspot}/warning", warning.keep, name="hotspot_warning_keep")
    app.router.add_post("/focus/{hotspot}/warning/approve", warning.approve, name="hotspot_warning_approve")
    app.router.add_post("/focus/{hotspot}/warning/publish", warning.publish, name="hotspot_warning_publish")
    app.router.add_post("/focus/{hotspot}/warning/withdraw", warning.withdraw, name="hotspot_warning_withdraw")
    app.router.add_get("/public", published.listing, name="public")
    app.router.add_get("/public/warnings/{warning}", published.warning, name="public_warning")
    app.router.add_get("/public/warnings/{warning}/warning.pdf", published.file, name="public_warning_file")
    app.router.add_get("/public/bulletins/{span}/{first}/{scope}", published.bulletin, name="public_bulletin")
    app.router.add_get(
        "/public/bulletins/{span}/{first}/{scope}/bulletin.pdf", published.bulletin_file, name="public_bulletin_file"
    )
