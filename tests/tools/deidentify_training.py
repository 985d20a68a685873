"""Makes the weights by which names, businesses and places are told (`casebook.deidentifying.tagger`).

    .venv/bin/python -m tests.tools.deidentify_training [FILE]
    .venv/bin/python -m tests.tools.deidentify_training cross [FOLDS]
    .venv/bin/python -m tests.tools.deidentify_training stranger
    .venv/bin/python -m tests.tools.deidentify_training pairs [FILE]
    .venv/bin/python -m tests.tools.deidentify_training names DICT [FILE]

The second measures each part of the texts with weights made of the others, the third the strangers' with weights made
of ours: by them clues and bounds are chosen, not by the texts that are kept out. The fourth makes
`pairs.json`, what follows what in texts that name nobody. The fifth makes `names.json` of `dict.txt` of jieba 0.42.1
(MIT), which is not here (5 MB): only grades of characters are taken from it.

Trained on what may be read: `written.toml` without what is held, `finders.toml`, `harder.toml`, `called.toml`,
`regions.toml`, `mailboxes.toml`, `everyday.toml`, `papers.toml`, the half of the strangers' texts that is there to be
tuned with, and texts that are of nobody (of triage's: the files named below, and no others); not yet on `drawn.toml`,
`papers_drawn.toml` and `plain.toml` (decision 116, its tenth round). Of each text there are some variants with other
names in it, so that what is learnt is not the names: shops without their trade, estates without a suffix, names with
blanks between or that are words of everyday, and some texts without punctuation. In half of them the finders say
nothing: rules that were tuned on a text are trusted too much there.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pycrfsuite

from casebook import NOTHING
from casebook.deidentifying import COMMON, RARE, chinese, looking, numbers, plain, tagger
from casebook.deidentifying.persons import found_names
from casebook.starter import starter
from law import dictionary
from tests.tools.data.planted_texts import Plant, Planted
from tests.tools.data.recall import (
    FIELD,
    Measured,
    called,
    everyday as everyday_texts,
    finders,
    harder,
    mailboxes,
    measure,
    papers,
    regions,
    strangers,
    written,
)

FOLDER: Final = Path(str(files("casebook.deidentifying")))
VARIANTS: Final = 2
NOBODYS_SHARE: Final = 2
"""One in so many of the texts that are of nobody: all of them would outweigh the others."""
_COMPLAINTS: Final = ("written", "further", "confusable")
_LETTERS: Final = ("letters", "offices")
"""Those that are as long as strangers write, and of which all are learnt from."""
UNPOINTED: Final = 0.1
"""Of variants: without punctuation, as people dictate."""
CLAUSES: Final = 0.25
"""Of shops, where they may be called by words of everyday: a piece of a sentence, as 说走就走 and 修得好 are."""
L1, L2, ROUNDS = 0.15, 0.05, 50
LEAST: Final = 0.03
"""A weight below says nothing."""
WEAK: Final = 0.2
"""A clue whose strongest weight is below is left out: two thirds of them, and nothing is told worse without."""
_POINTS: Final = re.compile("[，。、；！？,;]")
KINDS: Final = frozenset(label[2:] for label in tagger.LABELS if label != "O")
_HAN: Final = re.compile("[\u4e00-\u9fff]+")
_TITLED: Final = re.compile(
    r"(.)(先生|女士|小姐|老师|经理|店长|总|师傅|姐|哥|叔|姨|阿姨|老板|主任|医生|医师|教授|律师|教练|大爷|大妈|婆婆|奶奶|爷爷|所长|科长|"
    r"园长|院长|校长|工长|工|队|主管|警官|某某?)"
)
_LOOKS: Final = "胖瘦黑矮老大小阿铁光疤瘸憨二三四白红长麻"
_CALLINGS: Final = "姐哥子头皮妹弟牛狗娃叔嫂猴虎佬毛胖蛋"
_BRAND: Final = (
    "金鑫盛达兴隆美佳优品乐福康安华润嘉和瑞祥云天海星阳光明德诚信宝丽雅"
    "尚新源泰恒万通顺捷百味香园艺林木石青蓝红白小大老阿记家人鱼鹿猫"
)
_CALLED: Final = (
    "记 家 坊 轩 阁 社 说 里 集 物语 日记 时光 印象 故事 人家 世家 先生 小姐 姑娘 叔 妈妈 婆婆 侠 侠客 星球 世界 "
    "王国 王 派 道 师 匠 匠人 之家 一号 兄弟 姐妹 大叔 小馆 江湖 岁月 空间 研究所 工厂 大师 快手 了 吧 多 多多 "
    "来了 熟了 有约 不打烊 满满 很忙 在线 小记 日常 时间 主义 青年 星人 的店 无忧 到家"
)
_ESTATES: Final = (
    "万科 保利 中海 绿地 金地 华润 招商 龙湖 融创 世茂 新城 中建 锦绣 云山 江南 翡翠 紫金 香榭 水岸 东湖 南山 书香 "
    "福星 百瑞 星河 丽景 御景 金色 阳光 美林 观澜 依云 梧桐 桃源 凤凰 天鹅 橡树 枫林"
)
_ESTATE_ENDS: Final = (
    "城 府 里 境 樾 郡 湾 天下 国际 时代 半岛 公馆 名邸 华庭 悦府 一号 云邸 之星 御园 花漾 东岸 传奇 首府 万象 学府 "
    "中央 名门 观邸 尚城 新语 心语 春天 家园 花园 小区"
)

_SCENERY: Final = "江山湖云月溪海林风水星桐梅兰松竹鹭鹤观依听望御玺"
_SCENERY_ENDS: Final = "里 郡 御 语 府 台 境 湾 轩 阁 院 著 原 时光 听澜 印象 和鸣 上品 天镜 序"
_SHORT_SCHOOLS: Final = "一中 二中 七中 十九中 三十五中 一小 二小 三小 实小 一实小 附中 附小 外国语 职高 一职高"
_SHORT_HOSPITALS: Final = "市一 市二 市二院 省二院 附一 附二 一医 中医院 妇幼 省肿瘤 市三医"

Text = tuple[str, tuple[Plant, ...]]
Sentence = tuple[list[list[str]], list[str]]
"""Of each character the clues, and the label."""


def train_weights(target: Path = FOLDER / "weights.json") -> None:
    texts = list(corpus())
    table = averaged(texts)
    target.write_text(written_out(table), "utf-8")
    sys.stdout.write(f"{len(table['clues'])} clues of {len(texts)} texts\n")


def averaged(texts: Sequence[Text]) -> dict[str, Any]:
    """The mean of four trainings: in the variants of two, people and shops may be called by words of everyday. Where
    they differ the mean is right more often than any."""
    pairs = counted_pairs(texts)
    as_written = [*_learnt((*texts, *nobodys()), pairs)]
    return mean([trained(texts, as_written, pairs, *which) for which in _TRAININGS])


_TRAININGS: Final = ((True, (1, 2)), (False, (3, 4)), (True, (5, 6)), (False, (7, 8)))
"""Whether names are words of everyday, and the seeds of variants and of where finders are silent."""


def trained(
    texts: Sequence[Text], as_written: Iterable[Sentence], pairs: Counter[str], everyday: bool, seeds: tuple[int, int]
) -> dict[str, Any]:
    """A sentence that names nobody is the same in each variant, and learnt from once."""
    made, silent = map(random.Random, seeds)
    varied = (one for one in _learnt(variants(texts, made, everyday), pairs) if set(one[1]) != {"O"})
    return train(chain(as_written, varied), silent)


def mean(tables: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    nothing = [0] * len(tagger.LABELS)
    every = sorted({clue for table in tables for clue in table["clues"]})
    clues = {clue: _mean_of([table["clues"].get(clue, nothing) for table in tables]) for clue in every}
    return {
        "clues": {clue: row for clue, row in clues.items() if max(map(abs, row)) >= WEAK * 100},
        "after": [_mean_of(rows) for rows in zip(*(table["after"] for table in tables), strict=True)],
    }


def _mean_of(rows: Sequence[Sequence[int]]) -> list[int]:
    return [round(sum(each) / len(rows)) for each in zip(*rows, strict=True)]


def written_out(table: Mapping[str, Any]) -> str:
    """JSON with a clue a line, so that a change can be read."""
    rows = ",\n".join(f"{json.dumps(clue, ensure_ascii=False)}:{_short(row)}" for clue, row in table["clues"].items())
    return f'{{"clues":{{\n{rows}\n}},\n"after":{_short(table["after"])}}}\n'


def _short(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def corpus() -> Iterator[Text]:
    return ((one.texts[FIELD], one.plants) for texts in _sets().values() for one in texts)


@cache
def nobodys() -> Sequence[Text]:
    """What is of nobody: complaints that triage learns from, and the cases that the program brings along."""
    said = [row.split("\t")[5] for name in _COMPLAINTS for row in _rows(name)]
    told = [getattr(case, part) for case in starter().values() for part in ("facts", "process", "outcome", "comment")]
    letters = [row.split("\t")[5] for name in _LETTERS for row in _rows(name) if row.count("\t") >= 5]
    some, every = ([text for text in texts if _of_no_one(text)] for texts in ((*said, *told), letters))
    return [(text, ()) for text in (*some[::NOBODYS_SHARE], *every)]


def _of_no_one(text: str) -> bool:
    return chinese(text) and not any(found_names(plain(text)))


def _rows(name: str) -> list[str]:
    return (files("tests.tools.data") / "triage" / f"{name}.tsv").read_text("utf-8").splitlines()[1:]


def _sets() -> dict[str, list[Planted]]:
    ours = {"written": list(written(held=False)), "finders": list(finders()), "harder": list(harder())}
    ours |= {"called": list(called()), "regions": list(regions()), "mailboxes": list(mailboxes())}
    ours |= {"everyday": list(everyday_texts()), "papers": list(papers())}
    return ours | strangers(kept=False)


def cross(folds: int) -> None:
    """Writes for each set of texts what share is found, and of what is hidden what share is something."""
    sets, told = _sets(), dict[str, list[Measured]]()
    for fold in range(folds):
        here = {name: texts[fold::folds] for name, texts in sets.items()}
        others = [one for name, texts in sets.items() for one in texts if one not in here[name]]
        for name, found in _measured(here, others).items():
            told.setdefault(name, []).append(found)
    _tell({name: sum(found[1:], found[0]) for name, found in told.items()})


def by_others() -> None:
    """The same of the strangers' texts, with none of theirs learnt from: as another's hand will be read."""
    here = strangers(kept=False)
    _tell(_measured(here, [one for name, texts in _sets().items() if name not in here for one in texts]))


def _measured(here: Mapping[str, Sequence[Planted]], others: Iterable[Planted]) -> dict[str, Measured]:
    """Of texts `here`, with weights made of the `others`."""
    pairs = [(one.texts[FIELD], one.plants) for one in others]
    follows = patch.object(tagger, "ordinary", return_value=graded_pairs(pairs))
    with follows, patch.object(tagger, "_weights", return_value=tagger.as_weights(averaged(pairs))):
        return {name: measure(texts) for name, texts in here.items()}


def _tell(found: Mapping[str, Measured]) -> None:
    for name, every in found.items():
        sys.stdout.write(
            f"{name}: {every.recall:.3f} of {every.planted.total()}, {every.precision:.3f} {every.missed}\n"
        )


def train(learnt: Iterable[Sentence], chance: random.Random) -> dict[str, Any]:
    """The weights, in hundredths."""
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": L1, "c2": L2, "max_iterations": ROUNDS})
    for clues, labels in learnt:
        if chance.random() < 0.5:
            clues = [[clue for clue in one if not clue.startswith("r:")] for one in clues]
        trainer.append(clues, labels)
    with tempfile.NamedTemporaryFile() as file:
        trainer.train(file.name)
        model = pycrfsuite.Tagger()
        model.open(file.name)
        info = model.info()
    rows: dict[str, list[int]] = {}
    for (clue, label), weight in info.state_features.items():
        if abs(weight) >= LEAST:
            rows.setdefault(clue, [0] * len(tagger.LABELS))[tagger.LABELS.index(label)] = round(weight * 100)
    return {
        "clues": dict(sorted(rows.items())),
        "after": [[_moved(info.transitions, *both) for both in row] for row in _MOVES],
    }


_MOVES: Final = [[(one, two) for two in tagger.LABELS] for one in tagger.LABELS]


def _moved(transitions: Mapping[tuple[str, str], float], one: str, two: str) -> int:
    """What is inside of something was begun."""
    return -3000 if two.startswith("I-") and one[2:] != two[2:] else round(transitions.get((one, two), 0.0) * 100)


def _learnt(texts: Iterable[Text], pairs: Counter[str]) -> Iterator[Sentence]:
    return chain.from_iterable(sentences(*text, pairs) for text in texts)


def sentences(text: str, plants: Sequence[Plant], every: Counter[str]) -> Iterator[Sentence]:
    """`every` pair of characters is counted without the text's own: elsewhere not all of a text are known."""
    view = plain(text)
    own = Counter(_pairs_of(_outside(text, plants)))
    follows = tagger.ordinary() | {pair: _ordinary(every[pair] - times) for pair, times in own.items()}
    sums = [value for *_, value in numbers.amounts(view)]
    sure = looking.certain(view, NOTHING, numbers.factor_of(sums or [Decimal(0)]))
    clues = tagger.clues(view, looking.proposed(view), sure, follows)
    labels = ["O"] * len(view)
    for plant in plants:
        kind, start, end = plant.kind, plant.start, plant.end
        if kind == "account" and _HAN.search(plant.value):  # what somebody calls themselves
            kind = "name"
        if kind not in KINDS:
            continue
        if kind == "name" and _TITLED.fullmatch(plant.value):
            end = start + 1
        labels[start:end] = [f"B-{kind}", *[f"I-{kind}"] * (end - start - 1)]
    for sentence in tagger.SENTENCE.finditer(view):
        here = clues[sentence.start() : sentence.end()]
        yield [[*map(sys.intern, one)] for one in here], labels[sentence.start() : sentence.end()]


def variants(texts: Sequence[Text], chance: random.Random, everyday: bool) -> Iterator[Text]:
    invented = Inventor(texts, chance, everyday)
    for text, plants in texts:
        for _ in range(VARIANTS if plants else 1):
            invented.begin()
            bare = chance.random() < UNPOINTED
            new, at, marked = "", 0, list[Plant]()
            for plant in plants:
                words = invented.instead_of(plant.kind, plant.value)
                new += invented.between(text[at : plant.start], bare)
                marked.append(Plant(plant.kind, plant.form, plant.field, len(new), len(new) + len(words), words))
                new, at = new + words, plant.end
            yield new + invented.between(text[at:], bare), tuple(marked)


_CLAUSE: Final = re.compile("(?![的了着过们吗呢吧])[\u4e00-\u9fff]{1,4}(?![的着])[\u4e00-\u9fff]")


def _clauses(texts: Iterable[str]) -> list[str]:
    """Pieces of sentences, of two to four words and two to five characters."""
    found = []
    for text in texts:
        words = [word for word, _ in dictionary.tag(text)]
        for at, of in enumerate(words):
            piece = "".join(words[at : at + 2 + len(of) % 3])
            if _CLAUSE.fullmatch(piece):
                found.append(piece)
    return found


class Inventor:
    """Other names of the same shape; `everyday`: also words that everybody uses, as names."""

    def __init__(self, texts: Sequence[Text], chance: random.Random, everyday: bool) -> None:
        self._chance, self._everyday = chance, everyday
        self.begin()
        self._pool: dict[str, list[str]] = {kind: [] for kind in KINDS}
        for _, plants in texts:
            for plant in plants:
                if plant.kind in KINDS:
                    self._pool[plant.kind].append(plant.value)
        said = [
            (word, tag)
            for text, _ in (*texts, *nobodys())
            for word, tag in dictionary.tag(text)
            if _HAN.fullmatch(word)
        ]
        self._words = [word for word, tag in said if len(word) == 2 and tag[0] in "na"]
        self._phrases = sorted({word for word, tag in said if len(word) in (2, 3, 4) and tag[0] in "nailzvts"})
        self._clauses = _clauses(text for text, _ in nobodys())
        self._deeds = [word for word, tag in said if len(word) in (1, 2) and tag in ("v", "a", "m", "t")]
        grades = tagger.names()
        self._chars = {
            which: "".join(char * (grade * grade) for char, grade in of.items()) for which, of in grades.items()
        }
        self._chars["family"] += COMMON * 6
        self._like_names = [word for word in self._phrases if len(word) == 2 and word[0] in COMMON + RARE]

    def begin(self) -> None:
        """Another text: whoever is called in several ways there is so in its variant."""
        self._said: dict[tuple[str, str], str] = {}
        self._families: dict[str, str] = {}
        self._given: dict[str, str] = {}
        self._brands: dict[str, str] = {}

    def between(self, text: str, bare: bool) -> str:
        """What stands between marks; `bare`: without commas and stops."""
        return _POINTS.sub("", text) if bare else text

    def instead_of(self, kind: str, words: str) -> str:
        if (kind, words) not in self._said:
            self._said[kind, words] = self._other(kind, words)
        return self._said[kind, words]

    def _other(self, kind: str, words: str) -> str:
        if kind == "name":
            name = self._name(words)
            apart = len(name) in (2, 3) and _HAN.fullmatch(name) and self._chance.random() < 0.03
            return self._chance.choice((" ", "\u3000")).join(name) if apart else name
        if kind == "organisation" and (self._called_before(words) or self._chance.random() < 0.6):
            return self._business(words)
        if kind == "address" and len(words) < 8 and _HAN.fullmatch(words) and self._chance.random() < 0.4:
            return self._estate()
        if kind == "institution" and (short := self._short(words)) and self._chance.random() < 0.15:
            return short
        if kind == "institution" and self._chance.random() < 0.4:
            ending = next((match for match in tagger.ENDINGS[kind].finditer(words) if match.start() >= 2), None)
            return self._brand() + words[ending.start() :] if ending and len(words) < 9 else words
        if kind in ("organisation", "institution", "address") and self._chance.random() < 0.6:
            like = [one for one in self._pool[kind] if one[-1] == words[-1] and abs(len(one) - len(words)) < 4]
            return self._chance.choice(like)
        return words

    def _estate(self) -> str:
        """锦绣天下, 万科, 江月听澜, 依山郡."""
        if self._chance.random() < 0.3:
            scene = "".join(self._chance.choice(_SCENERY) for _ in range(2))
            return scene + self._chance.choice(_SCENERY_ENDS.split())
        return self._chance.choice(_ESTATES.split()) + self._chance.choice(["", *_ESTATE_ENDS.split()])

    def _short(self, words: str) -> str:
        """As people call a school or a hospital of their town."""
        if words.endswith(("小学", "中学", "学校")):
            return self._chance.choice(_SHORT_SCHOOLS.split())
        return self._chance.choice(_SHORT_HOSPITALS.split()) if words.endswith("医院") else ""

    def _any(self, which: str) -> str:
        return self._chance.choice(self._chars[which])

    def _family(self, of: str) -> str:
        return self._families.setdefault(of, self._any("family"))

    def _called_before(self, words: str) -> str:
        """The core of a business that was called otherwise, if these words have it: 骏驰达公司."""
        return next((core for core in self._brands if core in words), "")

    def _name(self, words: str) -> str:
        if words in self._given:
            return self._given[words]
        if not _HAN.fullmatch(words) or self._chance.random() < 0.07:
            return words
        if titled := _TITLED.fullmatch(words):
            return self._family(titled[1]) + titled[2]
        if len(words) == 2 and words[0] in "小老阿":
            return words[0] + (self._any("single") if words[0] == "阿" else self._family(words[1]))
        if len(words) == 2 and words[0] == words[1]:
            said = self._everyday and self._chance.random() < 0.4
            return (self._chance.choice(self._words)[0] if said else self._any("single")) * 2
        if words[0] not in self._chars["family"] or len(words) > 3:
            return words if not self._everyday or self._chance.random() < 0.4 else self._nickname()
        if self._everyday and self._chance.random() < 0.08:  # 方便, 高峰, 文静
            return self._chance.choice(self._like_names)
        given = ("", self._any("single"), self._any("middle") + self._any("last"))[len(words) - 1]
        if len(words) == 3 and self._chance.random() < 0.12:
            given = self._chance.choice(self._words)
        if len(words) == 3:
            self._given[words[1:]] = given
        return self._family(words[0]) + given

    def _nickname(self) -> str:
        """眼镜, 胖姐, 黑皮, 三哥."""
        draw = self._chance.random()
        if draw < 0.5:
            return self._chance.choice(self._words)
        if draw < 0.75:
            return self._chance.choice(_LOOKS) + self._chance.choice(_CALLINGS)
        return self._chance.choice(self._words)[0] + self._chance.choice("哥姐叔姨爷嫂子妹弟")

    def _business(self, words: str) -> str:
        if not _HAN.fullmatch(words):
            return words
        if core := self._called_before(words):
            return words.replace(core, self._brands[core])
        city, tag = dictionary.tag(words)[0]
        at = len(city) if tag == "ns" and len(words) - len(city) > 3 else 0
        ends = tagger.ENDINGS["organisation"].finditer(words)
        ending = next((match for match in ends if match.start() >= at + 2), None)
        if ending is None and len(words) > 4:
            return words
        brand = self._brand()
        self._brands[words[at : ending.start() if ending else None]] = brand
        kept = ending is not None and (len(words) - ending.start() > 3 or self._chance.random() < 0.7)
        return words[:at] + brand + (words[ending.start() :] if ending and kept else "")

    def _brand(self) -> str:
        """As shops are called: a word, a phrase, a word with 记 or 家 behind it, or two characters of good omen."""
        if self._everyday and self._chance.random() < CLAUSES:
            return self._chance.choice(self._clauses)
        draw = self._chance.random()
        if draw < 0.14:
            return self._chance.choice(self._phrases if self._everyday else self._words)
        if draw < 0.25:
            return self._chance.choice(self._words) + ("" if draw < 0.2 else self._chance.choice(_BRAND))
        if draw < 0.45:
            return self._chance.choice(self._words) + self._chance.choice(_CALLED.split())
        if draw < 0.55:
            return self._chance.choice(self._deeds) + self._chance.choice(self._words)
        if draw < 0.62:
            return (
                self._chance.choice("小大老阿") + self._any("single") + self._chance.choice(["", *_CALLED.split()[:12]])
            )
        if draw < 0.66:  # 外婆的灶
            return f"{self._chance.choice(self._words)}的{self._chance.choice(self._words)[-1]}"
        return "".join(self._chance.choice(_BRAND) for _ in range(self._chance.choice((2, 2, 3))))


# ---------------------------------------------------------------- pairs of characters

_ORDINARY: Final = ("written", "further", "confusable", "labelled", "letters", "offices", "spoken")


def grade_pairs(target: Path = FOLDER / "pairs.json") -> None:
    """Writes how ordinary it is that a character follows another, by grades and first characters."""
    table: dict[str, dict[str, str]] = {grade: {} for grade in "123"}
    for pair, grade in sorted(graded_pairs([*corpus()]).items()):
        of = table[str(grade)]
        of[pair[0]] = of.get(pair[0], "") + pair[1]
    target.write_text(json.dumps(table, ensure_ascii=False, indent=0, separators=(",", ":")) + "\n", "utf-8")


def graded_pairs(texts: Iterable[Text]) -> dict[str, int]:
    return {pair: _ordinary(times) for pair, times in counted_pairs(texts).items()}


def counted_pairs(texts: Iterable[Text]) -> Counter[str]:
    """In complaints that triage learns from, in the program's own cases, and beside the marks of `texts`."""
    said = [row.split("\t")[5] for name in _ORDINARY for row in _rows(name) if row.count("\t") >= 5]
    told = [getattr(case, part) for case in starter().values() for part in ("facts", "process", "outcome", "comment")]
    beside = (_outside(*one) for one in texts)
    return Counter(pair for text in chain(said, told, beside) for pair in _pairs_of(text))


def _outside(text: str, plants: Sequence[Plant]) -> str:
    """With a sign for each mark: nothing follows it."""
    out, at = "", 0
    for plant in plants:
        out += text[at : plant.start] + "\n"
        at = plant.end
    return out + text[at:]


def _pairs_of(text: str) -> Iterator[str]:
    view = plain(text)
    return (one + two for one, two in pairwise(view) if _HAN.fullmatch(one + two))


def _ordinary(times: int) -> int:
    return bisect_right((0, 2, 9), times - 1) if times > 0 else 0


# ---------------------------------------------------------------- characters of names

AT_LEAST: Final = {"family": (0.0, 0.95, 4.4, 20.0), "given": (0.202, 0.67, 2.225, 7.355)}
"""Of each grade, 1 to 4: how many times as often as in other words a character stands there in a name."""


def grade_names(dictionary_file: Path, target: Path = FOLDER / "names.json") -> None:
    lines = dictionary_file.read_text("utf-8").splitlines()
    target.write_text(json.dumps(graded(lines), ensure_ascii=False, indent=1) + "\n", "utf-8")


def graded(lines: Iterable[str]) -> dict[str, dict[str, str]]:
    """Of lines “word frequency tag”: the characters of each grade, as family names and in the places of given ones."""
    surnames = {*COMMON, *RARE}
    elsewhere, first = Counter[str](), Counter[str]()
    named: list[str] = []
    for word, frequency, tag in (line.split(" ") for line in lines):
        if tag.startswith("nr"):
            if word[0] in surnames and len(word) in (2, 3):
                named.append(word)
            continue
        first[word[0]] += int(frequency)
        for char in word:
            elsewhere[char] += int(frequency)
    short, long = ([word for word in named if len(word) == length] for length in (2, 3))
    given = {
        "middle": Counter(word[1] for word in long),
        "last": Counter(word[2] for word in long),
        "single": Counter(word[1] for word in short),
    }
    begun = Counter(word[0] for word in named)
    family = {char: _times(begun[char] + 0.3, len(named), first[char] + 60, first.total()) for char in surnames}
    table = {
        which: {
            char: _times(count, counted.total(), elsewhere[char] + 100, elsewhere.total())
            for char, count in counted.items()
            if count > 1
        }
        for which, counted in given.items()
    }
    return {
        which: {
            str(grade): "".join(sorted(char for char, times in of.items() if _grade(which, times) == grade))
            for grade in (1, 2, 3, 4)
        }
        for which, of in (table | {"family": family}).items()
    }


def _times(here: float, of_all: int, there: float, of_others: int) -> float:
    """A little is added to what is rare, so that one name says little."""
    return (here / of_all) / (there / of_others)


def _grade(which: str, times: float) -> int:
    return bisect_right(AT_LEAST["family" if which == "family" else "given"], times)


if __name__ == "__main__":
    if sys.argv[1:2] == ["names"]:
        grade_names(*map(Path, sys.argv[2:4]))
    elif sys.argv[1:2] == ["pairs"]:
        grade_pairs(*map(Path, sys.argv[2:3]))
    elif sys.argv[1:2] == ["cross"]:
        cross(int(*sys.argv[2:3] or ("4",)))
    elif sys.argv[1:2] == ["stranger"]:
        by_others()
    else:
        train_weights(*map(Path, sys.argv[1:2]))
