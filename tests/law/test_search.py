"""What people type finds the article that answers it, among the first three."""

from __future__ import annotations

from datetime import date

import pytest

from law.catalogue import ArticleStanding, Days, situations
from law.library import ArticleText, library
from law.search import LikelyClass, matched, mentions, search, suggest
from tests.tools.data.grades import asked_of_the_law

SHELF = library()
DAY = Days.both(date(2026, 11, 1))

ASKED = [
    ("退一赔三", "consumer-55"),
    ("商家欺诈三倍赔偿最少500元", "consumer-55"),
    ("定金不退", "civil-587"),
    ("双倍返还", "civil-587"),
    ("定金最多多少 20%", "civil-586"),
    ("订金和定金", "civil-587"),
    ("订金", "civil-495"),
    ("预付卡老板跑路", "prepaid-23"),
    ("健身房关门了钱怎么退", "consumer-regulation-22"),
    ("办卡七天内想退", "prepaid-14"),
    ("储值卡余额退还利息", "prepaid-15"),
    ("概不退款", "consumer-26"),
    ("会员卡写着不能转让", "prepaid-11"),
    ("会员卡过期作废", "prepaid-24"),
    ("怀孕了健身卡能退吗", "prepaid-13"),
    ("门店搬迁要求解除", "prepaid-13"),
    ("年卡不限次按天退", "prepaid-22"),
    ("已经上的课按原价扣还是折扣价", "prepaid-18"),
    ("七天无理由退货拆封了", "online-3"),
    ("7天无理由", "consumer-25"),
    ("最终解释权归商家", "online-1"),
    ("霸王条款", "consumer-26"),
    ("格式条款有两种理解", "civil-498"),
    ("外卖吃出虫子", "food-safety-34"),
    ("退一赔十", "food-safety-148"),
    ("面包过期 十倍", "food-safety-148"),
    ("进口奶粉没有中文标签", "food-safety-97"),
    ("自动续费取消不了", "online-trading-18"),
    ("大数据杀熟", "privacy-24"),
    ("先涨价后打折", "price-marking-17"),
    ("饭店收开瓶费", "price-marking-8"),
    ("没有标价", "price-13"),
    ("孩子偷偷给游戏充值", "prepaid-10"),
    ("直播间买到假货找谁", "online-12"),
    ("平台不给卖家信息", "consumer-44"),
    ("快递丢件", "e-commerce-20"),
    ("快递公司赔多少", "civil-833"),
    ("装修偷工减料", "infringement-13"),
    ("空调六个月内坏了谁举证", "consumer-23"),
    ("超市保安搜包", "consumer-27"),
    ("不给开发票", "consumer-22"),
    ("共享单车押金", "e-commerce-21"),
    ("下单后商家砍单", "e-commerce-49"),
    ("培训班保过没过不退", "advertising-24"),
    ("换调解员", "order-121-21"),
    ("检测费谁出", "order-121-22"),
    ("人脸识别要同意吗", "privacy-29"),
    ("要求删除我的信息", "privacy-47"),
    ("电子签名有效吗", "signature-14"),
    ("双方都有过错", "civil-592"),
    ("干洗店把衣服洗坏", "civil-781"),
    ("刷单好评", "competition-9"),
    ("消法55条", "consumer-55"),
    ("消法53", "consumer-53"),
    ("消费者权益保护法 53", "consumer-53"),
    ("Consumer Protection Law 53", "consumer-53"),
    ("民法典第五百八十五条", "civil-585"),
    ("食品安全法 148", "food-safety-148"),
    ("汽车三包多长时间", "warranty-cars-18"),
    ("新车发动机七天内坏了", "warranty-cars-22"),
    ("同一故障修了五次要求换车", "warranty-cars-24"),
    ("退车要付使用补偿费吗", "warranty-cars-27"),
    ("修车超过五天备用车", "warranty-cars-21"),
    ("刹车失灵退车", "warranty-cars-23"),
    ("二手车过户后汽车三包", "warranty-cars-30"),
    ("固定电话三包没有同型号", "warranty-landlines-15"),
    ("座机修了一个月没修好", "warranty-landlines-22"),
    ("手机三包无货要求退货", "warranty-phones-18"),
    ("手机修了两次还是坏", "warranty-phones-13"),
    ("engine failed in the first week, new car", "warranty-cars-22"),
    ("landline, no spare phone given", "warranty-landlines-20"),
    ("triple compensation for fraud", "consumer-55"),
    ("seven-day return, opened the package", "online-3"),
    ("gym closed down", "prepaid-23"),
    ("pregnant, gym membership", "prepaid-13"),
    ("earnest money twofold", "civil-587"),
    ("security deposit not returned", "e-commerce-21"),
    ("automatic renewal", "online-trading-18"),
    ("fake discount", "price-marking-17"),
    ("who has to prove the fault", "consumer-23"),
    ("unfair standard terms", "consumer-26"),
    ("cockroach in my food", "food-safety-34"),
    ("order was cancelled after payment", "e-commerce-49"),
    ("lost parcel", "e-commerce-20"),
    ("child game top-up", "prepaid-10"),
    ("livestream seller", "online-12"),
    ("Consumer Protection Law Art 25", "consumer-25"),
    ("electronic signature", "signature-14"),
]


@pytest.mark.parametrize(("query", "wanted"), ASKED)
def test_the_article_is_among_the_first_three(query: str, wanted: str) -> None:
    assert wanted in matched(search(SHELF, query, DAY))[:3]


def test_citizens_questions_are_answered_by_articles_there_are_and_none_is_in_two_parts() -> None:
    """How many are found says `yuntiao bench law`."""
    parts = [asked_of_the_law("tuned"), asked_of_the_law("kept"), asked_of_the_law("unseen")]
    assert min(map(len, parts)) >= 30
    every = [one for part in parts for one in part]
    assert len({ask for ask, _ in every}) == len(every)
    for _, answers in every:
        assert answers
        assert answers <= SHELF.articles.keys()


def test_a_question_in_everyday_words_finds_what_others_like_it_asked_with_the_words_they_share() -> None:
    found = search(SHELF, "商场的扶梯把我妈的脚夹到了", DAY)
    assert found[0].article.id == "consumer-18"
    assert "扶梯" in "".join(found[0].why)
    for hit in found:
        assert hit.why


def test_where_no_word_is_known_the_articles_usual_in_its_class_are_found_by_the_words_that_told_the_class() -> None:
    asked = "hwaet grendles modor"
    assert search(SHELF, asked, DAY) == []
    likely = [LikelyClass("dignity", 0.9, ("grendles",))]
    found = search(SHELF, asked, DAY, problems=likely)
    assert {"consumer-27", "consumer-50", "consumer-51"} <= set(matched(found)[:5])
    assert found[0].why == ("grendles",)
    travel = search(SHELF, asked, DAY, problems=likely, trades=[LikelyClass("L72", 0.9, ("modor",))])
    assert any(hit.article.statute.id == "tourism" for hit in travel[:8])


def test_every_situation_leads_to_an_article_that_answers_it_among_the_first_eight() -> None:
    for situation in situations():
        asked = situation.said[0]
        assert set(situation.articles) & set(matched(search(SHELF, asked, DAY))[:8]), asked


def test_a_citation_comes_first() -> None:
    assert matched(search(SHELF, "消法第二十六条", DAY))[0] == "consumer-26"
    assert matched(search(SHELF, "《民法典》第577条", DAY))[0] == "civil-577"


def test_a_number_alone_finds_it_in_every_statute() -> None:
    found = matched(search(SHELF, "第二十四条", DAY))
    assert {"consumer-24", "prepaid-24", "privacy-24", "order-121-24", "advertising-24"} <= set(found)


def test_nothing_is_found_for_nothing() -> None:
    for query in ("", "   ", "的", "zzzzqq", "!!!", "()[]*+?"):
        assert search(SHELF, query, DAY) == []


def test_what_was_not_in_force_then_comes_after_and_says_so() -> None:
    before = search(SHELF, "虚假宣传 刷单", Days.both(date(2025, 10, 14)))
    then = {hit.article.id: hit.standing for hit in before}
    assert then["competition-2018-8"] is ArticleStanding.IN_FORCE
    assert then["competition-9"] is ArticleStanding.NOT_YET
    ids = matched(before)
    assert ids.index("competition-2018-8") < ids.index("competition-9")
    after = {hit.article.id: hit.standing for hit in search(SHELF, "虚假宣传 刷单", Days.both(date(2025, 10, 15)))}
    assert after["competition-2018-8"] is ArticleStanding.NO_LONGER


def test_why_are_the_words_that_led_there() -> None:
    best = search(SHELF, "健身卡怀孕", DAY)[0]
    assert set(best.why) >= {"健身卡", "怀孕"}


def test_the_longest_word_counts() -> None:
    assert [mention.topic for mention in mentions("要求退一赔三")] == ["fraud"]
    assert [mention.word for mention in mentions("七天无理由，无理由")] == ["七天无理由", "无理由"]
    assert [mention.topic for mention in mentions("profile")] == ["price_discrimination"]
    assert mentions("refined grain") == []  # no English word in the middle of another


def test_official_words_are_searched_too() -> None:
    text = ArticleText(
        "local-1", "某市预付卡管理办法", 9, 0, "存管银行应当按月向监管部门报送资金余额。", date(2026, 1, 1)
    )
    shelf = library([text])
    assert matched(search(shelf, "存管银行", DAY))[0] == "local-1-9"
    assert matched(search(shelf, "某市预付卡管理办法第九条", DAY))[0] == "local-1-9"


def test_a_complaint_suggests_what_it_turns_on_with_the_reason() -> None:
    account = "在健身房办了年卡3800元，上了两次课店就搬迁到城西，去不了，要求退还余额，对方说概不退款。"
    found = suggest(SHELF, account, "contract", "R89", DAY)
    ids = [each.article.id for each in found]
    assert {"prepaid-9", "prepaid-13", "consumer-regulation-22"} <= set(ids)
    moved = next(each for each in found if each.article.id == "prepaid-13")
    assert {("word", "搬迁"), ("problem", "contract"), ("industry", "R89")} <= {
        (why.kind, why.value) for why in moved.why
    }


def test_a_new_car_that_was_repaired_again_and_again_suggests_the_car_warranty() -> None:
    account = "2026年3月买的新车，变速箱异响，在4S店修了五次还没修好，要求退车，对方说只能继续修。"
    found = suggest(SHELF, account, "after_sale", "F52", DAY)
    assert found[0].article.id == "warranty-cars-24"
    assert {("word", "变速箱"), ("word", "退车"), ("problem", "after_sale"), ("industry", "F52")} <= {
        (why.kind, why.value) for why in found[0].why
    }
    before = suggest(SHELF, account, "after_sale", "F52", Days.both(date(2021, 12, 31)))
    assert "warranty-cars" not in {each.article.statute.id for each in before}


def test_a_telephone_under_repair_suggests_its_own_rules() -> None:
    mobile = "手机买了三个月，手机故障，自动关机，修理两次仍不能正常使用，要求换货。"
    assert "warranty-phones-13" in {each.article.id for each in suggest(SHELF, mobile, "after_sale", "F52", DAY)}
    fixed = "座机送修四十天还没修好，也不给备用机，一直拖延，要求换货。"
    ids = {each.article.id for each in suggest(SHELF, fixed, "after_sale", "F52", DAY)}
    assert {"warranty-landlines-20", "warranty-landlines-22"} <= ids


def test_only_what_was_in_force_is_suggested() -> None:
    account = "2025年4月在健身房办卡，对方概不退款。"
    found = {
        each.article.statute.id for each in suggest(SHELF, account, "contract", "R89", Days.both(date(2025, 4, 30)))
    }
    assert "prepaid" not in found
    assert "consumer" in found


def test_procedure_follows_the_day_of_receipt_and_substance_the_day_it_happened() -> None:
    days = Days(event=date(2025, 4, 30), received=date(2026, 4, 15))
    found = {hit.article.id: hit.standing for hit in search(SHELF, "换调解员", days)}
    assert (found["order-121-21"], found["order-20-19"]) == (ArticleStanding.IN_FORCE, ArticleStanding.NO_LONGER)
    assert search(SHELF, "预付式消费解释第十四条", days)[0].standing is ArticleStanding.NOT_YET


def test_a_complaint_that_says_nothing_suggests_nothing() -> None:
    assert suggest(SHELF, "", "", "", DAY) == []
