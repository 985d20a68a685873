"""Names of persons and what they are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from casebook.deidentifying import (
    ALSO_WORDS,
    COMMON,
    COMPOUND,
    NOT_GIVEN,
    NOT_NAMES,
    PINYIN,
    RARE,
    SEPARATORS,
    Found,
    cut_words,
    overlapping_words,
    plain,
)
from casebook.deidentifying.organisations import literal
from law import dictionary

_HAN: Final = "\u4e00-\u9fff"
_CALLING_SURNAME: Final = f"(?:{'|'.join(COMPOUND)}|[{COMMON}{RARE}])"
ROLES: Final = (
    "客服|店员|店长|店助|店主|老板|老板娘|老板儿子|前台|接待|接待员|接待我的|顾问|课程顾问|销售|导购|柜员|柜姐|业务员|营业员|收银员|收银|服务员|保安|保洁|中介|"
    "经纪人|经理|主管|主任|总监|督导|财务|出纳|会计|教务|班主任|教练|私教|老师|助教|助理|实习生|学徒|徒弟|师傅|技师|美容师|理疗师|发型师|理发师|造型师|"
    "化妆师|摄影师|设计师|工程师|安装工|维修工|修理工|水电工|木工|泥工|工长|工头|司机|骑手|快递员|外卖员|配送员|站长|队长|领队|导游|团长|群主|博主|主播|"
    "房东|二房东|房主|业主|租客|室友|同学|同事|朋友|邻居|工友|老乡|战友|闺蜜|村民|居民|市民|网友|会员|顾客|客人|乘客|患者|家属|病人|护士|护工|月嫂|保姆|阿姨|"
    "小伙子|小姑娘|姑娘|妹子|小哥|小妹|大姐|大哥|大叔|大妈|光头|胖子|领头的|带头的|为首的|经办的|签收人|经办人|联系人|负责人|代表|证人|"
    "老公|老婆|丈夫|妻子|爱人|媳妇|儿子|女儿|儿媳|女婿|孙子|孙女|外孙|外孙女|侄子|侄女|外甥|表哥|表弟|表姐|表妹|堂哥|堂弟|哥哥|弟弟|姐姐|妹妹|妈妈|爸爸|母亲|"
    "父亲|外婆|外公|奶奶|爷爷|姥姥|姥爷|婆婆|公公|岳父|岳母|舅舅|姑姑|姨妈|嫂子|我妈|我爸|我哥|我姐|我弟|我妹|我婆婆|之子|之女|之妻|之夫|"
    "原告|被告|被告人|被害人|上诉人|被上诉人|第三人|申请人|被申请人|申请执行人|被执行人|答辩人|申诉人|举报人|被举报人|投诉人|被投诉人|经营者|法定代表人|委托诉讼代理人|委托代理人|代理人|"
    "审判长|审判员|代理审判员|人民陪审员|陪审员|书记员|法官助理|法官|执行员|鉴定人|供货人|收货人|收款人|付款人|执法人员|检测员|检验员|辅导员|宿管|校医|置业顾问|咨询师|护士长|院长|校长|园长|所长|"
    "带头人|店主|摊主|业委会主任|设计师|当事人|消费者|签约人|主诊|主刀的|接待的|收银的|操作的|发货人|寄件人|房管|股东|监护人|法务|讲师|售后|团支书|居民组长|"
    "计调|师娘|师母|片区管家|管家|合伙人|摊主|店里的|韩国人|日本人|美国人|外国人|警官|民警|书记|组长|班长|大名|小名|本名|真名|外号|绰号|艺名"
)
_LINK: Final = r"(?:是个|也是|就是|好像是|是|叫做|叫|名叫|为)?[\s:：“\"‘「]{0,2}"
_END: Final = r"(?=[的，。、；！？,.!?;：:\s）)（(”\"’」和与跟及等]|$|[说讲问要给把也都就还又来去收接打带跟帮找让推摔退报介签承答联负写反对陪协转代做开拿发送催])"
_CALLING_KIN: Final = re.compile(rf"(?:{ROLES}){_LINK}(?P<who>[小老阿大][{_HAN}]{{1,2}}?){_END}")
_ROLE_NAME: Final = re.compile(rf"(?:{ROLES}){_LINK}(?P<who>{_CALLING_SURNAME}[{_HAN}]{{1,2}}?){_END}")
_DOUBLED: Final = re.compile(
    rf"(?:(?:{ROLES}){_LINK}|(?<=[的和跟与叫找问、]))(?P<who>(?P<half>[{_HAN}])(?P=half))(?=[{_HAN}，。、；！？,.\s）)”\"’」]|$)"
)
_KINSHIP: Final = re.compile(rf"(?P<who>[{_HAN}][哥姐叔姨嫂])(?=[，。、；！？,.\s）)”\"’」说在不和跟也给让叫带]|$)")
_TWICE: Final = re.compile(
    r"(?P<who>([佳雯伟丽娜欣莹婷媛萌琪瑶涵萱轩豪杰强军刚勇亮华红芳静敏燕玲霞倩慧娟妮朵贝豆果圆甜宁晨曦阳星])\2)(?![\u4e00-\u9fff]?的光)"
)
_ALONE: Final = re.compile(rf"^[^\S\n]*+(?P<who>{_CALLING_SURNAME}[{_HAN}]{{1,2}})[^\S\n]*+$", re.MULTILINE)
_AFTER_ROLE: Final = re.compile(rf"(?:{ROLES}){_LINK}(?P<who>阿[{_HAN}])")
_SONS: Final = re.compile(rf"(?:{ROLES}){_LINK}(?P<who>[{_HAN}]子)(?=[{_HAN}，。、；！？,.\s）)]|$)")
_CALLING_CALLED: Final = re.compile(
    rf"(?<![{_HAN}]所)(?:(?:大名|小名|外号|绰号|本名|真名|全名|实名|网名|花名|[叫喊][他她])(?:是|叫做?)?|名字?叫|叫做?)[\s“\"‘「]{{0,2}}(?P<who>[{_HAN}]{{2,4}})(?=[的，。、；！？,.\s）)”\"’」]|$)"
)
_CALLING_AH: Final = re.compile(rf"(?<=[和跟与及、叫找问给让])(?P<who>阿[{_HAN}])(?![姨里胶拉坝富迪])")
_CALLING_FAMILIAR: Final = re.compile(rf"(?<![{_HAN}])?(?P<who>[小老阿][{COMMON}{RARE}])")
_DIMINUTIVE: Final = re.compile(
    rf"(?P<who>(?:[{_HAN}]子|老幺|老[大二三四五六]|小[东西南北宝叶鱼雨雪玲丽芳红军明强敏静燕丹倩琳婷慧])){_END}"
)
_CALLING_LATIN: Final = re.compile(
    rf"(?<![A-Za-z])(?P<titled>阿?[A-Z][a-z]{{1,11}})(?=老师|教练|姐|哥|经理|店长|总监|顾问|总(?![计共价额]))"
    rf"|(?:{ROLES}|叫做?|名叫|是|由|找|问|跟){_LINK}(?P<who>阿?[A-Z][a-z]{{1,11}})(?![A-Za-z0-9])"
)
_FOREIGN: Final = re.compile(
    r"\b(?:[Mm]y |[Hh]is |[Hh]er |[Tt]he |[Aa] )?(?:classmate|roommate|colleague|friend|manager|owner|agent|seller|clerk|landlord|landlady|"
    r"teacher|coach|husband|wife|boss|doctor|to|from|by|with|and),?\s(?P<who>[A-Z][a-z]+\s[A-Z][a-z]+)\b(?!\s(?:Road|Street|Plaza|University|Hospital|School|Company|Store|Co|Ltd|Pay|District|City|Mall|Center|Centre))"
)
_LISTED: Final = re.compile(
    rf"(?<=、)(?P<who>{_CALLING_SURNAME}[{_HAN}]{{1,2}})(?=[、，。；,（(\s等]|$|[和与及都也均])"
)
_FIRST: Final = re.compile(rf"(?P<who>{_CALLING_SURNAME}[{_HAN}]{{1,2}})$")
_BRACKETED: Final = re.compile(
    rf"[（(](?P<who>{_CALLING_SURNAME}[{_HAN}]{{1,2}})(?P<after>[，,、；;]\s?(?:男|女|\d)|[）)])"
)
_OWNED: Final = re.compile(
    rf"(?P<who>{_CALLING_SURNAME}[{_HAN}]{{1,2}})(?=的(?:名字|签名|签字|电话|手机|微信|身份证|账户|账号|银行卡|收款码|学生))"
)
_BORN: Final = re.compile(
    rf"(?<![{_HAN}])(?P<who>[{COMMON}{RARE}])(?=姓(?:老板|店长|男子|女子|员工|负责人|经理|顾客|店主|师傅))|(?<=一)(?P<other>[{COMMON}{RARE}])(?=姓)"
)
_LINE: Final = re.compile(r"^(?P<who>[^\s：:，。]{2,10})(?=[:：])", re.MULTILINE)
_LABELS: Final = re.compile(
    r"(?:我|我方|我们|你|对方|商家|店家|卖家|买家|客服|老板|店长|顾客|消费者|平台|经理|机主|来电人|投诉人|被投诉人|申请人|被申请人|调解员|[甲乙丙]方|问|答|原告|被告|上诉人|代理人|第三人|审判长|审判员|书记员|内容|诉求)$|"
    r".*(?:人|告|者|员|长|方|号|部|部门|单位|程度|类别|数量|种类|级别|方式|状态|来源|渠道)$|.*[】\]]$|"
    r".*(?:时间|地点|日期|地址|电话|手机|微信|账号|诉求|要求|请求|问题|事项|结果|备注|附件|说明|情况|名单|内容|经过|理由|事由|依据|编号|单号|订单|金额|价格|名称|类型|证据|标题|回复|答复|记|注)$"
)
_ORDINARY: Final = frozenset(
    ["小区", "小时", "小姐", "小吃", "小孩", "小票", "小路", "小车", "小米", "小说", "小学", "小额", "小伙", "小心", "小费", "小计", "小于", "小店", "小包", "小方", "小白", "小马", "小号", "小巴", "小本", "小样", "小型", "小票", "小程", "小龙", "小牛", "小麦", "小红", "小鸡", "小猫", "小狗", "小鸟", "老师", "老板", "老人", "老家", "老年", "老乡", "老公", "老婆", "老伴", "老旧", "老化", "老路", "老城", "老房", "老店", "老成", "老实", "老早", "老毛", "老式", "老牛", "老干", "老于", "老卡", "老白", "老黄", "老金", "老总", "阿里", "阿姨", "阿胶", "车子", "房子", "孩子", "妻子", "儿子", "鞋子", "裤子", "裙子", "袜子", "帽子", "柜子", "桌子", "椅子", "箱子", "盒子", "袋子", "瓶子", "杯子", "盘子", "筷子", "被子", "褥子", "单子", "票子", "本子", "条子", "牌子", "样子", "日子", "法子", "院子", "巷子", "店子", "馆子", "摊子", "铺子", "厂子", "嗓子", "肚子", "脑子", "脖子", "鼻子", "胡子", "辫子", "妹子", "嫂子", "婶子", "姨子", "侄子", "孙子", "儿子", "骗子", "胖子", "瘦子", "瞎子", "聋子", "傻子", "疯子", "谈子", "个子", "王子", "公子", "电子", "分子", "粒子", "亲子", "女子", "男子", "弟子", "双子", "种子", "饺子", "包子", "粽子", "橘子", "柿子", "栗子", "瓜子", "果子", "桃子", "李子", "梨子", "枣子", "茄子", "豆子", "叶子", "竹子", "狮子", "兔子", "鸽子", "虫子", "蚊子", "句子", "例子", "影子", "镜子", "梯子", "绳子", "钉子", "锤子", "刷子", "夹子", "扇子", "窗子", "屋子", "棚子", "台子", "架子", "板子", "管子", "轮子", "带子", "扣子", "领子", "袖子", "里子", "面子", "底子", "片子", "段子", "曲子", "路子", "班子", "脚子", "爪子", "毯子", "席子", "垫子", "帘子", "罩子", "套子", "珠子", "链子", "坠子", "镯子", "戒子", "老子", "孔子", "老大", "老二", "小三", "小北", "小东", "小西"]
) - {"小北", "小东"}  # fmt: skip
_KIN_BEFORE: Final = frozenset("大小老表堂师帅空他她我你这那的二三四五阿亲个叫学富干义继亡孩")
_NOT_CALLED: Final = re.compile(
    rf"[{''.join(NOT_GIVEN)}什么这样那种家店员客服警察车人]|(?:公司|平台|套餐|服务|产品|价|费|卡|课|款)$"
)


def found_callings(view: str) -> Iterator[tuple[int, int, int]]:
    """Start, end and weight."""
    for match in (*_CALLING_KIN.finditer(view), *_ROLE_NAME.finditer(view)):
        if _person(match["who"]):
            yield match.start("who"), match.end("who"), 5
    for match in _CALLING_CALLED.finditer(view):
        who = match["who"]
        if not _NOT_CALLED.search(who) and (not _common(who) or who[0] == who[1]):
            yield match.start("who"), match.end("who"), 5
    for match in _CALLING_FAMILIAR.finditer(view):
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
    for match in _CALLING_LATIN.finditer(view):
        group = "who" if match["who"] else "titled"
        yield match.start(group), match.end(group), 4
    for match in (*_DOUBLED.finditer(view), *_SONS.finditer(view)):
        who = match["who"]
        if who in _ORDINARY or who[0] in NOT_GIVEN or _within_word(view, *match.span("who")):
            continue
        if not dictionary.has_word(who) or dictionary.tag(who)[0][1].startswith("nr"):
            yield match.start("who"), match.end("who"), 4
    for match in (*_FOREIGN.finditer(view), *_CALLING_AH.finditer(view), *_AFTER_ROLE.finditer(view)):
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
            yield match.start("who"), match.end("who"), 5 if _common(match["who"]) else 7


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
        for word in overlapping_words(cut_words(view), start, end)
    )


SURNAMES = f"(?:{'|'.join(COMPOUND)}|[{COMMON}{RARE}])"
HONORIFIC = (
    "先生|女士|小姐|老师|经理|店长|老板|老板娘|主任|医生|大夫|护士|师傅|阿姨|大爷|大妈|大姐|大哥|大叔|大娘|奶奶|爷爷|叔叔|伯伯|婆婆|教练|律师|同学|"
    "太太|夫人|主管|顾问|导购|会计|院长|校长|所长|科长|处长|队长|厂长|工程师|技师|司机|总监|总|姐|哥|叔|姨|婶|工|某某|某"
)
_TITLED = re.compile(rf"(?P<who>{SURNAMES})(?P<given>[\u4e00-\u9fff]{{0,2}}?)(?P<title>{HONORIFIC})")
_PERSON_FAMILIAR = re.compile(
    rf"(?<![\u4e00-\u9fff])?(?:老|小|阿)(?P<who>[{COMMON}{RARE}])(?=[，。、；：！？\s说在到来去和与跟把被给的讲叫]|$)"
)
_CONTEXT: Final = (
    "姓名|名字|名叫|名为|叫做|叫|联系人|收款人|付款人|收货人|收件人|寄件人|户名|开户名|法定代表人|法人代表|法人|负责人|经办人|经营者|店长|经理|老板|员工|"
    "店员|业务员|销售员|销售顾问|销售|客服|主管|代表|班主任|护士|骑手|讲师|工程师|设计师|导游|领队|专员|前台|店主|老板娘|校长|园长|组长|出纳|财务|管家|收银员|服务员|保安|技术员|导购员|导购|教练|老师|司机|师傅|消费者|投诉人|被投诉人|申请人|当事人|举报人|原告|被告|丈夫|妻子|老公|老婆|儿子|女儿|"
    "母亲|父亲|妈妈|爸爸|老伴|外婆|奶奶|爷爷|邻居|朋友|同事|同学|代理人|委托代理人|律师|调解员|证人|医生|本人|我是|签名|签字人|转给|付给|汇给|交给|递给|发给|找到|找|"
    "见到|遇到|联系|询问|告知|通知|要求|家长|患者|乘客|车主|业主|房东|租客|户主|学员|会员|顾客|客户|主播|卖家|买家|掌柜|投保人|被保险人"
)
_AFTER = re.compile(
    rf"(?:{_CONTEXT})(?:一栏)?(?:写的)?(?:是|为|叫个?|个)?[\s:：（(“\"]{{0,3}}(?P<who>{SURNAMES})(?P<given>\s{{0,2}}[\u4e00-\u9fff](?:\s{{0,2}}[\u4e00-\u9fff])?)"
)
_DOING = re.compile(
    rf"(?:^|[^\u4e00-\u9fff]|[与和向给由让])(?P<who>{SURNAMES})(?P<given>[\u4e00-\u9fff]{{1,2}}?)"
    r"(?=称|表示|与|和|付的|付了|付钱|一同|认为|退款|说|要求|同意|承诺|提出|提供|陈述|签字|到店)"
)
_FAMILY_ONLY = re.compile(r"(?<![同百大老贵])姓(?P<who>[\u4e00-\u9fff])(?=[，。、；：！？,.\s的（(]|$)")
_PERSON_CALLED = re.compile(
    r"(?:(?<![\u4e00-\u9fff])|(?<=老板)|(?<=财务)|(?<=店员)|(?<=店长)|(?<=经理)|(?<=客服)|(?<=教练)|(?<=叫)|(?<=找)|(?<=问)|(?<=爱人)|(?<=给))"
    r"(?P<who>[\u4e00-\u9fff]|[A-Z][a-z]+)(?P<kin>姐|哥|叔|姨|嫂|妹)(?![\u4e00-\u9fff]{0,1}[妹弟们夫])"
)
_PERSON_KIN: Final = frozenset("大小老表堂师帅空他她我你这那的二三四五阿亲个叫")
_PERSON_AH = re.compile(r"(?<![\u4e00-\u9fff])阿(?P<who>[\u4e00-\u9fff])(?![\u4e00-\u9fff]?[泰司])")
_AH_WORDS: Final = frozenset("姨里胶拉坝富迪根司")
_WITH_SUM = re.compile(rf"(?<=[、：:，\s])(?P<who>{SURNAMES})(?P<given>[\u4e00-\u9fff]{{1,2}})(?=\d{{3,}})")
_COUPLE = re.compile(r"(?<=、)(?P<who>[\u4e00-\u9fff]{2,3})(?=夫妇|夫妻)")
_INTRODUCED = re.compile(
    r"(?:\b[Mm]y name is|\b[Nn]amed|\b[Cc]alled|\bI am|\bI'm|\bThis is)\s+(?P<who>[A-Z][a-z]+(?:\s[A-Z][a-z]+){1,2})"
)
_SIGNED = re.compile(r"[.!?\n][^\S\n]*+(?P<who>[A-Z][a-z]+\s[A-Z][a-z]+)\s*+$")
_DOTTED = re.compile(r"[\u4e00-\u9fff]{2,8}[·•・‧∙⋅][\u4e00-\u9fff]{2,8}(?:[·•・‧∙⋅][\u4e00-\u9fff]{2,8})?")
_PERSON_LATIN = (
    re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Madam)\.?\s+[A-Z][A-Za-z]+(?:[\s\-][A-Z][A-Za-z]+){0,2}"),
    re.compile(
        rf"\b(?i:{'|'.join(sorted(PINYIN, key=len, reverse=True))})\s+[A-Z][A-Za-z]{{1,11}}(?:[\s\-][A-Z][A-Za-z]{{1,8}})?\b"
    ),
    re.compile(rf"\b[A-Z][A-Za-z]{{1,11}}\s+(?i:{'|'.join(sorted(PINYIN, key=len, reverse=True))})\b"),
)


def found_names(view: str, known: Iterable[str] = ()) -> Iterator[Found]:
    """What to put is said when all are known (`stand_ins`)."""
    for name in known:
        folded = re.sub(SEPARATORS, "", plain(name))
        if len(folded) < 2:
            continue
        yield from literal(view, folded, "name", SOMEBODY, 9)
        family = next((one for one in COMPOUND if folded.startswith(one)), folded[:1])
        given = folded[len(family) :]
        if len(given) >= 2 and "\u4e00" <= given[0] <= "\u9fff":
            yield from literal(view, given, "name", SOMEBODY, 4 if dictionary.has_word(given) else 7)
    for match in _DOTTED.finditer(view):
        yield Found(match.start(), match.end(), "name", SOMEBODY, 6)
    for match in _TITLED.finditer(view):
        whole = match["who"] + match["given"]
        if whole in NOT_NAMES or any(char in NOT_GIVEN for char in match["given"]) or _inside(view, match.start()):
            continue
        end = match.end() if match["title"] in ("某", "某某") else match.start("title")
        if match["title"] in ("总", "姐", "哥", "叔", "姨", "婶", "工") and match["given"]:
            continue
        if match["title"] not in ("某", "某某"):
            yield Found(match.start(), end, "name", SOMEBODY, 6)
    for match in _PERSON_FAMILIAR.finditer(view):
        yield Found(match.start(), match.end(), "name", SOMEBODY, 3)
    for match in _AFTER.finditer(view):
        given = re.sub(r"\s", "", match["given"])
        end = match.end()
        if given[0] in "某*×" or given[0] in NOT_GIVEN or match["who"] + given[:1] in NOT_NAMES:
            continue
        if len(given) == 2 and (given[1] in NOT_GIVEN or re.match(HONORIFIC, view[end - 1 : end + 1])):
            end -= len(match["given"]) - match["given"].index(given[0]) - 1
            given = given[:1]
        yield Found(match.start("who"), end, "name", SOMEBODY, 5)
    for match in _DOING.finditer(view):
        given = match["given"]
        if (
            not (set(given) & NOT_GIVEN)
            and match["who"] + given[:1] not in NOT_NAMES
            and match["who"] + given not in NOT_NAMES
        ):
            yield Found(match.start("who"), match.end(), "name", SOMEBODY, 4)
    yield from _addressed(view)
    for start, end, weight in found_callings(view):
        yield Found(start, end, "name", SOMEBODY, weight)
    yield from _cut(view)
    for pattern in _PERSON_LATIN:
        for match in pattern.finditer(view):
            yield Found(match.start(), match.end(), "name", SOMEBODY, 5)


def _addressed(view: str) -> Iterator[Found]:
    """People as others call them: 姓单, 玲姐, 阿斌; of a list with sums, of a couple; and who says in English who they are."""
    for match in _FAMILY_ONLY.finditer(view):
        yield Found(match.start("who"), match.end("who"), "name", SOMEBODY, 4)
    for match in _PERSON_CALLED.finditer(view):
        if match["who"] not in _PERSON_KIN:
            yield Found(match.start("who"), match.end(), "name", SOMEBODY, 4)
    for match in _PERSON_AH.finditer(view):
        if match["who"] not in _AH_WORDS:
            yield Found(match.start(), match.end(), "name", SOMEBODY, 4)
    for match in _WITH_SUM.finditer(view):
        if match["who"] + match["given"][:1] not in NOT_NAMES and not set(match["given"]) & NOT_GIVEN:
            yield Found(match.start(), match.end(), "name", SOMEBODY, 5)
    for match in _COUPLE.finditer(view):
        yield Found(match.start(), match.end(), "name", SOMEBODY, 5)
    for pattern in (_INTRODUCED, _SIGNED):
        for match in pattern.finditer(view):
            yield Found(match.start("who"), match.end("who"), "name", SOMEBODY, 5)


def _cut(view: str) -> Iterator[Found]:
    """Words that the cutter takes for people, and a family name with a word after it that it could not place."""
    cut = cut_words(view)
    for index, word in enumerate(cut):
        text = word.text
        family = next((one for one in COMPOUND if text.startswith(one)), text[:1])
        if family not in COMPOUND and (family not in COMMON and family not in RARE):
            continue
        if word.tag.startswith("nr") and 2 <= len(text) <= 4 and text not in NOT_NAMES and len(text) > len(family):
            end = word.end
            following = cut[index + 1] if index + 1 < len(cut) else None
            if (
                len(text) == 2
                and following
                and len(following.text) == 1
                and following.tag[:1] not in ("p", "c", "u", "d", "r", "y")
                and "\u4e00" <= following.text <= "\u9fff"
                and following.text not in NOT_GIVEN
            ):
                end = following.end
            elif len(text) == 2 and following and len(following.text) == 2 and _no_word(following.text):
                end += 1  # 田贵|生进
            yield Found(word.start, end, "name", SOMEBODY, 4)
        elif text == family and (text in COMPOUND or text not in ALSO_WORDS) and index + 1 < len(cut):
            given = cut[index + 1]
            if (
                1 <= len(given.text) <= 2
                and re.fullmatch(r"[\u4e00-\u9fff]+", given.text)
                and given.text[0] not in NOT_GIVEN
                and given.tag[:1] in ("n", "a", "v", "z", "x", "j", "b", "g")
                and text + given.text not in NOT_NAMES
            ):
                end = given.end
                after = cut[index + 2] if index + 2 < len(cut) else None
                if (
                    len(given.text) == 1
                    and after
                    and len(after.text) == 1
                    and after.tag[:1] in ("n", "a", "z", "x", "g", "v")
                    and after.text not in NOT_GIVEN
                    and "\u4e00" <= after.text <= "\u9fff"
                ):
                    end = after.end
                yield Found(word.start, end, "name", SOMEBODY, 3)


def _no_word(text: str) -> bool:
    return (
        bool(re.fullmatch(r"[\u4e00-\u9fff]{2}", text)) and text[0] not in NOT_GIVEN and not dictionary.has_word(text)
    )


def _inside(view: str, at: int) -> bool:
    """A character that is the end of an ordinary word: 关于老师 is nobody called 于."""
    return any(
        word.start < at and not word.tag.startswith("nr") and dictionary.has_word(word.text)
        for word in overlapping_words(cut_words(view), at, at + 1)
    )


SOMEBODY: Final = "某人"
