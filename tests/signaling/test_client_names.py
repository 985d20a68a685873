"""What the report says of a browser: family, main version and system, and nothing that tells one phone from another."""

from __future__ import annotations

import pytest

from signaling import client_name

SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14; 23127PN0CC Build/UKQ1) Chrome/131.0.6778.39 Mobile Safari/537.36",
            "Chrome 131, Android",
        ),
        (SAFARI + "Version/17.5 Mobile/15E148 Safari/604.1", "Safari 17, iOS"),
        (SAFARI + "Mobile/15E148 MicroMessenger/8.0.49(0x18003130) NetType/WIFI Language/zh_CN", "WeChat 8, iOS"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0 Safari/537.36 Edg/131.0", "Edge 131, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128, Linux"),
        ("Mozilla/5.0 (Linux; Android 12; HarmonyOS; NOH-AN00) HuaweiBrowser/15.0", "HuaweiBrowser 15, HarmonyOS"),
        (
            "Mozilla/5.0 (Linux; Android 10; HMA-AL00; HMSCore 6.13.0.302) Chrome/99.0 HuaweiBrowser/14.0",
            "HuaweiBrowser 14, Android",
        ),
        ("", ""),
        ("x" * 100_000 + "Chrome/131 Windows", ""),
        ("=cmd|' /C calc'!A0 张伟 13800000000", ""),
    ],
)
def test_a_browser_is_named_by_its_family(agent: str, name: str) -> None:
    assert client_name(agent) == name
