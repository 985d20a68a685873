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
    RARE,
    SEPARATORS,
    SURNAMES,
    Found,
    any_of,
    cut_words,
    overlapping_words,
    plain,
    word_list,
)
from casebook.deidentifying.businesses import literal
from casebook.deidentifying.tagger import names, ordinary_characters
from law import dictionary

_HAN: Final = "\u4e00-\u9fff"
_ROLES: Final = any_of(word_list("people", "roles"))
_LINK: Final = r"(?:是个|也是|就是|好像是|是|叫做|叫|名叫|为)?[\s:：“\"‘「]{0,2}"
_END: Final = r"(?=[的，。、；！？,.!?;：:\s）)（(”\"’」和与跟及等]|$|[说讲问要给把也都就还又来去收接打带跟帮找让推摔退报介签承答联负写反对陪协转代做开拿发送催])"
_ROLE_FAMILIAR: Final = re.compile(rf"(?:{_ROLES}){_LINK}(?P<who>[小老阿大][{_HAN}]{{1,2}}?){_END}")
_ROLE_NAME: Final = re.compile(rf"(?:{_ROLES}){_LINK}(?P<who>{SURNAMES}[{_HAN}]{{1,2}}?){_END}")
_DOUBLED: Final = re.compile(
    rf"(?:(?:{_ROLES}){_LINK}|(?<=[的和跟与叫找问、]))(?P<who>(?P<half>[{_HAN}])(?P=half))(?=[{_HAN}，。、；！？,.\s）)”\"’」]|$)"
)
_KINSHIP: Final = re.compile(rf"(?P<who>[{_HAN}][哥姐叔姨嫂])(?=[，。、；！？,.\s）)”\"’」说在不和跟也给让叫带]|$)")
_TWICE: Final = re.compile(
    r"(?P<who>([佳雯伟丽娜欣莹婷媛萌琪瑶涵萱轩豪杰强军刚勇亮华红芳静敏燕玲霞倩慧娟妮朵贝豆果圆甜宁晨曦阳星])\2)(?![\u4e00-\u9fff]?的光)"
)
_ALONE: Final = re.compile(rf"^[^\S\n]*+(?P<who>{SURNAMES}[{_HAN}]{{1,2}})[^\S\n]*+$", re.MULTILINE)
_ROLE_AH: Final = re.compile(rf"(?:{_ROLES}){_LINK}(?P<who>阿[{_HAN}])")
_ROLE_DIMINUTIVE: Final = re.compile(rf"(?:{_ROLES}){_LINK}(?P<who>[{_HAN}]子)(?=[{_HAN}，。、；！？,.\s）)]|$)")
_CALLED: Final = re.compile(
    rf"(?<![{_HAN}]所)(?:(?:大名|小名|外号|绰号|本名|真名|全名|实名|网名|花名|[叫喊][他她])(?:是|叫做?)?|名字?叫|叫做?)[\s“\"‘「]{{0,2}}(?P<who>[{_HAN}]{{2,4}})(?=[的，。、；！？,.\s）)”\"’」]|$)"
)
_AH_WORDS: Final = "姨里胶拉坝富迪根司"
"""阿姨, 阿里, 阿胶: what stands behind 阿 in words."""
_AH: Final = re.compile(rf"(?<=[和跟与及、叫找问给让])(?P<who>阿(?![{_AH_WORDS}])[{_HAN}])")
_FAMILIAR: Final = re.compile(rf"(?P<who>[小老阿][{COMMON}{RARE}])")
_DIMINUTIVE: Final = re.compile(
    rf"(?P<who>(?:[{_HAN}]子|老幺|老[大二三四五六]|小[东西南北宝叶鱼雨雪玲丽芳红军明强敏静燕丹倩琳婷慧])){_END}"
)
_LATIN_CALLED: Final = re.compile(
    rf"(?<![A-Za-z])(?P<titled>阿?[A-Z][a-z]{{1,11}})(?=老师|教练|姐|哥|经理|店长|总监|顾问|总(?![计共价额]))"
    rf"|(?:{_ROLES}|叫做?|名叫|是|由|找|问|跟){_LINK}(?P<who>阿?[A-Z][a-z]{{1,11}})(?![A-Za-z0-9])"
)
_FOREIGN_ROLES: Final = (
    "classmate|roommate|colleague|friend|manager|owner|agent|seller|clerk|landlord|landlady|teacher|coach|husband|wife|boss|doctor|student|tourist|"
    "consumer|customer|complainant|director|salesman|saleswoman|assistant|waiter|waitress|driver|guide|nurse|mediator|officer|professor|tenant|"
    "buyer|trader|shopkeeper|receptionist|trainer|dealer|mother|father|neighbou?r|supervisor|technician|engineer|lawyer|resident|passenger"
)
_NO_PERSON: Final = (
    r"(?!\s?(?:Road|Street|Plaza|University|Hospital|School|Company|Store|Shop|Co|Ltd|Pay|District|City|Mall|Cent(?:er|re)|Gym|Hotel|Clinic|Salon|"
    r"Fitness|Studio|Restaurant|Cafe|Digital|Motors|Market|Protection|Law|Article|Rules|Bank|Province|County)\b)"
)
_FOREIGN: Final = re.compile(
    rf"\b(?:{_FOREIGN_ROLES}|to|from|by|with|and|for),?\s(?P<who>[A-Z][a-z]+\s[A-Z][a-z]+)\b{_NO_PERSON}"
    rf"|(?:^|(?<=[.!?,;:]\s))(?P<doing>[A-Z][a-z]+\s[A-Z][a-z]+)\b{_NO_PERSON}"
    r"(?=,?\s(?:said|says|told|bought|paid|complained|claimed|explained|signed|agreed|asked|ordered|argued|stated|v\.|vs\.?)(?:\s|$))",
    re.MULTILINE,
)
_LISTED: Final = re.compile(rf"(?<=、)(?P<who>{SURNAMES}[{_HAN}]{{1,2}})(?=[、，。；,（(\s等]|$|[和与及都也均])")
_FIRST: Final = re.compile(rf"(?P<who>{SURNAMES}[{_HAN}]{{1,2}})$")
_BRACKETED: Final = re.compile(rf"[（(](?P<who>{SURNAMES}[{_HAN}]{{1,2}})(?P<after>[，,、；;]\s?(?:男|女|\d)|[）)])")
_OWNED: Final = re.compile(
    rf"(?P<who>{SURNAMES}[{_HAN}]{{1,2}})(?=的(?:名字|签名|签字|电话|手机|微信|身份证|账户|账号|银行卡|收款码|学生))"
)
_BORN: Final = re.compile(
    rf"(?<![{_HAN}])(?P<who>[{COMMON}{RARE}])(?=姓(?:老板|店长|男子|女子|员工|负责人|经理|顾客|店主|师傅))|(?<=一)(?P<other>[{COMMON}{RARE}])(?=姓)"
)
_FIELD: Final = re.compile(
    rf"(?:投诉人|申请人|来电人|诉求人|反映人|承办人|经办人|联系人|调解员|负责人|经营者|法定代表人|当事人|姓名|询问人|记录人|户名|收件人)\s?[:：|]\s?(?P<who>(?!不详|同上|未知|匿名|保密|本人|市民|暂无)(?:(?!某)[{_HAN}]){{2,4}})(?=[\s，,；;、|（(。]|$)"
)
"""Of a form: 投诉人|宾利."""
_LINE: Final = re.compile(r"^(?P<who>[^\s：:，。]{2,10})(?=[:：])", re.MULTILINE)
_HEAD: Final = re.compile(
    r"^(?P<who>[^\s：:，。]{2,10})[^\S\n]{1,3}(?:\d{4}[-/])?\d{1,2}[-/]\d{1,2}[^\S\n]{1,3}\d{1,2}[:：]\d\d(?:[:：]\d\d)?$",
    re.MULTILINE,
)
"""Of a message: 自如小宇 10-21 14:08."""
_LABELS: Final = re.compile(
    r"(?:[Mm]e|我|我方|我们|你|对方|商家|店家|卖家|买家|客服|老板|店长|顾客|消费者|平台|经理|机主|来电人|投诉人|被投诉人|申请人|被申请人|调解员|[甲乙丙]方|问|答|孙子|孙女|儿子|女儿|爸爸|妈妈|奶奶|爷爷|外婆|外公|老公|老婆|原告|被告|上诉人|代理人|第三人|审判长|审判员|书记员|内容|诉求)$|"
    r"(?:业主|住户|租客|房东|家长|学生|客户|用户|客人|乘客|旅客|患者|病人|家属|医生|护士|导医|教练|中介|旅行社)[甲乙丙丁A-D]?$|"
    r".*(?:人|告|者|员|长|方|号|部|部门|单位|程度|类别|数量|种类|级别|方式|状态|来源|渠道)$|.*[】\]]$|"
    r".*(?:时间|地点|日期|地址|电话|手机|微信|账号|诉求|要求|请求|问题|事项|结果|备注|附件|说明|情况|名单|内容|经过|理由|事由|依据|编号|单号|订单|金额|价格|名称|类型|证据|标题|回复|答复|记|注)$"
)
_ORDINARY: Final = frozenset(word_list("people", "words_like_callings"))
_KIN_BEFORE: Final = frozenset("大小老表堂师帅空他她我你这那的二三四五阿亲个叫学富干义继亡孩")
_NOT_CALLED: Final = re.compile(
    rf"[{''.join(NOT_GIVEN)}什么这样那种家店员客服警察车人]|(?:公司|平台|套餐|服务|产品|价|费|卡|课|款)$"
)


def found_callings(view: str) -> Iterator[tuple[int, int, int]]:
    """Start, end and weight."""
    for match in (*_ROLE_FAMILIAR.finditer(view), *_ROLE_NAME.finditer(view)):
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
    for match in _LATIN_CALLED.finditer(view):
        group = "who" if match["who"] else "titled"
        yield match.start(group), match.end(group), 4
    for match in (*_DOUBLED.finditer(view), *_ROLE_DIMINUTIVE.finditer(view)):
        who = match["who"]
        if who in _ORDINARY or who[0] in NOT_GIVEN or _within_word(view, *match.span("who")):
            continue
        if not dictionary.has_word(who) or dictionary.tag(who)[0][1].startswith("nr"):
            yield match.start("who"), match.end("who"), 4
    for match in (*_AH.finditer(view), *_ROLE_AH.finditer(view)):
        yield match.start("who"), match.end("who"), 5
    for match in _FOREIGN.finditer(view):
        yield *match.span("who" if match["who"] else "doing"), 5
    for match in _FIELD.finditer(view):
        if not match["who"].endswith(("店", "公司", "部", "所", "局", "行", "厂", "馆", "中心")):
            yield match.start("who"), match.end("who"), 6
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
    for match in _HEAD.finditer(view):
        if not _LABELS.match(match["who"]) and not match["who"].isdigit():
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


HONORIFIC: Final = any_of(word_list("people", "honorifics"))
_TITLED = re.compile(rf"(?P<who>{SURNAMES})(?P<given>[\u4e00-\u9fff]{{0,2}}?)(?P<title>{HONORIFIC})")
_PERSON_FAMILIAR = re.compile(
    rf"(?<![\u4e00-\u9fff])?(?:老|小|阿)(?P<who>[{COMMON}{RARE}])(?=[，。、；：！？\s说在到来去和与跟把被给的讲叫]|$)"
)
_INTRODUCING: Final = any_of(word_list("people", "introducing"))
_AFTER = re.compile(
    rf"(?:{_INTRODUCING})(?:一栏)?(?:写的)?(?:是|为|叫个?|个)?[\s:：（(“\"]{{0,3}}(?P<who>{SURNAMES})(?P<given>\s{{0,2}}[\u4e00-\u9fff](?:\s{{0,2}}[\u4e00-\u9fff])?)"
)
_DOING = re.compile(
    rf"(?:^|[^\u4e00-\u9fff]|[与和向给由让])(?P<who>{SURNAMES})(?P<given>[\u4e00-\u9fff]{{1,2}}?)"
    r"(?=称|表示|与|和|付的|付了|付钱|一同|认为|退款|说|要求|同意|承诺|提出|提供|陈述|签字|到店)"
)
_FAMILY_ONLY = re.compile(r"(?<![同百大老贵])姓(?P<who>[\u4e00-\u9fff])(?=[，。、；：！？,.\s的（(]|$)")
_KIN_TITLE = re.compile(
    r"(?:(?<![\u4e00-\u9fff])|(?<=老板)|(?<=财务)|(?<=店员)|(?<=店长)|(?<=经理)|(?<=客服)|(?<=教练)|(?<=叫)|(?<=找)|(?<=问)|(?<=爱人)|(?<=给))"
    r"(?P<who>[\u4e00-\u9fff]|[A-Z][a-z]+)(?P<kin>姐|哥|叔|姨|嫂|妹)(?![\u4e00-\u9fff]{0,1}[妹弟们夫])"
)
_AH_FIRST = re.compile(r"(?<![\u4e00-\u9fff])阿(?P<who>[\u4e00-\u9fff])(?![\u4e00-\u9fff]?[泰司])")
_WITH_SUM = re.compile(rf"(?<=[、：:，\s])(?P<who>{SURNAMES})(?P<given>[\u4e00-\u9fff]{{1,2}})(?=\d{{3,}})")
_COUPLE = re.compile(r"(?<=、)(?P<who>[\u4e00-\u9fff]{2,3})(?=夫妇|夫妻)")
_INTRODUCED = re.compile(
    r"(?:\b[Mm]y name is|\b[Nn]amed|\b[Cc]alled|\bI am|\bI'm|\bThis is)\s+(?P<who>[A-Z][a-z]+(?:\s[A-Z][a-z]+){1,2})"
)
_SIGNED = re.compile(
    r"[.!?\n][^\S\n]*+(?P<who>[A-Z][a-z]+\s[A-Z][a-z]+)\s*+(?:$|,\s*+(?:\d{1,2}\s[A-Z][a-z]+|[A-Z][a-z]+\s\d{1,2})\b[\s,.\d]*+$)"
)
_DOTTED = re.compile(r"[\u4e00-\u9fff]{2,8}[·•・‧∙⋅][\u4e00-\u9fff]{2,8}(?:[·•・‧∙⋅][\u4e00-\u9fff]{2,8})?")
_PINYIN: Final = any_of(word_list("people", "surname_pinyin"))
_LATIN = (
    re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Madam)\.?\s+[A-Z][A-Za-z]+(?:[\s\-][A-Z][A-Za-z]+){0,2}"),
    re.compile(rf"\b(?i:{_PINYIN})\s+[A-Z][A-Za-z]{{1,11}}(?:[\s\-][A-Z][A-Za-z]{{1,8}})?\b"),
    re.compile(rf"\b[A-Z][A-Za-z]{{1,11}}\s+(?i:{_PINYIN})\b"),
)


_OF_A_FAMILY = re.compile(
    rf"(?P<who>{SURNAMES}家)(?=老[大二三四五六幺小]|媳妇|小子|姑娘|嫂子|婆婆|爹爹|大[哥嫂]|小[哥妹]|兄弟)"
)
"""Of whose family somebody is: 付家老二, 刘家小子."""
_CHILDS = re.compile(
    r"(?P<who>(?P<once>[\u4e00-\u9fff])(?P=once))(?=[他她]?(?:爸|妈|爷爷|奶奶|外[婆公]|姥[姥爷])|的?家长(?!会))"
)
"""Whose child: 康康他爸, 乐乐妈妈."""
_NO_FAMILY: Final = frozenset("国大商店管东公自全娘婆仇行当人谁那农邻爸妈爷奶哥姐弟妹叔伯舅姑宝娃太家")


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
        end = match.end()
        while view[end - 1] in NOT_GIVEN:
            end -= 1
        parts = re.split(r"[·•・‧∙⋅]", view[match.start() : end])
        sure = any(all(tag[:2] == "nr" for _, tag in dictionary.tag(part)) for part in parts)
        yield Found(match.start(), end, "name", SOMEBODY, 9 if sure else 6)
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
    for match in (*_OF_A_FAMILY.finditer(view), *_CHILDS.finditer(view)):
        who = match["who"]
        if who[0] not in _NO_FAMILY and not (who[0] == who[1] and dictionary.tag(who)[0][1][:1] in "dvr"):
            yield Found(match.start(), match.end("who"), "name", SOMEBODY, 7)
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
    for pattern in _LATIN:
        for match in pattern.finditer(view):
            yield Found(match.start(), match.end(), "name", SOMEBODY, 5)


def _addressed(view: str) -> Iterator[Found]:
    """People as others call them: 姓单, 玲姐, 阿斌; of a list with sums, of a couple; and who says in English who they are."""
    for match in _FAMILY_ONLY.finditer(view):
        yield Found(match.start("who"), match.end("who"), "name", SOMEBODY, 4)
    for match in _KIN_TITLE.finditer(view):
        if match["who"] not in _KIN_BEFORE:
            yield Found(match.start("who"), match.end(), "name", SOMEBODY, 4)
    for match in _AH_FIRST.finditer(view):
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


def whole_given(view: str, start: int, end: int) -> int:
    """Where a name ends that the chain left after two characters: 皓 of 栾子皓, where it begins no word."""
    more = view[end : end + 1]
    if end - start != 2 or view[start] not in COMMON + RARE or not re.fullmatch(f"[{_HAN}]", more):
        return end
    words = overlapping_words(cut_words(view), end, end + 1)
    said = more not in NOT_GIVEN or re.match("来[，。；、：）]", view[end : end + 2])  # 童仓来，: nobody comes there
    of_a_name = said and (names()["last"].get(more, 0) >= 3 or more not in ordinary_characters() or more == "来")
    return end + 1 if of_a_name and words[-1].end == end + 1 and not dictionary.has_word(view[end : end + 2]) else end


SOMEBODY: Final = "某人"
