"""Browsers inside other apps, told by how they present themselves: they often have no camera, or lose the page.

A guess for advice only: whoever wants to stay may.
"""

from __future__ import annotations

import re
from typing import Final

from web.i18n import N_

IN_APP: Final = (
    # DingTalk and WeCom also say MicroMessenger-like things: the more particular first.
    (re.compile(r"wxwork", re.I), N_("WeCom")),
    (re.compile(r"MicroMessenger", re.I), N_("WeChat")),
    (re.compile(r"DingTalk", re.I), N_("DingTalk")),
    (re.compile(r"AlipayClient|AliApp\(AP", re.I), N_("Alipay")),
    (re.compile(r"AliApp\(TB", re.I), N_("Taobao")),
    (re.compile(r"Weibo", re.I), N_("Weibo")),
    (re.compile(r"\bQQ/[0-9]", re.I), N_("QQ")),  # not QQBrowser, which is a browser of its own
    (re.compile(r"aweme|BytedanceWebview|ToutiaoMicroApp|NewsArticle", re.I), N_("Douyin or Toutiao")),
    (re.compile(r"baiduboxapp", re.I), N_("Baidu")),
    (re.compile(r"xhsdiscover|discover/[0-9]", re.I), N_("Xiaohongshu")),
)


def in_app(user_agent: str) -> str:
    """The name of the app this browser lives in, as a message id; "" for a browser of its own."""
    return next((name for pattern, name in IN_APP if pattern.search(user_agent)), "")
