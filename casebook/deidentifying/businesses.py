"""Businesses: by what their names end in and by the distinctive part of the names on file; shops without a legal form,
and hints at who is meant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from casebook.deidentifying import (
    NOT_NAMES,
    SEPARATORS,
    Found,
    Word,
    any_of,
    cut_words,
    overlapping_words,
    plain,
    word_list,
)
from law import dictionary

_HAN: Final = "\u4e00-\u9fff"
_LOOSE: Final = "了的着过在是有被把给向对从到就也都还又再不没未已将会要想能可并而但或和与及这那哪每各某本该其他她它我你您咱谁几多少第后前时中内外上下里次个名位元块"
"""Characters no name of a business has."""
_SHOP_TRADES: Final = word_list("businesses", "shop_trades")
_TRADED: Final = re.compile(
    rf"(?:(?<![{_HAN}A-Za-z0-9])|(?<=[在去到找从由系的给向与和是为跟被上路街道楼号]))(?P<name>(?:(?![{_LOOSE}])[{_HAN}A-Za-z0-9]){{2,6}}?)(?P<trade>{any_of(_SHOP_TRADES)})"
    rf"(?=[，。、；：！？,.!?;\s（）()”\"的买购办做充订报租吃消签换修装洗剪看上开打退收说和与协老店员客加直今昨去明现一那这存取转汇检缴交学]|$)"
)
_DONE: Final = re.compile(
    rf"(?:(?<=[在去到从由系])|(?<=通过)|(?<=找到))(?P<name>[{_HAN}A-Za-z]{{2,8}}?)"
    r"(?=购买|购物|购置|购|买|办的?|办理|做的|做了|充了|充值|订的|订了|预订|预约|报的|报了|报名|租的|租了|吃饭|吃的|吃了|消费|听课|接的|换的|签的|签约|修的|修了|维修|检查|"
    r"剪的|剪了|染|烫|洗的|洗了|下单|下的单|体验|学的|上的课|配的|配了|拍的|拍了|定的|定了|定做|订购|订制|提的|提车|领养|寄的|存了|入住|开的房|开房|拿的货|进的货|生产|拖欠)"
)
_THAT: Final = re.compile(
    rf"(?:那家|这家|有家|一家叫|一家名叫|店名叫?|叫的|品牌是|快递是|店叫|店名是|物流是|公司是)(?P<name>[{_HAN}A-Za-z]{{2,8}}?)(?=真的|的|，|。|、|！|就|是|太|不|老板|店员|$)"
)
_BY_LIST: Final = re.compile(rf"(?<=向)(?P<one>[{_HAN}]{{2,4}})、(?P<other>[{_HAN}]{{2,4}})(?=等)")
_RAN: Final = re.compile(
    rf"(?:(?<![{_HAN}A-Za-z0-9]))(?P<name>[{_HAN}]{{2,6}}?)(?=(?:的)?(?:老板|店长|客服|前台|店员)|跑路|倒闭|关门|停业|闭店)"
)
_BY: Final = re.compile(
    rf"(?:(?<=由)|(?<=[,，。：:；;]转)|(?<=系))(?P<name>(?:(?![{_LOOSE}])[{_HAN}A-Za-z]){{2,8}}?)(?=管理|运营|承接|承包|经营|施工|安装|提供|承办|主办|来函|回函|开发|销售)"
)
_SIGNBOARD: Final = re.compile(
    rf"(?:(?<=[（(“\"「，。；：:,;\s])|(?<=[在由叫找到从去]))(?P<name>(?:(?![{_LOOSE}])[{_HAN}A-Za-z]){{1,5}}?(?:阁|轩|坊|斋|记|屋|铺子|部落|工坊|小筑|小栈|世家|工社|江湖|星球|人家|之家|空间|驿站))"
    r"(?=[）)”\"」，。；,;\s的那这做办买拍吃剪报订消充]|$)"
)
ENGLISH_TRADES: Final[Mapping[str, str]] = {
    "Shop": "Shop Store Digital Electronics Mart Boutique Furniture Pharmacy Bookstore", "Gym": "Gym Fitness", "Salon": "Salon Spa",
    "Studio": "Studio Photography", "Cafe": "Cafe Café Coffee Teahouse", "Restaurant": "Restaurant Kitchen Grill Diner Hotpot Canteen",
    "Hotel": "Hotel Hostel Inn Guesthouse", "School": "School Academy Kindergarten Center Centre", "Clinic": "Clinic Dental", "Bakery": "Bakery",
    "Agency": "Agency Realty Properties Travel Tours", "Garage": "Garage Motors Autos", "Supermarket": "Supermarket",
    "Company": r"Co\.,?\s?Ltd\.? Co\. Ltd\.? Limited Company Corporation Corp\. Inc\.? LLC Group Technology Logistics",
}  # fmt: skip
"""What a business is called in English where it is hidden, and how such names end."""
_ENGLISH_END: Final = any_of(ending for endings in ENGLISH_TRADES.values() for ending in endings.split())
_ENGLISH: Final = re.compile(
    rf"\b(?!(?:The|A|An|My|In|At|From|Our|Their|His|Her|This|That)\s)(?P<name>[A-Z][A-Za-z'’]+(?:\s(?:&\s)?[A-Z][A-Za-z'’]+){{0,3}}?(?:\s(?:{_ENGLISH_END}))+)(?![A-Za-z])"
    r"|\b(?:shop|store|gym|company|agency|salon|studio|school|hotel|restaurant|cafe|business|platform|clinic|brand)\s(?:called|named|of the name)\s(?P<called>[A-Z][A-Za-z'’]+(?:\s[A-Z][A-Za-z'’]+){0,3})"
)
_PLACE_ENGLISH: Final = re.compile(
    r"\b(?P<name>(?:[A-Z][a-z]+\s){1,4}(?:Plaza|Square|Mall|Market|Road|Street|Avenue|Garden|Gardens|Residence|Tower|Building|Village|Town))\b"
)
_STUDIES: Final = re.compile(
    r"\b(?P<name>(?:[A-Z][a-z]+\s){1,4}(?:University|College|Institute|School|Hospital|Clinic|Kindergarten)(?:\sof\s[A-Z][a-z]+(?:\s(?:and\s)?[A-Z][a-z]+)*)?)\b"
)
_PLATFORMS: Final = frozenset(word_list("businesses", "platforms"))
_IN_GENERAL: Final = frozenset(word_list("businesses", "places_in_general"))
_BAD_TAGS: Final = frozenset("rpcudymqft")  # of jieba, by their first letter


def found_shops(view: str) -> Iterator[tuple[int, int, str, int]]:
    """Start, end, what to put, weight."""
    for match in _TRADED.finditer(view):
        if _named(match["name"], loose=False):
            trade = match["trade"]
            put = f"某{trade}" if trade.endswith(("馆", "厂", "店", "诊所", "药房", "酒店")) else f"某{trade}店"
            yield match.start(), match.end(), put, 4
    for pattern in (_DONE, _THAT, _RAN, _BY, _SIGNBOARD):
        for match in pattern.finditer(view):
            if _named(match["name"], loose=pattern not in (_RAN, _SIGNBOARD)):
                yield match.start("name"), match.end("name"), "某商家", 3
    for match in _BY_LIST.finditer(view):
        for group in ("one", "other"):
            if _named(match[group], loose=True):
                yield match.start(group), match.end(group), "某商家", 3
    for match in _ENGLISH.finditer(view):
        yield *match.span("name" if match["name"] else "called"), "a business", 6


def shop_core(text: str) -> str:
    """捷顺 of 捷顺养车: what it is called afterwards; "" when that says nothing."""
    match = _TRADED.fullmatch(text)
    return match["name"] if match and match["name"] not in _IN_GENERAL and not _everyday(match["name"]) else ""


def english_places(view: str) -> Iterator[Found]:
    for match in _PLACE_ENGLISH.finditer(view):
        yield Found(match.start(), match.end(), "address", "an address", 5)
    for match in _STUDIES.finditer(view):
        yield Found(match.start(), match.end(), "institution", "an institution", 6)


def _named(name: str, loose: bool) -> bool:
    """`loose`: what stands around it says that it is a name; else it must look like one."""
    if (
        name in _PLATFORMS
        or name in _IN_GENERAL
        or set(name) & set(_LOOSE)
        or name.endswith(("店", "家", "公司", "平台", "商家"))
    ):
        return False
    tagged = dictionary.tag(name)
    if any(tag[:1] in _BAD_TAGS for _, tag in tagged) or all(tag == "ns" for _, tag in tagged):
        return False
    unknown = any(len(word) == 1 for word, _ in tagged) or any(not dictionary.has_word(word) for word, _ in tagged)
    proper = any(tag in ("nz", "nr", "nrt", "nrfg", "nt", "i", "l") for _, tag in tagged)
    if loose:
        return unknown or proper or (len(tagged) > 1 and all(tag[:1] in "nabz" for _, tag in tagged))
    return unknown or proper or len(tagged) > 1 or tagged[0][1][:1] in "nabvz"


def _everyday(name: str) -> bool:
    return any(
        word == name and tag[:1] in "navdfst" and tag not in ("nz", "nr", "nrt", "nt")
        for word, tag in dictionary.tag(name)
    )


_TRADES: Final = word_list("businesses", "trades")
_INSTITUTIONS: Final = word_list("businesses", "institutions")
_TRADE = re.compile(any_of(_TRADES))
_INSTITUTION = re.compile(any_of(_INSTITUTIONS))
_BEFORE: Final = frozenset(word_list("businesses", "before"))
_JOINED = re.compile(
    r"[卡课费券服器房馆机构程员业行款厂品师设类用教生长学证期季月年套餐店公合院系办科室部队体赛会市局量类课券]"
)
_QUOTED = re.compile(
    r"(?:商家|商户|店铺|店名|网店|门店|直播间|机构|公司|平台|品牌|卖家|酒店|饭店|餐馆|药店|那边的|一家|买的?|注册的?|微店|小程序)"
    r"(?:名称|名字|名|号)?(?:叫做?|是|为)?[\s:：]*[“\"「『【](?P<name>[^”\"」』】\n，。]{2,18})[”\"」』】]"
)
_THINGS: Final = frozenset(word_list("businesses", "things"))
_OFFICES_IN_GENERAL: Final = frozenset(word_list("businesses", "offices_in_general"))
_LONG: Final = {"中": "中学", "小": "小学", "幼": "幼儿园", "院": "医院"}
_LONGEST: Final = 8


_OFFICE = re.compile(
    r"(?:(?<![\u4e00-\u9fff])|(?<=[在去到经由向找被给转是]))(?P<name>(?:(?![的了着在到去是有被把给向对从由经找转就也都还又再不没我你他她它这那该本喂])[\u4e00-\u9fff]){2,6}?)(?P<what>派出所|市场监督管理所|市场监管所|监管所|工商所|司法所|人民法庭|法庭|居委会|村委会|街道办|卫生服务中心)"
)
_NUMBERED = re.compile(
    r"(?:(?<![\u4e00-\u9fff])|(?<=[在去到经由向找被给转是上读说和]))[省市区县]?第?[一二三四五六七八九十]{1,3}(?P<what>医院|中学|小学|初中|高中|幼儿园|中|小|幼|院)(?![\u4e00-\u9fff]?[时天个次])"
)


_LED = re.compile(
    r"(?:(?<![\u4e00-\u9fff])|(?<=[由在向到经与和被、]))(?:[\u4e00-\u9fff]{2,4}[省市县区]){1,3}(?:(?![的了在是和与，])[\u4e00-\u9fff]){2,14}?(?P<what>检验所|检测站|检测中心|研究所|服务所|管理所|监督所|委员会|大队|支队|管理处|审批局|监管局|管理局|公安局|仲裁委)"
)
"""孝感市产品质量监督检验所: what a place has of its own."""
_SHORT_OF_PLACE = re.compile(
    r"[省市区县](?P<what>人民|妇幼|中医|儿童|实验|口腔|肿瘤)(?![政法检代群大消]|医院|[\u4e00-\u9fff]{0,3}[小中]学)"
)
_FIELD = re.compile(
    r"(?:被投诉[人方]|被诉方|店铺?名称?|商[家户]名称|经营主体|单位名称)\s?[:：|]\s?(?P<name>[^，。；;：:\s|（(某]{2,14})(?=[，。；;\s|（(]|$)"
)
"""Of a form: 被投诉人：大河鱼庄."""
_SCHOOL_AFTER = re.compile(
    r"门口|校门|的(?:老师|学生|门口|校长|操场)|那边|斜?对面|旁边|附近|老师|学生|[初高][一二三]|读|毕业"
)
"""Behind 一中, which is a school and no number."""
_OFFICE_END = re.compile(any_of(word_list("businesses", "offices")))


def found_trades(view: str) -> Iterator[Found]:
    cut = cut_words(view)
    for match in _TRADE.finditer(view):
        if _JOINED.match(view, match.end()):
            continue
        start = _name(view, cut, match.start())
        if start is not None:
            yield Found(start, match.end(), "organisation", f"某{match[0]}店" if len(match[0]) == 2 else "某商家", 4)
    for match in _INSTITUTION.finditer(view):
        start = _name(view, cut, match.start())
        if start is not None:
            yield Found(start, match.end(), "institution", f"某{match[0]}", 6)
    for match in _OFFICE.finditer(view):
        if match["name"] not in _OFFICES_IN_GENERAL:
            yield Found(match.start(), match.end(), "institution", f"某{match['what']}", 6)
    for match in _NUMBERED.finditer(view):
        if match[0][0] in "省市区县" or len(match["what"]) > 1 or _SCHOOL_AFTER.match(view, match.end()):
            yield Found(match.start(), match.end(), "institution", f"某{_LONG.get(match['what'], match['what'])}", 6)
    for match in _LED.finditer(view):
        yield Found(match.start(), match.end(), "institution", f"某{match['what']}", 6)
    for match in _SHORT_OF_PLACE.finditer(view):
        yield Found(match.start(), match.end(), "institution", "某机构", 6)
    for match in _FIELD.finditer(view):
        yield Found(match.start("name"), match.end("name"), "organisation", put_for(match["name"]), 6)
    for match in _QUOTED.finditer(view):
        yield Found(match.start("name"), match.end("name"), "organisation", "某商家", 5)


_GOING_ON = re.compile(
    rf"(?:{any_of((*_SHOP_TRADES, *_TRADES, *_INSTITUTIONS, *word_list('businesses', 'going_on')))}){{1,4}}"
    r"(?:[（(][^（）()\n]{1,10}[）)])?"
)
_BRANCH = re.compile(r"[（(][^（）()\n]{1,10}(?:店|部|校区|分院|门诊)[）)]")
_NOT_OF_A_NAME: Final = frozenset(
    "在到去找问给从由向对把被让叫请跟和与及或的了是有为于就也都还又再不没说称因经将以用按该这那某本其他她我你您们来到买卖开办上下里外前后时等约"
)


def whole_name(view: str, start: int, end: int, kind: str) -> tuple[int, int]:
    """With what of the name is beside it: the rest of a word, single characters that nothing explains, and the trade."""
    cut = cut_words(view)
    for first in overlapping_words(cut, start, start + 1):
        if first.start < start and first.tag[:1] not in "vpcdur":
            start = first.start
    for last in overlapping_words(cut, end - 1, end):
        if last.end > end and last.tag[:1] not in "vpcdur" and last.start >= start:
            end = last.end
    for word in reversed(overlapping_words(cut, max(0, start - 4), start)):
        single = word.end - word.start == 1 and word.tag[:1] in "gnazvjx" and word.text not in _NOT_OF_A_NAME
        place = word.tag == "ns" or _TOWN.fullmatch(word.text)
        if not ((single and start - word.start == 1) or place) or not re.match("[\u4e00-\u9fff]", word.text):
            break
        start = word.start
    if kind == "organisation" and (bank := _BANK.search(view, max(0, start - 6), start)):
        start = bank.start()
    while start < end - 1 and view[start] in _NOT_OF_A_NAME and not _begins_name(cut, start):
        start += 1
    if kind == "institution":
        office = _OFFICE_AFTER.match(view, end)
        whole = institution_in(view[start : office.end() if office else end])
        return start, start + len(whole)
    if (trade := _GOING_ON.match(view, end)) or (trade := _BRANCH.match(view, end)):
        end = trade.end()
    return start, end


_BANK = re.compile(r"(?:[工农中建交招浦]行|(?:工商|农业|建设|交通|招商|邮储|农商|村镇)银行|农商行|邮储)$")
"""Before its branch: 建行东西湖支行."""
_TOWN = re.compile(r"[\u4e00-\u9fff]{2,}(?<!小)(?<!社)(?<!校)(?<!地)(?<!片)[市县区]")


def _begins_name(cut: Sequence[Word], at: int) -> bool:
    """上 of 上海, 和 of 和平 and 开 of 开心, which say nothing elsewhere."""
    return any(
        word.start == at and word.end - at > 1 and word.tag[:1] in "na" and dictionary.has_word(word.text)
        for word in overlapping_words(cut, at, at + 1)
    )


_EVERYBODYS = re.compile(
    r"(?:[在读上念去到进]{1,2})?(?:[县区]|[上一下][一级]级?|最高|高级|中级|基层|当地|[本该原一二]审?|有关|相关|本地|应?由?其?(?:住所|所在|经常居住)地|就近|辖区|县级以上|各级?|.{0,5}[一两几多各哪每这那某]所)?(?:的)?"
    r"(?:人民法院|法院|人民检察院|检察院|派出所|公安局|公安机关|居委会|村委会|街道办|街道办事处|监管所|市监[所局]|监管局|市场监管局|市场监督管理局|市场监管所|市场监督管理所|市场监管部门|市场监督管理部门|教育局|城管局?|"
    r"消费者协会|消协|消委会|仲裁委员会|公证处|税务局|药监局|药品监督管理局|卫健局|应急局|应急管理局|运管[所局]|(?:文化|城管|城市管理|综合行政|市场监管|交通|农业|环境)(?:综合)?执法[大中支]?队|(?:交警|消防|刑警)[大支中]队|房管局|交通局|气象局|商务局|财政局|民政局|环保[局所]|电力局|供电[局所]|自然资源局|规划局|住建局|人社局|社保[局所]|劳动局|劳动监察大队|国资委|审批局|医保局|医保中心|公积金中心|农业农村局|农业局|水务局|林业局|邮政局|信访局|金融办|银保监局|文旅局|看守所|殡仪馆|火葬场|卫生[所院]|医院|社区医院|小学|中学|大学|高中|初中|学院|学校|幼儿园|老年大学|政府|机关|部门)"
    r"|(?:转|变更|登记|注册|成立|设立)?[为了]?(?:有限|有限责任|股份|股份有限)公司|[省市县区](?:消委会|消费者委员会|消协|消费者协会|政府)|国家?(?:市场监督管理|市场监管|税务|药品监督管理)总?局|中国消费者协会|中消协|国务院(?:办公厅)?|(?:第[一二三四五六七八九十]{1,3}届)?全国人(?:大|民代表大会)(?:常委会|常务委员会)?|最高法|商务部|教育部|卫健委|发改委|住建部"
    r"|[归由找让叫]?(?:自来水|供水|供电|电力|燃气|供热|热力|公交|航空|物业|快递|搬家|保险|装修|装饰|旅游|物流|运输|中介|开发|房地产|建筑|施工|劳务|外包|派遣|人力资源|停车|租车|广告|贷款|小贷|担保|保洁|咨询|贸易|商贸|科技|网络|网约车|家政)公司|旅行社|健身房|美容院|培训班|培训机构|药店|饭店|酒店|超市|商场"
    r"|[\u4e00-\u9fff]{0,8}(?:服务|制造|零售|批发|餐饮|住宿|娱乐|教育|运输)业|理发|美发|美容美发"
)


EVERYBODYS_BRAND: Final = re.compile(rf"(?:{any_of(_PLATFORMS)}){{1,3}}[上里的]?")
_LABELS: Final = frozenset(word_list("businesses", "labels"))
_LABEL_ENDS: Final = re.compile(r"^.[某*×]{1,2}$|(?:号码|代码|住所|住址|（住址）)$|^[哈呵嘿嘻]+$")
_COUNTED: Final = re.compile(
    r"(?:约|近|共)?[\d.,，]+\s?[人%％个项条户岁家次张件名位]?|[一二两三四五六七八九十百]{1,3}[人票名位户]"
    r"|.{2,5}[菌菇病胺]|.{0,2}[菜瓜椒茄果]苗|(?:各|全[区县市省校镇]).{1,8}|(?:.{0,4}[^富荣华尊显])?贵(?:公司|单位|店|司).{0,4}"
)
_NOBODY: Final = re.compile(r"[A-Z]{1,3}-?\d{1,5}[A-Za-z]?|.{1,4}族|.*[的您].*|其[父母妻夫儿女子兄弟姐妹嫂叔伯姨舅孙]")
"""T08 is what goods are called; 蒙古族, 麻烦您, 其嫂."""
_OF_A_BODY: Final = re.compile("剖[宫腹]产|[流引]产手?术|手术后?$")
_SAID_OF: Final = re.compile("说[归是]?|[和与、]")
_DOING_ONLY: Final = re.compile("[即均系仍已须应未并予]")
"""即增加."""


def says_nothing(name: str, kind: str) -> bool:
    """A platform all know, or what something is or what is done to somebody: 人民法院, 在淘宝, 剖宫产."""
    if (
        "您" in name
        or name.rstrip("甲乙丙丁戊") in _LABELS
        or _COUNTED.fullmatch(name)
        or name.endswith("某")
        or (kind != "name" and "某" in name)
        or not any(map(str.isalnum, name))
    ):
        return True
    if _DOING_ONLY.match(name) and all(tag[:1] in "vdc" for _, tag in dictionary.tag(name)):
        return True
    if all(map(_EVERYBODYS.fullmatch, _SAID_OF.split(name))):
        return True
    if len(name) == 2 and dictionary.has_word(name) and dictionary.tag(name)[0][1][:1] in "dcpruy":
        return True
    if kind == "name":
        if _NOBODY.fullmatch(name):
            return True
        if len(name) > 3 and set(name) & set("说是在的了和与去来要把被给也都就"):
            return True
        return name in _PLATFORMS or name in NOT_NAMES or bool(_LABEL_ENDS.search(name))
    if kind == "institution" and re.search(
        r"[在读上念去到](?:小学|中学|大学|高中|初中|幼儿园|医院|法院|学校|派出所)$", name
    ):
        return True
    return (
        name in _PLATFORMS
        or name in _IN_GENERAL
        or bool(_OF_A_BODY.search(name))
        or bool(_EVERYBODYS.fullmatch(name) or EVERYBODYS_BRAND.fullmatch(name))
    )


def institution_in(text: str) -> str:
    """Up to the last word that says what it is: 东亭中学 of 东亭中学读初; all, where none is near the end."""
    ends = [match.end() for pattern in (_INSTITUTION, _OFFICE_END) for match in pattern.finditer(text)]
    return text[: max(ends)] if ends and max(ends) >= len(text) - 3 else text


_OFFICE_AFTER = re.compile(rf"(?:{_OFFICE_END.pattern}){{1,3}}")


def put_in(name: str) -> str:
    """某小学, 某人民医院, 某法院: what it is, not which."""
    name = institution_in(name)
    found = [
        match[0] for pattern in (_INSTITUTION, _OFFICE_END) if (match := pattern.search(name, max(0, len(name) - 7)))
    ]
    return f"某{found[0]}" if found and name.endswith(found[0]) else "某机构"


def _name(view: str, cut: tuple[Word, ...], end: int) -> int | None:
    """Where a name that goes on to `end` begins: two to eight characters, none of it a word that says something."""
    start, words_before = end, overlapping_words(cut, end - _LONGEST - 4, end)
    for word in reversed(words_before):
        text = view[word.start : min(word.end, end)]
        if not re.fullmatch(r"[\u4e00-\u9fffA-Za-z0-9]+", text) or text in _BEFORE:
            break
        if word.tag[:1] in "rpcudymq" and len(text) <= 2 and not (word.tag.startswith("m") and start == end):
            break
        if word.tag.startswith("v") and len(text) == 2 and dictionary.has_word(text):  # 上门维修, 接受教育
            return None
        start = word.start
        if end - start > _LONGEST:
            return None
    if view[start:end] in _THINGS:
        return None
    return start if 2 <= end - start <= _LONGEST and not view[start:end].isdigit() else None


MOST: Final = 40
_RULES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("age", re.compile(r"(?:\d{1,3}|[一二三四五六七八九十百]{1,4})\s?(?:周岁|岁)")),
    ("office", re.compile(r"(?:人大代表|政协委员|局长|处长|镇长|村支书|书记|校长|院长|网红|主播|明星|运动员|劳模)")),
    ("unique", re.compile(r"(?:首例|全国第一|全市唯一|唯一一家|热搜|上了新闻|电视台|报道过|视频播放|刷屏)")),
    ("health", re.compile(r"(?:怀孕|流产|癌|肿瘤|艾滋|残疾|抑郁|精神病|手术|过敏性休克|骨折)")),
    ("institution", re.compile(r"[\u4e00-\u9fff]{2,10}(?:大学|学院|中学|小学|医院|派出所|法院|所|局)(?![部长员])")),
    ("place", re.compile(r"[\u4e00-\u9fff]{2,5}(?:省|市|区|县|镇|乡|村)(?![场面])")),
    ("quoted", re.compile(r"[“\"「『][^”\"」』\n]{2,20}[”\"」』]")),
    ("number", re.compile(r"(?<![\d年月])\d{4,}(?![\d年元])")),
    ("time", re.compile(r"(?:上午|下午|晚上|凌晨)?\d{1,2}[:：点时]\d{0,2}分?")),
    ("relation", re.compile(r"(?:孙子|孙女|外孙|双胞胎|再婚|离异|独居|养女|养子|烈属)")),
)
"""Codes; their sentences are the pages'."""


@dataclass(frozen=True, slots=True)
class BusinessHint:
    code: str
    field: str
    words: str
    around: str


def hints(texts: Mapping[str, str]) -> list[BusinessHint]:
    """Of masked texts, the first `MOST`."""
    return list(_hints(texts))[:MOST]


def _hints(texts: Mapping[str, str]) -> Iterator[BusinessHint]:
    seen: set[tuple[str, str]] = set()
    for name, text in texts.items():
        view = plain(text)
        for code, pattern in _RULES:
            for match in pattern.finditer(view):
                if "某" in match[0] or "略" in match[0] or (code, match[0]) in seen:
                    continue
                seen.add((code, match[0]))
                yield BusinessHint(
                    code, name, text[match.start() : match.end()], text[max(0, match.start() - 10) : match.end() + 10]
                )


_ENDING = re.compile(any_of(word_list("businesses", "endings")))
_GENERIC: Final = frozenset(word_list("businesses", "generic"))
_ADMINS = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,7}?(?:省|自治区|市|区|县|镇|高新区|开发区)){1,3}|^(?:中国|武汉|北京|上海|广州|深圳|湖北)"
)
_LAST_WORDS = re.compile(rf"(?:{any_of(word_list('businesses', 'trade_words'))}){{1,8}}$")
_KINDS: Final = frozenset(word_list("businesses", "kinds"))
_CALLED_SHORT = re.compile(
    r"(?:以下|下)?(?:均)?(?:简称|称)(?:为)?\s?[：:]?\s?[“\"「『]?(?P<short>(?!甲方|乙方|丙方|原告|被告|本法|本条例|本规定|本办法|民法典|消法|合同|协议|该|涉案|案涉)[\u4e00-\u9fffA-Za-z]{2,10})[”\"」』]?\s?[）)]"
)


def called_short(view: str, end: int, start: int) -> bool:
    """Whether what begins at `start` is how the text calls from there on what ends at `end`: （以下简称燃动公司）."""
    said = _CALLED_SHORT.search(view, end, start + 12)
    return said is not None and said.start("short") == start and start - end <= 10


_LAWFUL = re.compile(r"[（(][^（）()]{1,10}[）)]")
_LONGEST_FORM: Final = 24


def organisations(view: str, known: Iterable[str]) -> Iterator[Found]:
    for name in known:
        yield from literal(view, name, "organisation", put_for(name), 8)
        for core in cores(name):
            yield from literal(view, core, "organisation", "某商家", 5)
    for match in _CALLED_SHORT.finditer(view):
        yield Found(match.start("short"), match.end("short"), "organisation", put_for(match["short"]), 7)
    cut = cut_words(view)
    starts = {word.start for word in cut}
    for match in _ENDING.finditer(view):
        start = match.start()
        for word in reversed(overlapping_words(cut, match.start() - _LONGEST_FORM, match.start())):
            text = view[word.start : min(word.end, match.start())]
            if not re.fullmatch(r"[\u4e00-\u9fffA-Za-z0-9（）()·&\-]+", text) or text in _GENERIC:
                break
            if word.tag == "r" and len(text) > 1:  # 什么, 我们
                break
            if word.tag in ("r", "p", "c", "ul", "uj", "d", "y", "m") and len(text) == 1 and text not in "（）()":
                break
            start = word.start
        text = view[start : match.start()]
        if match[0] == "店" and any(
            word.tag[:1] in ("v", "d", "p") and start <= word.start
            for word in overlapping_words(cut, start, match.start())
        ):
            continue  # 找过店 is no name
        own = _LAST_WORDS.sub("", text)  # 教育培训学校 says what it is, not which
        if len(own) >= 2 and start in starts and own not in _KINDS and not re.fullmatch(r"[（()）]+", own):
            yield Found(start, match.end(), "organisation", put_for(match[0]), 5)


def put_for(name: str) -> str:
    """某公司, 某健身房: what it was, not which."""
    found = list(_ENDING.finditer(plain(name)))
    ending = found[-1][0] if found and found[-1].end() == len(name) else "商家"
    if ending.endswith("公司"):
        ending = "公司"
    return f"某{ending}"


@lru_cache(maxsize=256)
def cores(name: str) -> tuple[str, ...]:
    """云桥动力健身有限公司 → 云桥动力: what it is called in a sentence."""
    rest = _LAWFUL.sub("", plain(name))
    rest = _ADMINS.sub("", rest)
    found = _ENDING.search(rest)
    if found:
        rest = rest[: found.start()]
    short = _LAST_WORDS.sub("", rest)
    every = dict.fromkeys((rest, short, *map(_without_city, (rest, short))))
    return tuple(one for one in every if len(one) >= 2 and one != name)


def _without_city(name: str) -> str:
    """姑苏绣娘 of 苏州姑苏绣娘."""
    city = dictionary.tag(name)[0] if name else ("", "")
    return name.removeprefix(city[0]) if city[1] == "ns" else ""


def shortened(name: str, views: Collection[str]) -> Iterator[str]:
    """绣娘公司 for 苏州姑苏绣娘服饰有限公司, where one of the texts says so."""
    parts = {
        part for core in cores(name) for part in (core[:2], core[:3], core[-3:], core[-2:]) if len(part) < len(core)
    }
    for part in sorted(parts):
        for ending in _SHORT_ENDINGS:
            if any(part + ending in view for view in views):
                yield part + ending


_SHORT_ENDINGS: Final = ("公司", "酒店", "店", "集团", "平台")


def literal(view: str, name: str, kind: str, put: str, weight: int) -> Iterator[Found]:
    """Wherever it stands, also with something between its characters."""
    folded = re.sub(SEPARATORS, "", plain(name))
    if len(folded) < 2:
        return
    pattern = re.compile(rf"{SEPARATORS}{{0,2}}".join(re.escape(char) for char in folded), re.IGNORECASE)
    for match in pattern.finditer(view):
        yield Found(match.start(), match.end(), kind, put, weight)
