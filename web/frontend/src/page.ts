// What the server put into the page: one JSON data block, read once.
import { spriteAt } from "./dom";
import type { Trial } from "./media/trial";
import { speak } from "./words";

export interface Page {
  language: string;
  zone: string;
  words: Record<string, string>;
  icons: string;
  later?: string[]; // the files of what is fetched when it is wanted; a party's room only
  session: string; // "" for a party: their cookie says which
  office: string;
  office_short?: string;
  office_phone: string;
  consent_version: string;
  captions: boolean; // there is a speech engine
  form_token: string;
  texts: string; // editions that this page shows with a question; of a newer program the room takes no answer
  links: Record<string, string>;
  trial?: Trial | null; // the device check only
  law?: string; // where articles are looked up; the cockpit only
  cases?: string; // where typical cases are looked up; the cockpit only
  experience?: string; // where notes of experience are looked up; the cockpit only
  kinds?: { kind: string; title: string }[]; // of disputes there are script cards for; the cockpit only
  numbers?: string; // where a party's number is asked for, "" of who has the case not in hand; the cockpit only
  officer?: string; // whose choices are kept in this browser; the cockpit only
  saved_signature?: "" | "kept" | "locked"; // the mediator's own stored drawing; the cockpit only
  seal_only?: boolean; // this office's papers are sealed without the mediator's signature; the cockpit only
  phone?: boolean; // a telephone line is connected; the cockpit only
  dials_in?: boolean; // and there is a number to dial in to
  note?: string; // the mediator's own note; the cockpit only
  csrf: string;
  files: string; // where exhibits are sent to and come from
  grounds: { number: number; gist: string }[];
}

export function readPage(): Page {
  const block = document.getElementById("page-data");
  const page = JSON.parse(block?.textContent ?? "{}") as Page;
  spriteAt(page.icons);
  speak(page.language, page.words, page.zone);
  return page;
}
