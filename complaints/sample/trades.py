"""What the invented complaints are about: trades with their industry code, what they sell and what goes wrong.

Codes are classes of GB/T 4754-2017. `season`: weight of each month, January first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EVEN: Final = (10,) * 12


@dataclass(frozen=True, slots=True)
class Trouble:
    """`problem`: complaints.PROBLEMS; `told`: the same trouble in several persons' words."""

    problem: str
    requests: tuple[str, ...]
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trade:
    name: str  # as an industry is called in conversation
    code: str
    kind: str  # "goods" | "service"
    signs: tuple[str, ...]  # how its businesses end their registered names
    sold: tuple[tuple[str, int, int], ...]  # what, from yuan, to yuan
    troubles: tuple[Trouble, ...]
    share: int  # how often, against the other trades
    season: tuple[int, ...] = EVEN


def _of(problem: str, requests: str, *told: str) -> Trouble:
    return Trouble(problem, tuple(requests.split()), told)


SHUT = _of(
    "contract",
    "refund",
    "门店突然关门停业，卡内余额一直不退",
    "商家没有任何通知就闭店了，剩下的钱退不了",
    "现在大门紧锁，负责人失联，预付的费用要不回来",
)  # told by many at once: a hot spot
WAIT = _of("contract", "refund", "约定的时间早已过了仍不履行", "一再拖延不兑现承诺", "说好的日期过了还是没有办")
BROKEN = _of(
    "quality",
    "return replace",
    "用了没几天就坏了，商家不肯退换",
    "存在质量问题，第一周就出现故障，店家推脱",
    "收到后发现有明显瑕疵，要求退货被拒绝",
)
PRICE = _of(
    "price",
    "refund",
    "结账时的价格和标价不一致，多收了钱",
    "没有明码标价，结算时临时加价",
    "标价牌上写的是一个价，付款时变成了另一个价",
)
FAKE = _of(
    "counterfeit",
    "return damages",
    "怀疑是假冒商品，专柜鉴定说不是正品",
    "买到的东西防伪码查不到，疑似假货",
    "商家说是正品，拿去鉴别说是仿冒的",
)
PROMISE = _of(
    "publicity",
    "refund damages",
    "宣传的效果与实际完全不符",
    "销售当时夸大其词，实际根本不是那么回事",
    "广告里承诺的内容一样都没有做到",
)
AFTER = _of(
    "after_sale",
    "repair",
    "保修期内拒绝免费维修",
    "报修多次没有人上门，售后互相推诿",
    "送修两次还是同样的毛病，售后不再处理",
)
HURT = _of(
    "safety",
    "damages",
    "使用时受伤，去医院花了医药费，商家不管",
    "因为东西不安全弄伤了手，对方不肯赔",
    "食用后腹泻送医，商家拒绝承担费用",
)
SHORT = _of(
    "measurement", "quantity", "回家称重发现缺斤少两", "复秤少了二两多，商家不认", "分量不足，与包装标的净含量不符"
)

SCHOOL: Final = (10, 14, 12, 8, 8, 12, 16, 18, 12, 8, 8, 6)
SUMMER: Final = (5, 5, 6, 8, 12, 18, 22, 20, 10, 6, 5, 5)
TRAVEL: Final = (10, 18, 6, 8, 14, 6, 12, 14, 6, 22, 6, 6)
SALES: Final = (8, 8, 8, 6, 7, 16, 7, 6, 7, 8, 22, 16)

TRADES: Final[tuple[Trade, ...]] = (
    Trade(
        "健身",
        "R8930",
        "service",
        ("健身服务有限公司", "体育文化发展有限公司", "健身俱乐部"),
        (("健身年卡", 1200, 4800), ("私教课程", 3000, 16000), ("游泳卡", 800, 3000)),
        (
            SHUT,
            PROMISE,
            _of("contract", "refund", "办卡后因搬家要求退卡，店家收取高额违约金", "合同里写概不退款，申请退卡被拒绝"),
        ),
        14,
    ),
    Trade(
        "美容美发",
        "O8040",
        "service",
        ("美容服务有限公司", "美发店", "形象设计工作室"),
        (("美容储值卡", 1000, 12000), ("烫染套餐", 198, 1280), ("祛斑项目", 2000, 20000)),
        (SHUT, PROMISE, HURT, PRICE),
        12,
    ),
    Trade(
        "培训",
        "P8391",
        "service",
        ("教育咨询有限公司", "培训学校有限公司", "职业技能培训中心"),
        (("考证培训班", 2000, 12000), ("少儿编程课", 3000, 15000), ("线上课程", 990, 6800)),
        (SHUT, PROMISE, WAIT),
        12,
        SCHOOL,
    ),
    Trade(
        "服装",
        "F5232",
        "goods",
        ("服饰有限公司", "服装店", "童装店"),
        (("羽绒服", 300, 1800), ("运动鞋", 199, 1200), ("连衣裙", 99, 900)),
        (BROKEN, FAKE, PRICE),
        9,
        SALES,
    ),
    Trade(
        "网购",
        "F5292",
        "goods",
        ("电子商务有限公司", "网络科技有限公司", "商贸有限公司"),
        (("保健枕", 99, 899), ("儿童玩具", 39, 599), ("厨房小家电", 89, 1299)),
        (BROKEN, FAKE, PROMISE, WAIT),
        16,
        SALES,
    ),
    Trade(
        "家电",
        "F5272",
        "goods",
        ("电器有限公司", "家电经营部", "电器商行"),
        (("空调", 1800, 8000), ("冰箱", 1500, 7000), ("洗衣机", 900, 5000), ("热水器", 700, 3600)),
        (BROKEN, AFTER, WAIT),
        9,
        SUMMER,
    ),
    Trade(
        "手机",
        "F5274",
        "goods",
        ("通讯器材有限公司", "数码商行", "手机店"),
        (("手机", 900, 8000), ("智能手表", 300, 3000), ("平板电脑", 1000, 6000)),
        (BROKEN, AFTER, FAKE, PRICE),
        8,
    ),
    Trade(
        "餐饮",
        "H6210",
        "service",
        ("餐饮管理有限公司", "酒楼", "火锅店"),
        (("聚餐", 150, 1800), ("婚宴定金", 2000, 20000), ("团购套餐", 68, 398)),
        (PRICE, HURT, _of("safety", "refund damages", "菜里吃出异物，服务员态度恶劣", "饭菜里有虫子，店方拒绝赔偿")),
        12,
        SUMMER,
    ),
    Trade(
        "超市",
        "F5212",
        "goods",
        ("超市有限公司", "生活超市", "便利店"),
        (("牛奶", 39, 120), ("排骨", 30, 160), ("食用油", 50, 180)),
        (
            PRICE,
            SHORT,
            _of("quality", "return damages", "买到过期食品，要求赔偿", "生产日期已过保质期仍在货架上出售"),
        ),
        10,
    ),
    Trade(
        "旅游",
        "L7291",
        "service",
        ("旅行社有限公司", "国际旅行社有限公司", "旅游服务有限公司"),
        (("跟团游", 1500, 9000), ("机票加酒店", 900, 6000), ("邮轮行程", 3000, 12000)),
        (PROMISE, WAIT, _of("contract", "refund", "行程临时变更又不退差价", "因病不能出行，旅行社不退团费")),
        6,
        TRAVEL,
    ),
    Trade(
        "住宿",
        "H6130",
        "service",
        ("民宿管理有限公司", "酒店管理有限公司", "宾馆"),
        (("房费", 158, 1600), ("节日预订房", 300, 2600)),
        (PRICE, PROMISE, WAIT),
        5,
        TRAVEL,
    ),
    Trade(
        "装修",
        "E5012",
        "service",
        ("装饰工程有限公司", "建筑装饰设计有限公司"),
        (("全屋装修", 30000, 180000), ("橱柜定制", 6000, 30000)),
        (WAIT, BROKEN, SHUT),
        5,
    ),
    Trade(
        "汽车",
        "F5261",
        "goods",
        ("汽车销售服务有限公司", "汽车贸易有限公司"),
        (("新车", 60000, 260000), ("购车定金", 2000, 20000)),
        (WAIT, BROKEN, PRICE),
        5,
    ),
    Trade(
        "汽修",
        "O8111",
        "service",
        ("汽车维修有限公司", "汽车服务中心"),
        (("保养", 300, 1800), ("洗车卡", 300, 1500), ("钣金喷漆", 400, 4000)),
        (AFTER, PRICE, SHUT),
        4,
    ),
    Trade(
        "物业",
        "K7020",
        "service",
        ("物业服务有限公司", "物业管理有限公司"),
        (("停车费", 200, 3600), ("装修押金", 1000, 3000)),
        (PRICE, WAIT),
        4,
    ),
    Trade(
        "宠物",
        "O8222",
        "service",
        ("宠物医院", "宠物服务有限公司"),
        (("宠物猫", 900, 6000), ("疫苗套餐", 200, 1200)),
        (BROKEN, PROMISE),
        3,
    ),
)
