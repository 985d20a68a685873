"""Does a draw over from what was published of it, knowing nothing of the program: standard library only, written apart.

python recompute.py draw.json     says what was drawn, and exits 1 when the published result is another
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any


def drawn(published: dict[str, Any]) -> list[dict[str, Any]]:
    """Sessions with their reasons, in the order of the draw."""
    rule, candidates = published["rule"], published["candidates"]
    point = published["checkpoint"]
    text = "\n".join(["yuntiao/draw/1", published["office"], published["period"], str(point["size"]), point["root"]])
    seed = hashlib.sha256(text.encode()).hexdigest()
    if seed != published["seed"]:
        raise ValueError("the seed is not the checkpoint's")
    for one in candidates:
        one["ticket"] = hashlib.sha256((seed + "\n" + one["session"]).encode()).hexdigest()
    pool = sorted((one for one in candidates if not one["known"] and not one["gone"]), key=lambda one: one["ticket"])

    fresh = [one for one in pool if one["fresh"]]
    number = max((len(fresh) * rule["share"] + 999) // 1000, rule["least"])
    share = [one["session"] for one in fresh[:number]]
    counted: dict[str, int] = {}
    for one in fresh[:number]:
        counted[one["mediator"]] = counted.get(one["mediator"], 0) + 1
    each = []
    for one in fresh[number:]:
        if counted.get(one["mediator"], 0) < rule["each"]:
            counted[one["mediator"]] = counted.get(one["mediator"], 0) + 1
            each.append(one["session"])

    taken: dict[str, list[str]] = {}

    def place(session: str, reason: str, most: int) -> None:
        if session in taken:
            taken[session].append(reason)
        elif len(taken) < most:
            taken[session] = [reason]

    first = rule["most"] - rule["kept"]
    for session in share:
        place(session, "share", first)
    for session in each:
        place(session, "mediator", first)
    flagged = [(one, risks(one, rule)) for one in pool]
    for one, seen in sorted((pair for pair in flagged if pair[1]), key=lambda pair: (-len(pair[1]), pair[0]["ticket"])):
        for risk in seen:
            place(one["session"], risk, rule["most"])
    for reason, sessions in (("share", share), ("mediator", each)):
        for session in [session for session in sessions if session not in taken]:
            place(session, reason, rule["most"])
    return [{"session": session, "reasons": reasons} for session, reasons in taken.items()]


def risks(one: dict[str, Any], rule: dict[str, int]) -> list[str]:
    found = []
    if one["outcome"] == "settled" and one["claimed"] and 100 * one["settled"] < rule["below"] * one["claimed"]:
        found.append("below")
    met = one["outcome"] in ("settled", "not_settled") and not one.get("apart")
    if met and one["together"] < 60000 * rule["short"]:
        found.append("short")
    spoken = one["consumer"] + one["business"]
    if spoken >= 60000 and 100 * min(one["consumer"], one["business"]) < rule["silent"] * spoken:
        found.append("silent")
    if rule["caucus"] and 100 * one["private"] > rule["caucus"] * one["length"]:
        found.append("caucus")
    if rule["gaps"] and one["lost"] > 1000 * rule["gaps"]:
        found.append("gaps")
    if rule["repeats"] and one["repeats"] >= rule["repeats"]:
        found.append("repeated")
    if one["withdrawn"] is not None and one["withdrawn"] < 60000 * rule["withdrawn"]:
        found.append("withdrawn")
    if rule["overdue"] and one["overdue"] >= rule["overdue"]:
        found.append("overdue")
    return found


if __name__ == "__main__":
    told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    again = drawn(told)
    for line in again:
        sys.stdout.write(f"{line['session']} {' '.join(line['reasons'])}\n")
    sys.exit(0 if again == told["drawn"] else 1)
