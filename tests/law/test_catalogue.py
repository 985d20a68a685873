"""The catalogue is data: every table is read, holds together, and says what was in force when."""

from __future__ import annotations

import re
from datetime import date

import pytest

from complaints import PROBLEMS
from complaints.record.industries import DIVISIONS, SECTIONS
from law.catalogue import ArticleStanding, BadCatalogue, article, catalogue, statute_table, statutes, topics
from law.library import library

ARTICLES = list(catalogue().values())


def test_it_covers_what_consumer_disputes_use() -> None:
    assert len(ARTICLES) >= 200
    expected = {
        "consumer", "consumer-regulation", "prepaid", "online", "e-commerce", "civil", "product-quality", "food-safety",
        "price", "price-marking", "advertising", "competition", "online-trading", "privacy", "signature",
        "infringement", "internet-advertising", "order-121", "order-20",
    }  # fmt: skip
    assert expected <= statutes().keys()
    for id in ("consumer-25", "consumer-55", "civil-496", "civil-587", "civil-563", "prepaid-14", "food-safety-148"):
        assert article(id).often


@pytest.mark.parametrize("entry", ARTICLES, ids=lambda entry: entry.id)
def test_every_entry_is_well_formed(entry: object) -> None:
    from law.catalogue import Article

    assert isinstance(entry, Article)
    assert set(entry.problems) <= PROBLEMS.keys()
    assert all(code in SECTIONS or code in DIVISIONS for code in entry.industries)
    # A gist is short, ends as a sentence, and each is in its own language.
    assert 10 <= len(entry.zh) <= 130, len(entry.zh)
    assert 30 <= len(entry.en) <= 330, len(entry.en)
    assert entry.zh.endswith("。")
    assert entry.en.endswith(".")
    assert not re.search(r"[㐀-鿿]", entry.en)
    assert not re.search(r"[,;:!?()] *[㐀-鿿]|[㐀-鿿] *[,;:!?()]", entry.zh)
    assert entry.topics[0] in topics()
    assert len(set(entry.topics)) == len(entry.topics)


def test_no_two_articles_say_the_same() -> None:
    for gists in ([each.zh for each in ARTICLES], [each.en for each in ARTICLES]):
        assert len(set(gists)) == len(gists)


def test_every_topic_has_articles_and_words_in_both_languages() -> None:
    used = {topic for each in ARTICLES for topic in each.topics}
    assert used == topics().keys()
    for topic in topics().values():
        assert any(re.search(r"[㐀-鿿]", word) for word in topic.words), topic.id
        assert any(word.isascii() for word in topic.words), topic.id


def test_citations_name_statute_and_article_in_both_languages() -> None:
    assert article("consumer-55").citation("zh") == "《消费者权益保护法》第五十五条"
    assert article("civil-985").citation("zh") == "《民法典》第九百八十五条"
    assert article("consumer-55").citation("en") == "Consumer Protection Law, Art 55"


@pytest.mark.parametrize(
    ("id", "last_before", "first"),
    [
        ("consumer-55", date(2014, 3, 14), date(2014, 3, 15)),
        ("civil-496", date(2020, 12, 31), date(2021, 1, 1)),
        ("prepaid-14", date(2025, 4, 30), date(2025, 5, 1)),
        ("consumer-regulation-22", date(2024, 6, 30), date(2024, 7, 1)),
        ("competition-9", date(2025, 10, 14), date(2025, 10, 15)),
        ("order-121-18", date(2026, 4, 14), date(2026, 4, 15)),
        ("price-marking-19", date(2022, 6, 30), date(2022, 7, 1)),
    ],
)
def test_an_article_is_in_force_from_its_first_day(id: str, last_before: date, first: date) -> None:
    statute = article(id).statute
    assert statute.standing(last_before) is ArticleStanding.NOT_YET
    assert statute.standing(first) is ArticleStanding.IN_FORCE


def test_a_repealed_order_is_in_force_through_its_last_day() -> None:
    order = article("order-20-16").statute
    assert order.standing(date(2026, 4, 14)) is ArticleStanding.IN_FORCE
    assert order.standing(date(2026, 4, 15)) is ArticleStanding.NO_LONGER


def test_the_edition_is_the_one_of_the_day() -> None:
    statute = article("food-safety-148").statute
    named = [statute.edition(day) for day in (date(2018, 12, 28), date(2018, 12, 29), date(2021, 4, 29))]
    assert [edition and edition.name("zh") for edition in named] == ["2015年修订", "2018年修正", "2021年修正"]
    assert statute.edition(date(2015, 9, 30)) is None


def test_what_was_in_force_in_an_articles_place_is_known_both_ways() -> None:
    shelf = library()
    assert shelf.then(article("competition-9"), date(2025, 10, 14)) is article("competition-2018-8")
    assert shelf.then(article("competition-2018-8"), date(2025, 10, 15)) is article("competition-9")
    assert shelf.then(article("order-121-24"), date(2026, 4, 14)) is article("order-20-22")
    assert shelf.then(article("prepaid-14"), date(2025, 4, 30)) is None
    assert shelf.then(article("prepaid-14"), date(2025, 5, 1)) is article("prepaid-14")


GOOD = {
    "id": "x", "zh": "某法", "en": "A Law", "since": date(2020, 1, 1),
    "editions": [{"since": date(2020, 1, 1), "zh": "2020年", "en": "of 2020"}],
    "1": {"topics": ["refund"], "problems": [], "zh": "要点。", "en": "The gist."},
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"1": {**GOOD["1"], "topics": ["no such topic"]}},  # type: ignore[dict-item]
        {"1": {**GOOD["1"], "topics": []}},  # type: ignore[dict-item]
        {"1": {**GOOD["1"], "en": " "}},  # type: ignore[dict-item]
        {"1": {**GOOD["1"], "tpoics": []}},  # type: ignore[dict-item]
        {"since": "2020-01-01"},
        {"until": date(2019, 1, 1)},
        {"editions": []},
    ],
)
def test_a_table_that_cannot_be_right_is_refused(change: dict[str, object]) -> None:
    assert statute_table("x.toml", GOOD)[0].id == "x-1"
    with pytest.raises(BadCatalogue):
        statute_table("x.toml", {**GOOD, **change})


def test_a_limitation_says_which_period_applies_today() -> None:
    quality = article("product-quality-45")
    assert "民法典第一百八十八条" in quality.zh
    assert "三年" in quality.zh
    assert "Art 188" in quality.en
    assert "三年" in article("civil-188").zh


def test_food_damages_warranties_and_tourism_are_at_hand_with_the_day_they_came_into_force() -> None:
    since = {
        "food-punitive": date(2024, 8, 22), "food-disputes": date(2021, 1, 1), "food-drug": date(2014, 3, 15),
        "warranty-goods": date(1995, 8, 25), "warranty-phones": date(2001, 11, 15),
        "warranty-computers": date(2002, 9, 1), "tourism": date(2013, 10, 1),
        "warranty-cars": date(2022, 1, 1), "warranty-landlines": date(2001, 11, 15),
    }  # fmt: skip
    assert {id: statutes()[id].since for id in since} == since
    punitive = article("food-punitive-12")
    assert punitive.statute.standing(date(2024, 8, 21)) is ArticleStanding.NOT_YET
    assert len([one for one in ARTICLES if one.statute.id == "consumer-regulation"]) >= 12


@pytest.mark.parametrize("slang", ["坑人", "害了", "动手脚", "小毛病、", "忽悠", "糊弄"])
def test_no_gist_that_parties_are_shown_is_slang(slang: str) -> None:
    assert not [each.id for each in ARTICLES if slang in each.zh]
