// What the mediator reads aloud in each phase of any dispute, and what to have asked. What a kind of dispute needs besides is on its card.
import type { OpeningItem, Phase, View } from "../room/wire";
import { t } from "../words";

export interface Script {
  say: string;
  items: [item: string, label: string][]; // as rooms.floor.state.ITEMS names them
}

export const OPENING_ITEMS: readonly OpeningItem[] = ["identity", "rights", "recusal", "sham"];

export function openingLabel(item: OpeningItem): string {
  switch (item) {
    case "identity": return t("Identity of both confirmed");
    case "rights": return t("Rights and duties explained");
    case "recusal": return t("Asked whether anybody wants another mediator");
    case "sham": return t("Warned against sham mediation");
  }
}

export function openingDone(item: OpeningItem): string {
  switch (item) {
    case "identity": return t("identity");
    case "rights": return t("rights");
    case "recusal": return t("recusal");
    case "sham": return t("sham mediation");
  }
}

export function scriptOf(phase: Phase, view: View, language: string): Script {
  const name = (role: string): string => view.seats.find((seat) => seat.role === role)?.name ?? "";
  const names = { consumer: name("consumer"), business: name("business"), mediator: name("mediator"), office: view.session.office };
  switch (phase) {
    case "opening":
      return {
        say: t("I am {mediator} of {office} and I chair this mediation. Taking part is voluntary; either of you may stop at any time. What is said in the mediation is kept confidential as the law demands; signs of an offence are followed up. What you concede in order to settle is not written into the record of the mediation. Does either of you have a reason why I should not do this? Please say only what is true: whoever makes up a dispute answers for it under the law.", names),
        items: [
          ["introduced", t("Everybody introduced")], ["voluntary", t("Said that taking part is voluntary")],
          ["recording_explained", t("Recording and consent explained")], ["assisted_asked", t("Asked whether anybody sits beside them")],
        ],
      };
    case "consumer_statement":
      return {
        say: invited(view, language, names) + t("{business}, please listen first; your turn comes right after.", names),
        items: [
          ["request_and_reason", t("The request and the reason")], ["summed_up", t("Summed up, and confirmed by the consumer")],
        ],
      };
    case "business_statement":
      return {
        say: t("{business}, please say how you see it: what was agreed, what was delivered, and what you can offer. {consumer}, please listen; you may answer afterwards.", names),
        items: [
          ["facts_agreed", t("Agrees with which facts")], ["facts_disputed", t("Disputes which facts, and why")],
          ["may_decide", t("Who may decide for the business")],
        ],
      };
    case "discussion":
      return {
        say: t("Let us note what you both agree on, and then what still stands between you. One at a time, please; who wants to speak raises a hand."),
        items: [
          ["undisputed_named", t("Undisputed facts named")], ["open_points_named", t("Open points named")], ["law_explained", t("Articles explained")],
        ],
      };
    case "proposal":
      return {
        say: t("Having heard you both, I see this way: … {consumer}, could you live with it? {business}, could you?", names),
        items: [
          ["who_does_what", t("Who does what")], ["how_much_by_when", t("How much, by when, how")],
          ["both_answered", t("Both have answered")], ["performable", t("Asked whether it can be kept")],
        ],
      };
    case "closing":
      return {
        say: t("I read out what was agreed. Please look at it on your screens and say at once if something is not right. Thank you both for coming."),
        items: [["read_out", t("Result read out")], ["next_steps", t("Next steps explained")], ["ways_out_told", t("Other remedies explained")]],
      };
  }
}

// How the consumer is asked to speak: by kind of dispute, in plain words where there is no card.
function invited(view: View, language: string, names: Record<string, string>): string {
  const said = view.card && spoken(view.card.invite, language);
  const blank = /\{(consumer|business)\}/g;
  const text = said ? said.replace(blank, (_, role: string) => names[role] ?? "") : t("{consumer}, please tell us what happened and what you ask for.", names);
  return language === "zh" ? text : `${text} `;
}

// A line of the card in this language; where the office wrote it in Chinese alone, that.
export function spoken(line: Record<string, string>, language: string): string {
  return line[language] || line.zh || "";
}
