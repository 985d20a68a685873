"""Where the pages about hot spots are."""

from __future__ import annotations

from aiohttp import web

from web.insight import bulletins, hot_spots, warning


def register(app: web.Application) -> None:
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
    app.router.add_get("/focus/{hotspot}/warning", warning.page, name="hotspot_warning")
    app.router.add_post("/focus/{hotspot}/warning", warning.keep, name="hotspot_warning_keep")
    app.router.add_post("/focus/{hotspot}/warning/approve", warning.approve, name="hotspot_warning_approve")
    app.router.add_post("/focus/{hotspot}/warning/publish", warning.publish, name="hotspot_warning_publish")
    app.router.add_post("/focus/{hotspot}/warning/withdraw", warning.withdraw, name="hotspot_warning_withdraw")
    app.router.add_get("/public", bulletins.published_list, name="public")
    app.router.add_get("/public/warnings/{warning}", bulletins.warning, name="public_warning")
    app.router.add_get("/public/warnings/{warning}/warning.pdf", bulletins.published_file, name="public_warning_file")
    app.router.add_get("/public/bulletins/{span}/{first}/{scope}", bulletins.bulletin, name="public_bulletin")
    app.router.add_get(
        "/public/bulletins/{span}/{first}/{scope}/bulletin.pdf", bulletins.bulletin_file, name="public_bulletin_file"
    )
