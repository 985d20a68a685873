"""Keys, likeness and the score: what speaks for one dispute and what against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from complaints.duplicates import (
    FOUND,
    FiledComplaint,
    Particulars,
    brand,
    brand_key,
    by_others,
    core,
    hints,
    likely,
    resemblance,
)
from complaints.likeness import days, homes, likeness, numbers, shingles, sums
from complaints.record.identifiers import normal_phone
from complaints.sample import samples
from tests.tools.data.pairs import measure_pairs

NOON = datetime(2026, 5, 6, 4, tzinfo=UTC)
FIRST = Particulars(
    "k1",
    "丁小禾",
    "",
    "武汉市洪山区悦动健身服务有限公司",
    Decimal(3280),
    NOON,
    "在悦动健身办卡3280元，门店突然关门，要求退款。",
)
AGAIN = replace(
    FIRST,
    business="悦动健身（光谷店）",
    amount=Decimal(3300),
    received=NOON + timedelta(days=3),
    text="来电人称悦动健身关门停业，办卡的钱要求退款。",
)


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("武汉市洪山区悦动健身服务有限公司", "悦动健身服务"),
        ("武汉悦动健身服务有限公司", "悦动健身服务"),
        ("湖北省武汉市悦动健身俱乐部", "悦动健身"),
        ("悦动健身（光谷店）", "悦动健身"),
        ("悦动健身", "悦动健身"),
        ("武汉", "武汉"),
        ("", ""),
        ("（）", ""),
    ],
)
def test_a_business_is_known_without_its_place_and_form(name: str, left: str) -> None:
    assert core(name) == left


def test_a_brand_ends_where_what_it_does_begins() -> None:
    assert brand("武汉悦动健身服务有限公司") == "悦动健身"
    assert brand_key("武汉悦动健身服务有限公司") == brand_key("悦动健身（光谷店）") == "悦动"
    assert brand_key("店") == ""


def test_texts_are_as_alike_as_the_pairs_they_share() -> None:
    assert likeness(shingles("办卡退款"), shingles("办卡退款")) == 1
    assert likeness(shingles("办卡退款"), shingles("空调漏水")) == 0
    assert likeness(frozenset(), shingles("空调漏水")) == 0


def test_one_dispute_told_again_is_likely_and_says_why() -> None:
    found = resemblance(FIRST, AGAIN)
    assert found.likely
    assert {signal.name: signal.found for signal in found.signals} == {
        "phone": "same",
        "consumer": "known",
        "business": "short",
        "amount": "rounded",
        "date": "soon",
        "text": "much",
    }
    assert found.points == sum(FOUND[signal.name][signal.found] for signal in found.signals)


@pytest.mark.parametrize(
    "change",
    [
        {"business": "武汉橙果数码商行", "text": "手机黑屏不给修"},
        {"phone_key": "k2", "consumer": "陶静", "amount": Decimal(1200)},
        {"received": NOON + timedelta(days=300), "amount": Decimal(199), "text": "教练态度恶劣"},
    ],
    ids=["another business", "another member of the shop that shut", "another dispute a year later"],
)
def test_what_only_has_something_in_common_is_not(change: dict[str, object]) -> None:
    assert not resemblance(FIRST, replace(AGAIN, **change)).likely  # type: ignore[arg-type]


def test_one_person_without_a_phone_in_another_channel_is_likely_and_a_namesake_of_another_shop_is_not() -> None:
    hotline = replace(
        FIRST, phone_key="", text="【热线转办】市民称办卡后门店关门，诉求：退款", received=NOON + timedelta(days=1)
    )
    assert resemblance(FIRST, hotline).likely
    assert not resemblance(FIRST, replace(hotline, business="武汉橙果数码商行")).likely


def test_a_persons_second_dispute_with_one_business_is_another() -> None:
    second = replace(
        FIRST, amount=Decimal(199), text="储物柜被撬，东西丢了，前台不管。", received=NOON + timedelta(days=50)
    )
    assert not resemblance(FIRST, second).likely


def test_copies_of_one_text_by_two_people_are_two_disputes_and_by_one_person_one() -> None:
    neighbour = replace(FIRST, phone_key="k2", consumer="陶静")
    assert not resemblance(FIRST, neighbour).likely
    assert resemblance(FIRST, replace(FIRST, received=NOON + timedelta(days=40))).likely


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("安馨养老护理院", "安馨护理院", "short"),
        ("万家房产中介", "万家不动产经纪", "short"),
        ("万家房产中介", "万家宠物医院", "begins"),
        ("悦动健身", "橙果数码", "other"),
    ],
)
def test_a_name_is_known_with_characters_left_out_and_its_beginning_says_nothing(
    one: str, other: str, found: str
) -> None:
    told = resemblance(replace(FIRST, business=one), replace(FIRST, business=other))
    assert next(signal.found for signal in told.signals if signal.name == "business") == found


def test_a_rounded_amount_is_near_the_true_one() -> None:
    def seen(one: int, other: int) -> str:
        told = resemblance(replace(FIRST, amount=Decimal(one)), replace(FIRST, amount=Decimal(other)))
        return next(signal.found for signal in told.signals if signal.name == "amount")

    assert (seen(3280, 3300), seen(2950, 3000), seen(1500, 2000)) == ("rounded", "rounded", "other")


def found_of(one: Particulars, other: Particulars) -> dict[str, str]:
    return {signal.name: signal.found for signal in resemblance(one, other).signals}


def text_found(one: Particulars, other: Particulars) -> str:
    return found_of(one, other)["text"]


PEACH = replace(FIRST, amount=None, business="鲜果优选", text="扫码买的黄桃上面好的下面全烂，店长说离柜不管")


def test_a_persons_second_matter_within_days_and_without_an_amount_is_another() -> None:
    till = replace(PEACH, text="结账多扫了一箱牛奶，店里说摄像头坏了", received=NOON + timedelta(days=9))
    assert text_found(PEACH, till) == "nothing"
    assert not resemblance(PEACH, till).likely


def test_what_says_that_it_was_told_before_is_likely_in_other_words() -> None:
    chased = replace(PEACH, text="前天反映之后没有下文，底下半盒都长毛了", received=NOON + timedelta(days=2))
    assert found_of(PEACH, chased)["said"] == "again"
    assert resemblance(PEACH, chased).likely


def test_one_form_with_another_thing_in_it_is_another_dispute_and_with_a_sentence_more_a_copy() -> None:
    form = "该店销售的{}没有中文标签，违反食品安全法，请求依法赔偿一千元"
    biscuits, juice = (replace(PEACH, text=form.format(what)) for what in ("进口饼干", "果汁"))
    assert text_found(biscuits, juice) == "exchanged"
    assert not resemblance(biscuits, juice).likely
    assert resemblance(biscuits, replace(biscuits, text=biscuits.text + "，请书面答复")).likely


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("我妈在悦动健身办的卡", True),
        ("受我朋友委托投诉", True),
        ("客服王小姐说不退", False),
        ("店里的小妹让我等", False),
        ("大哥你们管不管", False),
    ],
)
def test_who_speaks_for_somebody_says_so_and_a_title_is_no_relative(text: str, said: bool) -> None:
    assert replace(FIRST, text=text).for_another is said


def test_a_relative_who_writes_from_another_phone_is_likely_and_a_stranger_of_the_surname_is_not() -> None:
    coat = replace(FIRST, business="老裁缝洗衣", text="羊绒大衣洗完缩成童装，老板说标签没写不能水洗")
    wrote = {"phone_key": "k7", "consumer": "丁勇", "received": NOON + timedelta(days=2)}
    son = replace(coat, **wrote, text="我妈的羊绒大衣让洗衣店洗缩水了，只肯赔两百")  # type: ignore[arg-type]
    assert resemblance(coat, son).likely
    assert not resemblance(coat, replace(son, text="我的羊绒大衣让洗衣店洗缩水了，只肯赔两百")).likely


def test_a_hotlines_note_with_a_surname_alone_is_likely_where_it_names_the_same_things() -> None:
    phone = replace(FIRST, business="橙果数码", text="手机第三天自己重启，店里不换只给刷机")
    note = replace(phone, phone_key="", consumer="丁女士", text="市民反映手机频繁重启，商家拒绝更换")
    assert resemblance(phone, note).likely
    assert not resemblance(replace(phone, consumer="丁先生"), note).likely
    unnamed = replace(note, consumer="", amount=None, text="市民反映商家拒绝更换")
    assert not resemblance(phone, unnamed).likely


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("手机用三天就黑屏", "【热线】市民购iphone后无法开机", "some"),
        ("地暖装完主卧不热", "来电人反映地暖一间卧室不暖", "some"),
        ("The bathroom leaks and smells", "卫生间漏水有异味", "some"),
    ],
)
def test_one_thing_by_another_word_is_the_same_thing(one: str, other: str, told: str) -> None:
    assert text_found(replace(FIRST, business="某商行", text=one), replace(FIRST, business="某商行", text=other)) in (
        told,
        "much",
    )


def test_goods_that_differ_make_a_persons_second_matter_of_the_same_amount() -> None:
    fridge = replace(FIRST, business="美居电器", text="双开门冰箱不制冷，师傅来了三趟")
    washer = replace(fridge, text="一起买的洗衣机脱水时满屋子跑", received=NOON + timedelta(days=9))
    assert found_of(fridge, washer)["thing"] == "other"
    assert not resemblance(fridge, washer).likely


@pytest.mark.parametrize(
    ("name", "one", "other", "found"),
    [
        ("home", "7栋1204渗水", "业主来电：7栋1204室墙体渗水", "same"),
        ("home", "7栋1204渗水", "7栋906室墙体渗水", "other"),
        ("home", "11号楼2单元1803漏水", "业主（11-2-1803）来电", "same"),
        ("number", "订单号TB20260419003377", "【转办】订单TB20260419003377质量纠纷", "same"),
        ("number", "订单号TB20260419003377", "【转办】订单TB20260422118840质量纠纷", "other"),
        ("number", "车牌鄂A·D3W92", "网约车（车牌鄂AD3W92）", "same"),
        ("day", "5月4号晚上", "市民5月4日就餐", "same"),
        ("day", "五月四号晚上", "市民5月2日就餐", "other"),
    ],
)
def test_what_ties_a_note_to_one_matter_is_read(name: str, one: str, other: str, found: str) -> None:
    assert found_of(replace(FIRST, text=one), replace(FIRST, text=other))[name] == found


def test_a_building_may_be_that_of_a_door() -> None:
    assert "home" not in found_of(replace(FIRST, text="3栋电梯困人"), replace(FIRST, text="3栋2单元501的老人被困"))


def test_money_is_read_as_people_tell_it() -> None:
    assert sums("交了一万五千八，退两千零八，又收2,880，上回三百六") >= {15800.0, 2008.0, 2880.0, 360.0}
    assert numbers("电话13900005076") == frozenset()
    assert days("2026年4月28日") == {(4, 28)}
    assert homes("电话027-8888") == frozenset()


def test_an_export_that_shows_four_digits_and_a_surname_is_likely_the_persons() -> None:
    school = replace(FIRST, phone_key="", tail="6206", business="知行驾校", text="教练说约不上科目二要送两条烟")
    note = replace(school, tail="", consumer="丁女士（尾号6206）", amount=None, text="投诉驾校教练吃拿卡要，至今未约考")
    assert resemblance(school, note).likely
    assert not resemblance(school, replace(note, consumer="丁女士（尾号1177）")).likely


@pytest.mark.parametrize(("other", "found"), [("Mr Chen", "titled"), ("T. Chen", "titled"), ("Amy Chen", "surname")])
def test_an_english_name_is_known_by_its_initial(other: str, found: str) -> None:
    tom = replace(FIRST, phone_key="", consumer="Tom Chen")
    assert found_of(tom, replace(tom, consumer=other))["consumer"] == found


def test_two_shops_of_one_name_are_told_apart() -> None:
    one, other = (replace(FIRST, business=f"老盛昌汤包{where}店") for where in ("王家墩", "徐东"))
    assert found_of(one, other)["business"] == "branch"


def test_a_flagship_shop_keeps_its_name() -> None:
    assert core("织梦家纺旗舰店") == "织梦家纺"
    assert core("阳光小区物业服务有限公司") == "阳光小区物业服务"


LEFT = replace(FIRST, business="小白杨托育", text="托育园半夜搬空了，九千六的托费没人退", amount=Decimal(9600))
NEIGHBOUR = replace(LEFT, phone_key="k2", consumer="陶静", text="小白杨关门跑路，预交九千六托费要求退")
NAMELESS = replace(LEFT, phone_key="", consumer="", text="家长来电，托育机构停业，托费九千六无法退还")


def test_a_note_without_a_name_is_nobodys_where_several_people_tell_the_same() -> None:
    assert resemblance(PHONE, SPEECHLESS).likely
    assert [id_ for id_, _ in likely(PHONE, [("n", SPEECHLESS)])] == ["n"]
    assert likely(PHONE, [("n", SPEECHLESS), ("o", replace(PHONE, phone_key="k2", consumer="陶静"))]) == []


PHONE = replace(FIRST, business="橙果数码", text="手机第三天自己重启，店里不换只给刷机")
SPEECHLESS = replace(PHONE, phone_key="", consumer="", text="市民反映手机频繁重启，商家拒绝更换")


def test_one_matter_by_many_people_is_told_as_such_and_one_persons_copies_are_not() -> None:
    on_file = [
        known("n", NEIGHBOUR),
        known("u", NAMELESS),
        known("c", replace(LEFT, received=NOON + timedelta(days=1))),
    ]
    lunch = replace(NEIGHBOUR, text="午餐里有头发", amount=None)
    assert [one.id for one in by_others(LEFT, [*on_file, known("l", lunch)])] == ["n", "u"]
    assert [id_ for id_, _ in likely(LEFT, [(one.id, one.of) for one in on_file])] == ["c"]


def test_it_is_the_same_whichever_of_the_two_is_looked_at() -> None:
    assert resemblance(FIRST, AGAIN) == resemblance(AGAIN, FIRST)


def test_a_person_who_goes_on_in_other_words_is_likely_and_one_who_buys_anew_for_as_much_is_not() -> None:
    first = replace(FIRST, text="装的净水机接头渗水，柜子底下都泡了", amount=Decimal(3680))
    on = replace(first, text="师傅承认没拧紧，公司非说我家压力大", received=NOON + timedelta(days=11))
    anew = replace(on, text="给老人订的床垫也是三千六百八，塌了一个坑")
    assert found_of(first, on)["said"] == "further"
    assert resemblance(first, on).likely
    assert not resemblance(first, anew).likely


def test_a_note_that_names_nothing_alike_is_likely_where_the_sum_is_no_round_one() -> None:
    told = replace(FIRST, text="鼻子做完歪了，一边大一边小", amount=Decimal(15860), consumer="岳珊")
    note = replace(told, phone_key="", consumer="岳女士", text="反映手术后不对称，机构推诿修复")
    assert found_of(told, note)["amount"] == "exact"
    assert resemblance(told, note).likely
    assert not resemblance(told, replace(note, amount=Decimal(9000))).likely


def test_the_likeliest_comes_first() -> None:
    twin = replace(FIRST, received=NOON + timedelta(days=1))
    stranger = replace(FIRST, business="橙果数码", phone_key="k9")
    assert [id_ for id_, _ in likely(FIRST, [("a", AGAIN), ("s", stranger), ("t", twin)])] == ["t", "a"]


def test_on_invented_complaints_nearly_all_suggestions_are_right_and_nearly_all_duplicates_suggested() -> None:
    labelled = [
        (
            one.dispute,
            Particulars(
                normal_phone(one.consumer_phone),
                one.consumer_name,
                one.credit_code,
                one.business_name,
                one.amount,
                one.received,
                f"{one.title} {one.facts}",
            ),
        )
        for one in samples(3_000, seed=23)
    ]
    found = measure_pairs(labelled)
    assert found.true > 150
    assert found.precision >= 0.95
    assert found.recall >= 0.90


def known(id_: str, of: Particulars, state: str = "registered") -> FiledComplaint:
    return FiledComplaint(id_, id_.upper(), state, "contract", of)


def test_hints_count_what_is_on_file_and_name_it() -> None:
    begun = known("a", AGAIN, "accepted")
    assert [(hint.rule, hint.evidence) for hint in hints(FIRST, "contract", [begun])] == [("16.2", (begun,))]
    family = [known("b", replace(AGAIN, consumer="丁大禾")), known("c", replace(AGAIN, consumer="丁二禾"))]
    assert [hint.rule for hint in hints(replace(FIRST, business="悦动健身"), "contract", family)] == ["17.2", "17.4"]
    crowd = [known(f"d{n}", replace(FIRST, phone_key=f"p{n}", consumer=f"某{n}")) for n in range(9)]
    (found,) = hints(FIRST, "contract", crowd)
    assert (found.rule, found.count) == ("17.2b", 10)
    assert hints(FIRST, "price", crowd) == []
    assert hints(FIRST, "contract", crowd[1:]) == []


def test_a_large_quantity_and_one_person_against_many_businesses_are_hints() -> None:
    (large,) = hints(FIRST, "contract", [], "30盒")
    assert (large.rule, large.count, large.evidence) == ("17.1", 30, ())
    for small in ("2盒", "", "500克", "若干"):
        assert hints(FIRST, "contract", [], small) == []
    four = [known(f"e{n}", replace(AGAIN, business=f"第{n}鲜果行", code_key="")) for n in range(4)]
    assert [(hint.rule, hint.count) for hint in hints(FIRST, "contract", four)] == [("17.5", 5)]
    assert hints(FIRST, "contract", four[1:]) == []
