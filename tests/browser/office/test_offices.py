"""A province's offices in a real browser: a roster looked at and taken, the tree by keys, figures on the way down."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from server.app.demo import ADMINISTRATOR, OFFICE, SUPERVISOR
from tests.browser.office.test_access import sound, window
from tests.machine import browser
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
)
from web.http import cookies

pytestmark = pytest.mark.browser

ROSTER = """单位代码,单位名称,简称,层级,上级机关,电话,投诉编号前缀
hubei,湖北省市场监督管理局,湖北省局,省,,027-1,样例鄂投
wuhan,武汉市市场监督管理局,武汉市局,市,hubei,027-2,样例武投
donghu,东湖高新区市场监督管理局,东湖局,区,武汉市局,027-3,样例东投
"""


async def test_a_province_is_taken_from_a_file_drawn_and_gone_through(place: Place, tmp_path: Path) -> None:
    parts, home = place.parts, str(place.nobody.client.make_url("")).rstrip("/")
    await parts.store.set_intake(OFFICE.id, True)
    admin, file = await place.sign_in(ADMINISTRATOR), tmp_path / "roster.csv"
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        page = await window(chromium, home, admin.cookies[cookies.OFFICER], "zh")
        await page.goto(f"{home}/roster")
        file.write_text(ROSTER.replace("区,武汉市局", "乡,武汉市局"), "gb18030")
        await page.set_input_files("#file", file)
        await page.get_by_role("button", name="预览导入结果").click()
        await expect(page.get_by_text("层级应当填写省、市、区县或者所。")).to_be_visible()
        await sound(page, "roster-wrong")
        file.write_text(ROSTER, "gb18030")
        await page.set_input_files("#file", file)
        await page.get_by_role("button", name="预览导入结果").click()
        await sound(page, "roster")
        await page.get_by_role("button", name="全部导入").click()
        await expect(page.get_by_role("status")).to_contain_text("新增3个单位")

        known = await parts.store.office(OFFICE.id)
        assert known is not None
        await parts.store.change_offices([replace(known, superior="donghu")])
        user = await parts.store.user_by_login(SUPERVISOR)
        assert user is not None
        await page.goto(f"{home}/offices")
        await sound(page, "tree")
        lowest = page.locator("details.below summary").last
        await lowest.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text(known.name).first).to_be_hidden()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text(known.name).first).to_be_visible()
        await page.goto(f"{home}/offices/{OFFICE.id}/place")
        await sound(page, "place")

        luo = await place.sign_in(SUPERVISOR)
        async with parts.database.write() as connection:
            await connection.exec_driver_sql("UPDATE users SET office = 'hubei' WHERE login = 'luojianguo'")
        page = await window(chromium, home, luo.cookies[cookies.OFFICER], "zh")
        await page.goto(f"{home}/statistics/offices")
        await sound(page, "compare")
        for step in ("武汉市局", "东湖局", "一所"):
            await page.get_by_role("link", name=step, exact=True).last.click()
        assert "/statistics?" in page.url
        assert page.url.endswith(f"office={OFFICE.id}")
        await page.goto(f"{home}/supervision")
        await page.get_by_role("link", name="武汉市局", exact=True).click()
        await sound(page, "supervision")
        await chromium.close()
