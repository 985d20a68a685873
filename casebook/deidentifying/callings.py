"""People as they are called in what others write: 小柳, 老幺, 阿Ken, 叫朵朵, 顾问Coco; in lists, in brackets, before a colon.

What stands around them says that they are people; the name itself need not look like one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from casebook.deidentifying.surnames import COMMON, COMPOUND, NOT_GIVEN, NOT_NAMES, RARE
from casebook.deidentifying.words import overlapping, words
from law import dictionary

_HAN: Final = "\u4e00-\u9fff"
_SURNAME: Final = f"(?:{'|'.join(COMPOUND)}|[{COMMON}{RARE}])"
ROLES: Final = (
    "客服|店员|店长|店助|店主|老板|老板娘|老板儿子|前台|接待|接待员|接待我的|顾问|课程顾问|销售|导购|柜员|柜姐|业务员|营业员|收银员|收银|服务员|保安|保洁|中介|"
    "经纪人|经理|主管|主任|总监|督导|财务|出纳|会计|教务|班主任|教练|私教|老师|助教|助理|实习生|学徒|徒弟|师傅|技师|美容师|理疗师|发型师|理发师|造型师|"
    "化妆师|摄影师|设计师|工程师|安装工|维修工|修理工|水电工|木工|泥工|工长|工头|司机|骑手|快递员|外卖员|配送员|站长|队长|领队|导游|团长|群主|博主|主播|"
    "房东|二房东|房主|业主|租客|室友|同学|同事|朋友|邻居|工友|老乡|战友|闺蜜|村民|居民|市民|网友|会员|顾客|客人|乘客|患者|家属|病人|护士|护工|月嫂|保姆|阿姨|"
    "小伙子|小姑娘|姑娘|妹子|小哥|小妹|大姐|大哥|大叔|大妈|光头|胖子|领头的|带头的|为首的|经办的|签收人|经办人|联系人|负责人|代表|证人|"
    "老公|老婆|丈夫|妻子|爱人|媳妇|儿子|女儿|儿媳|女婿|孙子|孙女|外孙|外孙女|侄子|侄女|外甥|表哥|表弟|表姐|表妹|堂哥|堂弟|哥哥|弟弟|姐姐|妹妹|妈妈|爸爸|母亲|"
    "父亲|外婆|外公|奶奶|爷爷|姥姥|姥爷|婆婆|公公|岳父|岳母|舅舅|姑姑|姨妈|嫂子|我妈|我爸|我哥|我姐|我弟|我妹|我婆婆|之子|之女|之妻|之夫|"
    "计调|师娘|师母|片区管家|管家|合伙人|摊主|店里的|韩国人|日本人|美国人|外国人|警官|民警|书记|组长|班长|大名|小名|本名|真名|外号|绰号|艺名"
)
_LINK: Final = r"(?:是个|也是|就是|好像是|是|叫做|叫|名叫|为)?[\s:：“\"‘「]{0,2}"
_END: Final = r"(?=[的，。、；！？,.!?;：:\s）)（(”\"’」和与跟及等]|$|[说讲问要给把也都就还又来去收接打带跟帮找让推摔退报介签承答联负写反对陪协转代做开拿发送催])"
_KIN: Final = re.compile(rf"(?:{ROLES}){_LINK}(?P<who>[小老阿大][{_HAN}]{{1,2}}?){_END}")
_ROLE_NAME: Final = re.compile(rf"(?:{ROLES}){_LINK}(?P<who>{_SURNAME}[{_HAN}]{{1,2}}?){_END}")
_DOUBLED: Final = re.compile(
    rf"(?:(?:{ROLES}){_LINK}|(?<=[的和跟与叫找问、]))(?P<who>(?P<half>[{_HAN}])(?P=half))(?=[{_HAN}，。、；！？,.\s）)”\"’」]|$)"
)
_KINSHIP: Final = re.compile(rf"(?P<who>[{_HAN}][哥姐叔姨嫂])(?=[，。、；！？,.\s）)”\"’」说在不和跟也给让叫带]|$)")
_TWICE: Final = re.compile(
    r"(?P<who>([佳雯伟丽娜欣莹婷媛萌琪瑶涵萱轩豪杰强军刚勇亮华红芳静敏燕玲霞倩慧娟妮朵贝豆果圆甜宁晨曦阳星])\2)(?![\u4e00-\u9fff]?的光)"
)
_ALONE: Final = re.compile(rf"^[^\S\n]*+(?P<who>{_SURNAME}[{_HAN}]{{1,2}})[^\S\n]*+$", re.MULTILINE)
_AFTER_ROLE: Final = re.compile(rf"(?:{ROLES}){_LINK}(?P<who>阿[{_HAN}])")
_SONS: Final = re.compile(rf"(?:{ROLES}){_LINK}(?P<who>[{_HAN}]子)(?=[{_HAN}，。、；！？,.\s）)]|$)")
_CALLED: Final = re.compile(
    rf"(?<![{_HAN}]所)(?:(?:大名|小名|外号|绰号|本名|真名|全名|实名|网名|花名)(?:是|叫做?)?|名字?叫|叫做?)[\s“\"‘「]{{0,2}}(?P<who>[{_HAN}]{{2,4}})(?=[的，。、；！？,.\s）)”\"’」]|$)"
)
_AH: Final = re.compile(rf"(?<=[和跟与及、叫找问给让])(?P<who>阿[{_HAN}])(?![姨里胶拉坝富迪])")
_FAMILIAR: Final = re.compile(rf"(?<![{_HAN}])?(?P<who>[小老阿][{COMMON}{RARE}])")
_DIMINUTIVE: Final = re.compile(
    rf"(?P<who>(?:[{_HAN}]子|老幺|老[大二三四五六]|小[东西南北宝叶鱼雨雪玲丽芳红军明强敏静燕丹倩琳婷慧])){_END}"
)
_LATIN: Final = re.compile(
    rf"(?<![A-Za-z])(?P<titled>阿?[A-Z][a-z]{{1,11}})(?=老师|教练|姐|哥|经理|店长|总监|顾问|总(?![计共价额]))"
    rf"|(?:{ROLES}|叫做?|名叫|是|由|找|问|跟){_LINK}(?P<who>阿?[A-Z][a-z]{{1,11}})(?![A-Za-z0-9])"
)
_FOREIGN: Final = re.compile(
    r"\b(?:[Mm]y |[Hh]is |[Hh]er |[Tt]he |[Aa] )?(?:classmate|roommate|colleague|friend|manager|owner|agent|seller|clerk|landlord|landlady|"
    r"teacher|coach|husband|wife|boss|doctor|to|from|by|with|and),?\s(?P<who>[A-Z][a-z]+\s[A-Z][a-z]+)\b(?!\s(?:Road|Street|Plaza|University|Hospital|School|Company|Store|Co|Ltd|Pay|District|City|Mall|Center|Centre))"
)
_LISTED: Final = re.compile(rf"(?<=、)(?P<who>{_SURNAME}[{_HAN}]{{1,2}})(?=[、，。；,（(\s等]|$|[和与及都也均])")
_FIRST: Final = re.compile(rf"(?P<who>{_SURNAME}[{_HAN}]{{1,2}})$")
_BRACKETED: Final = re.compile(rf"[（(](?P<who>{_SURNAME}[{_HAN}]{{1,2}})(?P<after>[，,、；;]\s?(?:男|女|\d)|[）)])")
_OWNED: Final = re.compile(
    rf"(?P<who>{_SURNAME}[{_HAN}]{{1,2}})(?=的(?:名字|签名|签字|电话|手机|微信|身份证|账户|账号|银行卡|收款码|学生))"
)
_BORN: Final = re.compile(
    rf"(?<![{_HAN}])(?P<who>[{COMMON}{RARE}])(?=姓(?:老板|店长|男子|女子|员工|负责人|经理|顾客|店主|师傅))|(?<=一)(?P<other>[{COMMON}{RARE}])(?=姓)"
)
_LINE: Final = re.compile(r"^(?P<who>[^\s：:，。]{2,10})(?=[:：])", re.MULTILINE)
_LABELS: Final = re.compile(
    r"(?:我|我方|我们|你|对方|商家|店家|卖家|买家|客服|老板|店长|顾客|消费者|平台|经理|机主|来电人|投诉人|被投诉人|申请人|被申请人|调解员|[甲乙丙]方|问|答)$|"
    r".*(?:时间|地点|日期|地址|电话|手机|微信|账号|诉求|要求|请求|问题|事项|结果|备注|附件|说明|情况|名单|内容|经过|理由|事由|依据|编号|单号|订单|金额|价格|名称|类型|证据|标题|回复|答复|记|注)$"
)
_ORDINARY: Final = frozenset(
    ["小区", "小时", "小姐", "小吃", "小孩", "小票", "小路", "小车", "小米", "小说", "小学", "小额", "小伙", "小心", "小费", "小计", "小于", "小店", "小包", "小方", "小白", "小马", "小号", "小巴", "小本", "小样", "小型", "小票", "小程", "小龙", "小牛", "小麦", "小红", "小鸡", "小猫", "小狗", "小鸟", "老师", "老板", "老人", "老家", "老年", "老乡", "老公", "老婆", "老伴", "老旧", "老化", "老路", "老城", "老房", "老店", "老成", "老实", "老早", "老毛", "老式", "老牛", "老干", "老于", "老卡", "老白", "老黄", "老金", "老总", "阿里", "阿姨", "阿胶", "车子", "房子", "孩子", "妻子", "儿子", "鞋子", "裤子", "裙子", "袜子", "帽子", "柜子", "桌子", "椅子", "箱子", "盒子", "袋子", "瓶子", "杯子", "盘子", "筷子", "被子", "褥子", "单子", "票子", "本子", "条子", "牌子", "样子", "日子", "法子", "院子", "巷子", "店子", "馆子", "摊子", "铺子", "厂子", "嗓子", "肚子", "脑子", "脖子", "鼻子", "胡子", "辫子", "妹子", "嫂子", "婶子", "姨子", "侄子", "孙子", "儿子", "骗子", "胖子", "瘦子", "瞎子", "聋子", "傻子", "疯子", "谈子", "个子", "王子", "公子", "电子", "分子", "粒子", "亲子", "女子", "男子", "弟子", "双子", "种子", "饺子", "包子", "粽子", "橘子", "柿子", "栗子", "瓜子", "果子", "桃子", "李子", "梨子", "枣子", "茄子", "豆子", "叶子", "竹子", "狮子", "兔子", "鸽子", "虫子", "蚊子", "句子", "例子", "影子", "镜子", "梯子", "绳子", "钉子", "锤子", "刷子", "夹子", "扇子", "窗子", "屋子", "棚子", "台子", "架子", "板子", "管子", "轮子", "带子", "扣子", "领子", "袖子", "里子", "面子", "底子", "片子", "段子", "曲子", "路子", "班子", "脚子", "爪子", "毯子", "席子", "垫子", "帘子", "罩子", "套子", "珠子", "链子", "坠子", "镯子", "戒子", "老子", "孔子", "老大", "老二", "小三", "小北", "小东", "小西"]
) - {"小北", "小东"}  # fmt: skip
_KIN_BEFORE: Final = frozenset("大小老表堂师帅空他她我你这那的二三四五阿亲个叫学富干义继亡孩")
_NOT_CALLED: Final = re.compile(
    rf"[{''.join(NOT_GIVEN)}什么这样那种家店员客服警察车人]|(?:公司|平台|套餐|服务|产品|价|费|卡|课|款)$"
)


def callings(view: str) -> Iterator[tuple[int, int, int]]:
    """Start, end and weight."""
    for match in (*_KIN.finditer(view), *_ROLE_NAME.finditer(view)):
        if _person(match["who"]):
            yield match.start("who"), match.end("who"), 5
    for match in _CALLED.finditer(view):
        who = match["who"]
        if not _NOT_CALLED.search(who) and (not _common(who) or who[0] == who[1]):
            yield match.start("who"), match.end("who"), 5
    for match in _FAMILIAR.finditer(view):
        start, end = match.span("who")
        if match["who"] not in _ORDINARY and not _begins_word(view, end - 1) and not _within_word(view, start, end):
            yield start, end, 3
    for match in _DIMINUTIVE.finditer(view):
        if match["who"] not in _ORDINARY and (match["who"][0] in "老小" or not dictionary.has_word(match["who"])):
            yield match.start("who"), match.end("who"), 3
    for match in _KINSHIP.finditer(view):
        who = match["who"]
        if who[0] not in _KIN_BEFORE and who[0] not in NOT_GIVEN and not dictionary.has_word(who):
            yield match.start("who"), match.end("who"), 3
    for match in _TWICE.finditer(view):
        if not _within_word(view, *match.span("who")):
            yield match.start("who"), match.end("who"), 3
    for match in _ALONE.finditer(view):
        if "\n" in view and _person(match["who"]) and not _common(match["who"]):
            yield match.start("who"), match.end("who"), 4
    for match in _LATIN.finditer(view):
        group = "who" if match["who"] else "titled"
        yield match.start(group), match.end(group), 4
    for match in (*_DOUBLED.finditer(view), *_SONS.finditer(view)):
        who = match["who"]
        if who in _ORDINARY or who[0] in NOT_GIVEN or _within_word(view, *match.span("who")):
            continue
        if not dictionary.has_word(who) or dictionary.tag(who)[0][1].startswith("nr"):
            yield match.start("who"), match.end("who"), 4
    for match in (*_FOREIGN.finditer(view), *_AH.finditer(view), *_AFTER_ROLE.finditer(view)):
        yield match.start("who"), match.end("who"), 5
    yield from _in_lists(view)
    for match in _BRACKETED.finditer(view):
        if _person(match["who"]) and (match["after"][-1] not in "）)" or not _common(match["who"])):
            yield match.start("who"), match.end("who"), 4
    for match in _OWNED.finditer(view):
        if _person(match["who"]):
            yield match.start("who"), match.end("who"), 4
    for match in _BORN.finditer(view):
        group = "who" if match["who"] else "other"
        yield match.start(group), match.end(group), 4
    yield from _speakers(view)


def _in_lists(view: str) -> Iterator[tuple[int, int, int]]:
    """焦阳、冯可欣、慕容婷: the one before the first sign is of the list, too."""
    for match in _LISTED.finditer(view):
        who = match["who"]
        if not _person(who) or _common(who):
            continue
        yield match.start("who"), match.end("who"), 4
        before = view[max(0, match.start() - 5) : match.start() - 1]
        for length in (3, 2):
            first = _FIRST.fullmatch(before[-length:])
            if first and _person(first["who"]) and not _common(first["who"]):
                yield match.start() - 1 - length, match.start() - 1, 4
                break


def _speakers(view: str) -> Iterator[tuple[int, int, int]]:
    """Who speaks in a chat that was pasted: three lines at least begin with somebody and a colon."""
    lines = [match for match in _LINE.finditer(view) if not _LABELS.match(match["who"])]
    often = Counter(match["who"] for match in lines)
    every = len(_LINE.findall(view))
    for match in lines:
        if every >= 3 and (often[match["who"]] > 1 or len(lines) >= 3):
            yield match.start("who"), match.end("who"), 6


def _person(who: str) -> bool:
    given = who[1:]
    return who[:2] not in NOT_NAMES and who not in NOT_NAMES and who not in _ORDINARY and not set(given) & NOT_GIVEN


def _common(who: str) -> bool:
    """A word of everyday, or two."""
    if dictionary.has_word(who):
        return not any(tag.startswith("nr") for _, tag in dictionary.tag(who))
    cut = dictionary.cut(who)
    return len(cut[0]) > 1 and all(dictionary.has_word(word) for word in cut if len(word) > 1)


def _begins_word(view: str, at: int) -> bool:
    """老|金额, 小|方案: the character belongs to the word behind it."""
    return any(
        dictionary.has_word(view[at : at + length])
        and len(view[at : at + length]) == length
        and view[at + 1] not in NOT_GIVEN
        for length in (2, 3)
        if at + length <= len(view)
    )


def _within_word(view: str, start: int, end: int) -> bool:
    return any(
        word.start <= start and end <= word.end and word.end - word.start > 2 and dictionary.has_word(word.text)
        for word in overlapping(words(view), start, end)
    )
