"""The sheet `authenticity`: what there is to say of each item when its authenticity is in question.

Seven aspects, after the rules of civil evidence on electronic data: environment, subject, time, custody, extraction,
completeness, verifiability. What is true of every item of a kind is said once; items add their own subject and time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from journal import stamp
from recordings.evidence import VIDEO, kind_of, media_path, spoken_path
from recordings.evidence.lines import DecodedLines, Sheet, attached, handwriting, papers
from rooms import events as e

Fact = TypeVar("Fact")

_SECOND: Final = frozenset({"exhibit", "document"})
_THIRD: Final = frozenset({"signed", "handwriting", "attachment"})
ASPECTS: Final = ("environment", "subject", "time", "custody", "extraction", "completeness", "verifiability")

_LOG = (
    "各条记录的哈希先后相连，并列入本机关日志的默克尔树；树首由本机关的密钥签名，可另有时间戳与他方见证。",
    "Each entry's hash follows from the one before and is a leaf of the bureau's Merkle tree; the tree's head is "
    "signed by the bureau's key and may be stamped and witnessed by others.",
)
_KEPT = (
    "存于本机关服务器的数据目录，按案加密；每次查看与导出都记入日志。",
    "Kept in the data folder of the bureau's server, encrypted per case; every look and export is in the journal.",
)
_MADE = (
    "由程序在导出时生成，未经人工编辑。",
    "Made by the program at the export; nobody edited it.",
)
_MANIFEST = (
    "大小与 SHA-256 列于清单，清单由本机关日志密钥签名。",
    "Size and SHA-256 are in the manifest, which the bureau's log key signed.",
)
_DERIVED = (
    "可由日志重新推导并逐字节比对。",
    "Can be derived from the journal again and compared byte by byte.",
)

KINDS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "segment": {
        "environment": (
            "参加人的浏览器经加密传输（DTLS-SRTP）发送，服务器不解码、不转码，直接写入文件。设备检查结果见“people”。",
            "Sent by the person's browser over encrypted transport (DTLS-SRTP), written by the server as it arrived, "
            "never decoded or re-encoded. What the device check found is in people.",
        ),
        "subject": (
            "席位上的人，身份核验方式见“people”。",
            "The person in the seat; how their identity was checked is in people.",
        ),
        "time": (
            "服务器时钟的起止时间，写在日志中；各设备时钟的差见“clocks”。",
            "From and until by the server's clock, in the journal; how far each device's clock was off is in clocks.",
        ),
        "custody": _KEPT,
        "extraction": (
            "解密后原样拷入，未经剪辑或转码。",
            "Decrypted and copied as it was, neither cut nor re-encoded.",
        ),
        "completeness": (
            "缺失之处及原因逐段列于“gaps”；未录即未同意、休会、断线等。",
            "What is missing is in gaps, stretch by stretch with its cause.",
        ),
        "verifiability": (
            "写完即算出 SHA-256 并送入日志，之后才写下一段的文件。",
            "Its SHA-256 went to the journal as soon as it was finished, before the file of the next piece was begun.",
        ),
    },
    "video": {
        "environment": (
            "会后由程序用各段录像合成，加印姓名、环节与时间。",
            "Composed by the program from the pieces afterwards, with names, phase and time burned in.",
        ),
        "subject": ("全体参加人。", "Everybody."),
        "time": ("首帧时间记于日志。", "The time of its first picture is in the journal."),
        "custody": _KEPT,
        "extraction": (
            "为便于观看而转码的副本；以各段录像为准。",
            "Re-encoded for viewing; where in doubt the pieces count.",
        ),
        "completeness": ("只含已录制的内容。", "Holds what was recorded and nothing else."),
        "verifiability": ("SHA-256 记于日志。", "Its SHA-256 is in the journal."),
    },
    "journal": {
        "environment": (
            "服务器程序在事情发生时逐条写入，先落盘后确认。",
            "Written by the server's program entry by entry as things happened, on disk before they were acknowledged.",
        ),
        "subject": (
            "每条记录写明操作人；保密的只写明是当事人还是工作人员。",
            "Each entry names who did it; one in confidence only whether it was a party or the office.",
        ),
        "time": ("每条记录有服务器时间，精确到微秒。", "Each entry has the server's time to the microsecond."),
        "custody": (
            "只可追加的数据库；更改、删除、调换都会使哈希不符。",
            "An append-only store; changing, deleting or reordering breaks the hashes.",
        ),
        "extraction": (
            "自首条至最后一条非查看记录，逐条原样导出。",
            "All entries from the first to the last that is not a look, as they are.",
        ),
        "completeness": (
            "序号连续；依法删除的内容留有哈希并有删除记录；保密的内容不进入任何证据包，留有种类、时间和哈希。",
            "Numbers are continuous; content erased by law leaves its hash and an entry saying so; what was said in "
            "confidence is in no package and leaves its kind, time and hash.",
        ),
        "verifiability": _LOG,
    },
    "log": {
        "environment": ("服务器日志模块。", "The server's log."),
        "subject": ("本机关；时间戳与见证由他方作出。", "The bureau; stamps and witnesses are others'."),
        "time": ("树首写明的时间；时间戳机构的时间。", "The time in the head; the stamping authority's time."),
        "custody": ("公开：任何人可在 /log 取得。", "Public: anybody can fetch it at /log."),
        "extraction": ("原样拷入；包含证明由树算出。", "Copied as it is; proofs are computed from the tree."),
        "completeness": ("覆盖日志中的每一条。", "Covers every entry of the journal."),
        "verifiability": _LOG,
    },
    "text": {
        "environment": ("程序自带的告知书与同意书文本。", "The texts that come with the program."),
        "subject": ("看过并作答的人见“people”。", "Who read and answered them is in people."),
        "time": ("版本写在每次作答的记录中。", "Each answer's entry names the version."),
        "custody": ("各版本不再更改。", "An edition never changes."),
        "extraction": _MADE,
        "completeness": ("中英文全文。", "The whole text in both languages."),
        "verifiability": ("与程序公开的该版本比对。", "Compare with the edition that the program publishes."),
    },
    "exhibit": {
        "environment": (
            "参加人从自己的手机或电脑上传，原件一个字节不改，当时就封存；调解室里展示的是另行生成的图片。",
            "Sent by somebody from their own phone or computer and sealed at once, not a byte changed; what the room "
            "was shown was drawn anew from it.",
        ),
        "subject": ("提出的人见“exhibits”。", "Who brought it is in exhibits."),
        "time": ("上传的时间，写在日志中。", "When it was sent, in the journal."),
        "custody": _KEPT,
        "extraction": ("原件按原样复制。", "Copied as it was sent."),
        "completeness": (
            "SHA-256 在上传完成时写入日志。", "Its SHA-256 was in the journal when the upload was complete."
        ),
        "verifiability": _LOG,
    },
    "document": {
        "environment": (
            "由程序排版；要签名的，签完以后加盖本机关的电子印章。印章属于哪一种（自管密钥、电子认证服务机构的证书、"
            "统一电子印章）写在日志中。",
            "Set by the program and sealed by the bureau, after everybody who signs it had signed. What kind of seal "
            "it is (own key, a provider's certificate, the unified e-seal system) is in the journal.",
        ),
        "subject": ("签名的人和签名方式，写在日志中。", "Who signed and how, in the journal."),
        "time": (
            "签名和盖章的时间，写在日志中；印章上可另有时间戳。",
            "When it was signed and sealed, in the journal; the seal may carry a time stamp.",
        ),
        "custody": _KEPT,
        "extraction": ("按盖章时的原文件复制。", "Copied as it was sealed."),
        "completeness": (
            "印章覆盖整个文件，盖章后的任何改动都核验得出；PDF 阅读器能否核验，取决于印章的算法和证书。",
            "The seal covers the whole file, so that verifying it finds any later change; whether a PDF reader can "
            "verify it depends on the seal's algorithm and certificate.",
        ),
        "verifiability": _LOG,
    },
    "signed": {
        "environment": (
            "签名人在手机上从头读到尾的文字，签名前由程序写定并封存；盖章后的文书即由此排版。",
            "The words that each signer read to their end on a phone, fixed and sealed by the program before anybody "
            "signed; the document under seal was set from them.",
        ),
        "subject": ("签名的人见“signatures”。", "Who signed them is in signatures."),
        "time": ("提交签名的时间，写在日志中。", "When they were laid there to be signed, in the journal."),
        "custody": _KEPT,
        "extraction": ("解密后原样拷入。", "Decrypted and copied as they were."),
        "completeness": (
            "每一次签名的记录都写明全文的 SHA-256；改一个字，SHA-256 就不同。",
            "Every signature’s entry names the SHA-256 of the whole text; one changed character is another one.",
        ),
        "verifiability": _LOG,
    },
    "handwriting": {
        "environment": (
            "签名人在自己的屏幕上写下的笔画：每一点的位置和笔压，不是图片；签名前已同意保存。“signatures”写明为“saved”的，"
            "是调解员事先画好、加密保存的笔画的副本，凭其专用口令置入，不是当场书写。",
            "The strokes as the signer drew them on their own screen: place and pressure of each point, no picture; "
            "they agreed to its being kept before. Where signatures says saved, it is a copy of strokes that the "
            "mediator had drawn and stored before, placed after their own code, and not drawn then.",
        ),
        "subject": (
            "签名的人和核对身份的方式见“signatures”。",
            "Who signed and how it was made sure is in signatures.",
        ),
        "time": ("签名的时间，写在日志中。", "When it was signed, in the journal."),
        "custody": _KEPT,
        "extraction": ("解密后原样拷入。", "Decrypted and copied as it was."),
        "completeness": (
            "从落笔到提笔的全部笔画；未记录书写快慢。",
            "All strokes from first to last; how fast they were drawn was not kept.",
        ),
        "verifiability": _LOG,
    },
    "attachment": {
        "environment": (
            "投诉人、商家或办案人员交到投诉档案里的文件；存有原件的，包内是一个字节未改的原件，否则是去掉附加信息的图片。",
            "Handed into the complaint’s file by the consumer, the business or an officer; what was sent, not a byte "
            "changed, where that was kept, and otherwise the picture without what its camera wrote into it.",
        ),
        "subject": ("交来的人见“attachments”。", "Who handed it in is in attachments."),
        "time": ("收到的时间，写在投诉日志中。", "When it was received, in the complaint’s journal."),
        "custody": _KEPT,
        "extraction": ("解密后原样拷入。", "Decrypted and copied as it was."),
        "completeness": (
            "SHA-256 在收到时写入日志；已删除的文件留有哈希、时间和理由。",
            "Its SHA-256 was in the journal when it was received; of a removed file hash, time and reason stay.",
        ),
        "verifiability": _LOG,
    },
    "transcript": {
        "environment": (
            "由本机关服务器上的语音识别程序从各人的录音转写，未经任何人确认；以录音为准。",
            "A machine transcript, confirmed by nobody: a speech model on the bureau's server heard it on each "
            "person's recording, which counts.",
        ),
        "subject": (
            "本机关程序；每句标明是谁的录音，模型的名称和哈希写在文件和日志中。",
            "The bureau's program. Each line names whose recording it is; name and hash of the model are in the file "
            "and in the journal.",
        ),
        "time": (
            "每句的起止时间按服务器时钟；转写完成的时间，写在日志中。",
            "Each line's beginning and end by the server's clock; when it was made, in the journal.",
        ),
        "custody": _KEPT,
        "extraction": ("解密后原样拷入。", "Decrypted and copied as it was."),
        "completeness": (
            "只含各参加人既同意录制又同意语音转文字期间所说的话，以及调解员所说的话（调解员选择不转的除外）；后来撤回语音转文字同意的，其所说的话一句不含；不含单独谈。更正另记入日志，不改动本文件。",
            "Only what somebody said while they agreed to be recorded and that it becomes text, and nothing of whoever "
            "took the latter back; of the mediator unless they said no; never of private talks. Corrections are "
            "entries of the journal and change nothing in this file.",
        ),
        "verifiability": _LOG,
    },
    "spoken": {
        "environment": (
            "征求同意时电话里传来的声音：自语音提示告知留存起，至按键作答止，由本机关的程序编码（Opus）；"
            "最多留最后 60 秒。",
            "What the telephone sent while a consent was asked: from after a recorded voice had said that it is kept "
            "until the key was pressed, encoded (Opus) by the bureau's program; the last 60 seconds at most.",
        ),
        "subject": (
            "接电话或打进电话的人；怎样确认是本人见“people”，按的键写在日志中。",
            "Whoever was on the telephone; how it was known who that is stands in people, the key in the journal.",
        ),
        "time": ("起止时间按服务器时钟，写在日志中。", "From and until by the server's clock, in the journal."),
        "custody": _KEPT,
        "extraction": ("解密后原样拷入。", "Decrypted and copied as it was."),
        "completeness": (
            "只有按键表示同意的才留存；按键表示不同意或者没有作答就挂断的，声音一律不留。电话没有传来声音的时段是静音。",
            "Only of those who agreed by their key; of whoever did not, or hung up before, no sound is kept. Where the "
            "telephone sent nothing there is silence.",
        ),
        "verifiability": (
            "文件写完并算出 SHA-256 之后，同意才与哈希一起写入日志。",
            "The consent went to the journal with the file's SHA-256, after the file was finished.",
        ),
    },
    "sheet": {
        "environment": _MADE, "subject": ("本机关程序。", "The bureau's program."),
        "time": ("只含日志中的时间。", "Times of the journal only."), "custody": _MANIFEST, "extraction": _MADE,
        "completeness": _DERIVED, "verifiability": _DERIVED,
    },
    "page": {
        "environment": _MADE, "subject": ("本机关程序。", "The bureau's program."),
        "time": ("只含日志中的时间。", "Times of the journal only."), "custody": _MANIFEST, "extraction": _MADE,
        "completeness": ("供人阅读的摘要，以日志为准。", "A reading copy; the journal counts."),
        "verifiability": _MANIFEST,
    },
}  # fmt: skip


EARLIER: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "segment": {
        "verifiability": (
            "写完时的 SHA-256 已在下一段开始前记入日志。",
            "Its SHA-256 was in the journal before the next piece began.",
        ),
    },
    "journal": {
        "subject": ("每条记录写明操作人。", "Each entry names who did it."),
        "completeness": (
            "序号连续；被依法删除的内容留有哈希并有删除记录。",
            "Numbers are continuous; content erased by law leaves its hash and an entry saying so.",
        ),
    },
}
"""What was said in editions 1 to 3 in place of that."""
TO_THE_FOURTH: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "document": {
        "environment": (
            "由程序排版；要签名的，签完以后由本机关盖电子印章（PAdES）。",
            "Set by the program and sealed by the bureau (PAdES), after everybody who signs it had signed.",
        ),
        "completeness": (
            "印章之后的任何改动，PDF 阅读器都看得出来。",
            "Any PDF reader shows a change made after the seal.",
        ),
    },
}
"""The same of editions 1 to 4, from before there were seals of several kinds."""
TO_THE_FIFTH: Final[Mapping[str, str]] = {
    "本机关": "本机构",
    "席位上的人": "座位上的人",
    "另行生成的图片": "另行重画的图样",
    "去掉附加信息的图片": "去掉附加信息的图样",
}
"""How the Chinese of editions 1 to 5 called what has one name since."""
TO_THE_SIXTH: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "handwriting": {
        "environment": (
            "签名人在自己的屏幕上写下的笔画：每一点的位置和笔压，不是图片；签名前已同意保存。",
            "The strokes as the signer drew them on their own screen: place and pressure of each point, no picture; "
            "they agreed to its being kept before.",
        ),
    },
}
"""The same of editions 1 to 6, from before there were stored drawings."""
EDITION: Final = 7
SIXTH: Final = 6
FIFTH: Final = 5
FOURTH: Final = 4


def earlier(paths: Iterable[str]) -> int:
    """The edition of before the fourth, which said the same of any package: by the kinds of items that there are."""
    kinds = {kind_of(path) for path in paths}
    return 3 if kinds & _THIRD else 2 if kinds & _SECOND else 1


def authenticity(decoded: DecodedLines, paths: Iterable[str], stated: int = 0) -> Sheet:
    """`paths` of all items of the package; `stated`: the edition that a sheet to compare with says it is, 0 of a new
    one.

    Where a stored drawing was placed there is one edition only: the earlier ones call every handwriting drawn then.
    """
    paths = sorted(paths)
    stored = any(line.type == "Signed" and not line.erased and line.data["how"] == "saved" for line in decoded.lines)
    stated = EDITION if stored else stated or SIXTH
    edition = stated if stored or stated in (FOURTH, FIFTH, SIXTH) else earlier(paths)
    segments = {media_path(one.path): one for one in _facts(decoded, e.SegmentSealed)}
    spoken = {spoken_path(one.path): one for one in _facts(decoded, e.ConsentSpoken)}
    films = list(_facts(decoded, e.RecordingComposed))
    files = {one.path: one.added for one in attached(decoded.complaint)}
    hands = {handwriting(hand): hand for paper in papers(decoded.lines) for hand in paper.hands}
    rows: list[dict[str, Any]] = []
    used: set[str] = set()
    for path in paths:
        kind = kind_of(path)
        used.add(kind)
        row: dict[str, Any] = {"kind": kind, "path": path}
        if path in segments:
            one = segments[path]
            row |= {"from": stamp(one.started), "seat": one.seat, "source": one.source, "until": stamp(one.ended)}
        elif path in spoken:
            said = spoken[path]
            row |= {"from": stamp(said.started), "seat": said.seat, "until": stamp(said.ended)}
        elif path == VIDEO and films:
            row |= {"from": stamp(films[-1].origin)}
        elif path in files:
            row |= {"by": files[path].data.get("by", ""), "from": files[path].at}
        elif path in hands:
            row |= {"from": hands[path].at, "seat": hands[path].data["seat"]}
        rows.append(row)
    kinds = {
        kind: {aspect: {"en": en, "zh": zh} for aspect, (zh, en) in _said(kind, edition).items()}
        for kind in used & KINDS.keys()
    }
    return {"edition": edition, "items": rows, "kinds": kinds, "sheet": "authenticity"}


def _said(kind: str, edition: int) -> Mapping[str, tuple[str, str]]:
    said = dict(KINDS[kind])
    if edition <= SIXTH:
        said |= TO_THE_SIXTH.get(kind, {})
    if edition <= FOURTH:
        said |= TO_THE_FOURTH.get(kind, {})
    if edition < FOURTH:
        said |= EARLIER.get(kind, {})
    if edition <= FIFTH:
        for now, before in TO_THE_FIFTH.items():
            said = {aspect: (zh.replace(now, before), en) for aspect, (zh, en) in said.items()}
    return said


def _facts(decoded: DecodedLines, kind: type[Fact]) -> Iterable[Fact]:
    return (entry.event for entry in decoded.history if isinstance(entry.event, kind))
