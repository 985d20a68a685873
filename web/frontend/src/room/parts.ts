// Parts of the view that travel apart (docs/wire.md, "Parts"): put together from the messages that carry them. Pure.
import type { PartMessage, View } from "./wire";

type Fields = Record<string, unknown>;

export interface Part {
  edition: number; // 0: its first messages came, the one that completes it has not
  members: Fields;
  items: Record<string, Record<string, Fields>>; // path of a list -> key -> the item's fields
  order: Record<string, string[]>;
  slices: Record<string, string>; // by where they belong, as JSON
  whole: Partial<View>; // as of `edition`
}

export type Parts = Record<string, Part>;

const NEW: Part = { edition: 0, members: {}, items: {}, order: {}, slices: {}, whole: {} };

// Until a message names an edition, the whole stays as it was.
export function taken(parts: Parts, message: PartMessage): Parts {
  const before = parts[message.name] ?? NEW;
  let part: Part = {
    ...before,
    members: { ...before.members, ...message.members },
    items: itemsOf(before.items, message.items ?? {}),
    order: { ...before.order, ...message.order },
  };
  if (message.slice) {
    const at = JSON.stringify(message.slice.at);
    part.slices = { ...part.slices, [at]: (part.slices[at] ?? "") + message.slice.text };
  }
  if (message.edition !== undefined) {
    part = sliced(part);
    part = { ...part, edition: message.edition, whole: whole(part) };
  }
  return { ...parts, [message.name]: part };
}

function itemsOf(before: Part["items"], came: Part["items"]): Part["items"] {
  const items = { ...before };
  for (const [path, each] of Object.entries(came)) {
    const list = { ...items[path] };
    for (const [key, fields] of Object.entries(each)) list[key] = { ...list[key], ...fields };
    items[path] = list;
  }
  return items;
}

function sliced(part: Part): Part {
  let { members, items } = part;
  for (const [at, text] of Object.entries(part.slices)) {
    const [path, key, field] = JSON.parse(at) as [string, string?, string?];
    const value: unknown = JSON.parse(text);
    if (key === undefined || field === undefined) members = { ...members, [path]: value };
    else items = itemsOf(items, { [path]: { [key]: { [field]: value } } });
  }
  return { ...part, members, items, slices: {} };
}

function whole(part: Part): Partial<View> {
  const made = { ...part.members };
  for (const [path, keys] of Object.entries(part.order)) {
    const way = path.split(".");
    const last = way.pop() as string;
    let holder: Fields | null = made;
    for (const step of way) {
      const inner: unknown = holder[step];
      if (inner === null || inner === undefined) {
        holder = null;
        break;
      }
      holder[step] = { ...(inner as Fields) };
      holder = holder[step] as Fields;
    }
    if (!holder || holder[last] === null || holder[last] === undefined) continue;
    const items = part.items[path] ?? {};
    holder[last] = Array.isArray(holder[last])
      ? keys.map((key) => items[key])
      : Object.fromEntries(keys.map((key) => [key, items[key]]));
  }
  return made as Partial<View>;
}

// What belongs to a view that names these parts.
export function belonging(parts: Parts, editions: Record<string, number>): { parts: Parts; members: Partial<View> } {
  const kept: Parts = {};
  let members: Partial<View> = {};
  for (const name of Object.keys(editions)) {
    const part = parts[name];
    if (!part) continue;
    kept[name] = part;
    members = { ...members, ...part.whole };
  }
  return { parts: kept, members };
}
