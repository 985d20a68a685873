// The procedure of a complaint around its mediations, said in words: one sentence for every kind of event.
import { type Members } from "./canonical";
import { say, type Say } from "./report";

type Tell = (data: Members) => Say;

export function word(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

const plain = (id: string): Tell => () => say(id);

export const PROCEDURE: Record<string, Tell> = {
  NoticeIssued: (data) => say("Notice issued: {number}", { number: word(data.number) }),
  NoticeWithdrawn: (data) => say("Notice {number} withdrawn: {reason}", { number: word(data.number), reason: word(data.reason) }),
  NoticeRead: (data) => say(data.whom === "business" ? "The business read notice {number} on the phone" : "The complainant read notice {number} on the phone", { number: word(data.number) }),
  NoticeAgreed: (data) => say("The complainant agreed to the text on filing, {version}", { version: word(data.version) }),
  NewsWanted: (data) => say(data.wanted === true ? "The complainant wants news by message" : "The complainant wants no more messages"),
  AnswerInvited: (data) => say("The business was asked for a written answer by {day}", { day: word(data.due) }),
  AnswerOpened: plain("The business opened the invitation to answer"),
  AnswerGiven: (data) => say("The business answered in writing ({name})", { name: word(data.by) }),
  AnswerAdded: plain("The business added to its answer"),
  AnswerMissed: plain("The business did not answer in time"),
  AnswerWithdrawn: (data) => say("The invitation to answer was withdrawn: {reason}", { reason: word(data.reason) }),
  TestingBegun: (data) => say("Testing by {body} began; the clock stands", { body: word(data.body) }),
  TestingEnded: plain("Testing ended; the clock runs on"),
  RecusalRequested: (data) => say("It was asked that the mediator withdraw: {reason}", { reason: word(data.reason) }),
  RecusalDecided: (data) => say(data.granted === true ? "The mediator withdraws: {reason}" : "The mediator continues: {reason}", { reason: word(data.reason) }),
  MediationEnded: (data) => say("Mediation terminated, ground no. {number}", { number: word(data.ground) }),
  MediationDelegated: (data) => say("Mediation delegated to {name}", { name: word(data.to) }),
  DelegationEnded: (data) => say("The delegation ended: {reason}", { reason: word(data.reason) }),
  CompetenceDisputed: (data) => say("Competence disputed with {name}: {reason}", { name: word(data.other), reason: word(data.reason) }),
  CompetenceSettled: plain("The dispute about competence is settled"),
  OrderChosen: (data) => say("Order {order} applies: {reason}", { order: word(data.order), reason: word(data.reason) }),
  Dispatched: (data) => say("Dispatched to {name}", { name: word(data.to) }),
  ReturnedToIntake: (data) => say("Returned to the intake unit: {reason}", { reason: word(data.reason) }),
  Supervised: (data) => say("A supervisor noted: {text}", { text: word(data.note) }),
  ReportSplit: plain("A report in it was split off and is handled apart"),
  LeadNoted: plain("A lead found in it is handled apart"),
  RecordAmended: (data) => say("The record was corrected: {reason}", { reason: word(data.reason) }),
  ImportUndone: (data) => say("The import it came by was undone: {reason}", { reason: word(data.reason) }),
  SourceUpdated: plain("Its channel sent it once more with changes"),
  TriageConfirmed: plain("Its classification was confirmed"),
  ComplaintMerged: (data) => say("Merged with {number}: one dispute", { number: word(data.number) }),
  MergeUndone: (data) => say("The merge was undone: {reason}", { reason: word(data.reason) }),
  NotADuplicate: (data) => say("Not the same dispute as {number}", { number: word(data.number) }),
  ComplaintWithdrawn: plain("The complainant withdrew it"),
  AttachmentAdded: (data) => say("File attached: {name}, SHA-256 {digest}…", { name: word(data.name), digest: word(data.sha256).slice(0, 12) }),
  AttachmentTaken: plain("An attached file was downloaded"),
  AttachmentRemoved: (data) => say("An attached file was removed: {reason}", { reason: word(data.reason) }),
  TermKept: (data) => say("Promise {number} was kept", { number: word(data.term) }),
  TermKeptTakenBack: (data) => say("Taken back: promise {number} was kept. {reason}", { number: word(data.term), reason: word(data.reason) }),
  TermReminded: (data) => say(data.when === "before" ? "The side that owes promise {number} was reminded of its day"
    : data.when === "escalated" ? "Promise {number} is a week late: the supervisor's to look at" : "The day of promise {number} passed; the office was told", { number: word(data.term) }),
  CallTakenBack: (data) => say("Taken back: call-back {number}. {reason}", { number: word(data.ordinal), reason: word(data.reason) }),
  CalledBack: (data) => say(data.reached === true ? "The office called back" : "The office called back and reached nobody"),
  QuestionsSent: (data) => say(data.whom === "business"
    ? (data.when === "due" ? "The business was asked whether the promise was kept" : "The business was asked how the mediation was")
    : (data.when === "due" ? "The complainant was asked whether the promise was kept" : "The complainant was asked how the mediation was")),
  QuestionsAnswered: (data) => say(data.whom === "business"
    ? (data.talk === true ? "The business answered the questions and wants to be called" : "The business answered the questions")
    : (data.talk === true ? "The complainant answered the questions and wants to be called" : "The complainant answered the questions")),
};
