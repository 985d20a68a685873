"""Businesses whose names end in no word for a business: by their trade (青禾花艺), and by what was done there (在喵呜星球接的).

A name is up to eight characters between words that a name can follow and words that follow one; ordinary words, and
the big platforms, which lead to nobody, are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from casebook.deidentifying.views import Found
from law import dictionary

_HAN: Final = "\u4e00-\u9fff"
_LOOSE: Final = "了的着过在是有被把给向对从到就也都还又再不没未已将会要想能可并而但或和与及这那哪每各某本该其他她它我你您咱谁几多少第后前时中内外上下里次个名位元块"
"""Characters no name of a business has."""
_TRADES: Final = (
    "支行|分行|营业厅|分理处|信用社|储蓄所|编程|少儿编程|美术|学校|专卖|小院|城堡|乐堡|农家乐|快修|维修|修车|汽修|洗车|烘焙|蛋糕|面包|咖啡|奶茶|烧烤|火锅|服务部|服务站|经营部|养车|变速箱|轮胎|车业|租车|二手车|电动车|摩托|机车|驾培|农资|农机|种业|饲料|兽药|五金|建材|门窗|橱柜|地板|瓷砖|灯饰|窗帘|布艺|家居|床垫|家纺|电器|家电|电脑|手机|"
    "生活馆|养生馆|体验馆|健身馆|武馆|画室|琴行|书法|美术|钢琴|舞蹈|跆拳道|篮球|轮滑|游泳|瑜伽|普拉提|公考|考研|留学|教育|托福|课堂|学堂|书院|书店|书屋|"
    "锅盔|包子|早点|面馆|粉馆|牛肉面|热干面|米粉|串串|烤肉|烤鱼|龙虾|海鲜|卤味|鸭脖|炸鸡|汉堡|披萨|甜品|冰淇淋|茶庄|茶叶|茶馆|酒馆|酒坊|私房菜|食府|食堂|餐吧|酒家|小馆|大排档|"
    "生鲜|果园|果业|水产|粮油|副食|烟酒|零食|炒货|花艺|鲜花|花坊|园艺|干洗|洗护|洗染|皮具|裁缝|婚介|相亲|月子|产后|月嫂|家政|保洁|搬家|开锁|"
    "口腔|齿科|牙科|眼科|医美|整形|植发|皮肤管理|中医|国医堂|推拿|按摩|足浴|足道|养发|纹绣|美睫|美甲|美发|造型|形象|写真|影像|照相|婚纱|汉服|男装|女装|童装|内衣|鞋业|皮鞋|"
    "饰品|珠宝|金行|钟表|眼镜|热力|燃气|供暖|供热|水务|宽带|健身|婚车|车队|土货|土特产|特产|通讯|通信|数码|网咖|电竞|电竞酒店|密室|剧本杀|轰趴|台球|棋牌|影院|剧场|乐园|农庄|山庄|客栈|民宿|公寓|租房|房产|地产|速运|快运|物流|货运|"
    "速递|装饰|装修|设计|软装|物业|宠物|猫舍|犬舍|动物诊所|诊所|药业|药房|大药房|食品厂|服装厂|家具厂|制品厂|加工厂|厂|律所|财税|旅行|国旅|旅游|票务|保险代理"
)
_TRADED: Final = re.compile(
    rf"(?:(?<![{_HAN}A-Za-z0-9])|(?<=[在去到找从由系的给向与和是为跟被上路街道楼号]))(?P<name>(?:(?![{_LOOSE}])[{_HAN}A-Za-z0-9]){{2,6}}?)(?P<trade>{_TRADES})"
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
_ENGLISH: Final = re.compile(
    r"(?:called|named|from|at)\s(?P<name>[A-Z][A-Za-z']+(?:\s[A-Z][A-Za-z']+){0,3}\s?(?:Shop|Store|Digital|Gym|Fitness|Studio|Salon|Cafe|Restaurant|Hotel|Center|Centre|School|Clinic|Motors|Electronics|Furniture|Bakery))\b"
)
_PLACE_ENGLISH: Final = re.compile(
    r"\b(?P<name>(?:[A-Z][a-z]+\s){1,4}(?:Plaza|Square|Mall|Market|Road|Street|Avenue|Garden|Gardens|Residence|Tower|Building|Village|Town))\b"
)
_STUDIES: Final = re.compile(
    r"\b(?P<name>(?:[A-Z][a-z]+\s){1,4}(?:University|College|Institute|School|Hospital|Clinic|Kindergarten)(?:\sof\s[A-Z][a-z]+(?:\s(?:and\s)?[A-Z][a-z]+)*)?)\b"
)
PLATFORMS: Final = frozenset(
    ["淘宝", "天猫", "京东", "拼多多", "抖音", "快手", "美团", "饿了么", "小红书", "微信", "支付宝", "闲鱼", "携程", "飞猪", "去哪儿", "滴滴", "唯品会", "苏宁", "高德", "百度", "微博", "得物", "转转", "贝壳", "链家", "大众点评", "叮咚", "盒马", "朴朴", "顺丰", "京东到家", "美团外卖", "抖音商城", "拼夕夕", "某宝", "某东", "朋友圈", "小程序", "公众号", "视频号", "直播间", "APP", "App", "app", "网上", "线上", "线下"]
)  # fmt: skip
_PLAIN: Final = frozenset(
    ["商场", "超市", "门店", "店铺", "店里", "商店", "实体店", "网店", "专柜", "柜台", "前台", "现场", "展会", "车展", "会场", "医院", "学校", "银行", "单位", "公司", "工厂", "小区", "家里", "家中", "老家", "外地", "本地", "当地", "国外", "国内", "县里", "镇上", "村里", "市里", "城里", "街上", "楼下", "楼上", "门口", "附近", "对面", "旁边", "隔壁", "这里", "那里", "这儿", "那儿", "哪里", "别处", "别家", "他家", "她家", "她们家", "他们家", "你家", "你们家", "我家", "该店", "本店", "此店", "这家店", "那家店", "该公司", "该商家", "商家", "商户", "对方", "平台", "官网", "官方", "第三方", "同一家", "另一家", "电话", "手机", "网络", "直播", "广告", "宣传", "活动", "促销", "节日", "期间", "当天", "当时", "之前", "之后", "后来", "今年", "去年", "上午", "下午", "晚上", "周末", "年底", "月底", "年初", "月初", "暑假", "寒假", "国庆", "春节", "元旦", "双十一", "消费者", "投诉人", "当事人", "经营者", "健身房", "理发店", "美容院", "餐厅", "饭店", "酒店", "宾馆", "药店", "诊所", "幼儿园", "培训班", "辅导班", "驾校", "影楼", "工作室", "汽修厂", "修理厂", "修理店", "花店", "宠物店", "手机店", "眼镜店", "专卖店", "旗舰店", "便利店", "售后", "客服", "新店", "分店", "总店", "直营店", "加盟店", "保修期", "质保期", "有效期", "合同期", "试用期", "机构", "商城", "市场", "菜场", "菜市场", "批发市场", "仓库", "车间", "办公室", "会员", "预付卡", "一楼", "二楼", "三楼", "大厅", "包间", "房间"]
)  # fmt: skip
_BAD_TAGS: Final = frozenset("rpcudymqft")  # of jieba, by their first letter


def shops(view: str) -> Iterator[tuple[int, int, str, int]]:
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
        yield match.start("name"), match.end("name"), "a business", 5


def core(text: str) -> str:
    """捷顺 of 捷顺养车: what it is called afterwards; "" when that says nothing."""
    match = _TRADED.fullmatch(text)
    return match["name"] if match and match["name"] not in _PLAIN and not _everyday(match["name"]) else ""


def english_places(view: str) -> Iterator[Found]:
    for match in _PLACE_ENGLISH.finditer(view):
        yield Found(match.start(), match.end(), "address", "an address", 5)
    for match in _STUDIES.finditer(view):
        yield Found(match.start(), match.end(), "institution", "an institution", 6)


def _named(name: str, loose: bool) -> bool:
    """`loose`: what stands around it says that it is a name; else it must look like one."""
    if (
        name in PLATFORMS
        or name in _PLAIN
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
