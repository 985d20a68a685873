// Beside a promise that is kept at once: what shows it, whether the other side has it, and the button to bring it.
import type { Call } from "../room/call";
import { h, icon, type Children } from "../dom";
import { inRoom, myself } from "../room/selectors";
import type { Side, Term, View } from "../room/wire";
import { t } from "../words";
import { answering, answerWord } from "./answers";
import { naming, pickers, underWay } from "./adding";

const ACTING = ["consumer", "business", "representative", "lawyer"];

export function proof(call: Call, view: View, term: Term, number: number): Children {
  if (term.performance !== "on_the_spot") return null;
  const there = view.proofs.filter((one) => one.term === number || one.term === 0);
  const other: Side = term.who === "consumer" ? "business" : "consumer";
  const own = myself(view);
  const open = !view.closed && own !== undefined && inRoom(own);
  const mine = open && view.you.side === term.who && ACTING.includes(own.role);
  const { draft } = call.state.exhibiting;
  const named = draft?.purpose === "performance" && draft.term === number;
  return h("div", { class: "stack-s", key: `proof-${number}` },
    there.map((one) => {
      const exhibit = view.exhibits.list.find((each) => each.id === one.exhibit);
      const said = one.answers[other];
      return h("div", { class: "stack-s", key: one.exhibit },
        h("p", {}, icon(said?.accepted ? "check" : "file"), " ", h("b", {}, one.title), " ",
          h("span", { class: said ? (said.accepted ? "ok" : "warn") : "meta" }, answerWord(view, { purpose: "performance" }, other, said))),
        open && exhibit && answering(call, view, exhibit));
    }),
    !there.length && h("p", { class: "meta" }, t("No proof has been brought yet.")),
    mine && (named ? naming(call, view) : h("details", {}, h("summary", {}, there.length ? t("Bring another proof") : t("Bring the proof that it was done")), pickers(call, "performance", number))),
    mine && underWay(call));
}
