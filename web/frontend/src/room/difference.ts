// What an edit took out of a text and put into it, sign by sign. Pure.

export interface Stretch {
  kind: "same" | "del" | "ins";
  text: string;
}

const MOST_SIGNS = 1200; // of either text: beyond, the whole is shown as replaced

// Shortest way from one text to the other, with stretches too short to be read on their own joined to their neighbours.
export function difference(before: string, after: string): Stretch[] {
  if (before === after) return after ? [{ kind: "same", text: after }] : [];
  const a = tokens(before);
  const b = tokens(after);
  if (a.length > MOST_SIGNS || b.length > MOST_SIGNS) return replaced(before, after);
  return readable(walk(a, b));
}

// A number, in figures or in capital numerals, or a Latin word is one sign: half a sum crossed out cannot be read.
function tokens(text: string): string[] {
  return text.match(/[0-9][0-9,.]*|[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整]{2,}|[A-Za-z]+|[\s\S]/gu) ?? [];
}

function replaced(before: string, after: string): Stretch[] {
  const all: Stretch[] = [{ kind: "del", text: before }, { kind: "ins", text: after }];
  return all.filter((stretch) => stretch.text);
}

function walk(a: string[], b: string[]): Stretch[] {
  const width = b.length + 1;
  const common = new Uint16Array((a.length + 1) * width); // longest common part of what is left
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      common[at] = a[i] === b[j] ? common[at + width + 1]! + 1 : Math.max(common[at + width]!, common[at + 1]!);
    }
  }
  const out: Stretch[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) add(out, "same", a[i++]!), j++;
    else if (i < a.length && (j >= b.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)) add(out, "del", a[i++]!);
    else add(out, "ins", b[j++]!);
  }
  return out;
}

function add(out: Stretch[], kind: Stretch["kind"], text: string): void {
  const last = out[out.length - 1];
  if (last?.kind === kind) last.text += text;
  else out.push({ kind, text });
}

// One common sign between two changes is no common ground: the changes become one, first what went, then what came.
function readable(stretches: Stretch[]): Stretch[] {
  const out: Stretch[] = [];
  let gone = "";
  let come = "";
  const flush = (): void => {
    if (gone) add(out, "del", gone);
    if (come) add(out, "ins", come);
    gone = come = "";
  };
  stretches.forEach((stretch, index) => {
    if (stretch.kind === "del") gone += stretch.text;
    else if (stretch.kind === "ins") come += stretch.text;
    else if ([...stretch.text].length < 2 && (gone || come) && index < stretches.length - 1) {
      gone += stretch.text;
      come += stretch.text;
    } else {
      flush();
      add(out, "same", stretch.text);
    }
  });
  flush();
  return out;
}
