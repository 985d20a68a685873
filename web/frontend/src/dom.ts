// A small keyed renderer: views describe what should be there, `patch` changes only what differs, so that
// focus, typing and running video survive. Text goes in as text nodes only: nothing here can make markup.

export type Child = Node_ | string | number | null | undefined | false;
export type Children = Child | Children[];

export interface Attrs {
  key?: string;
  class?: string | false;
  on?: Record<string, (event: Event) => void>;
  props?: Record<string, unknown>; // set as properties whenever they differ (checked, srcObject, disabled…)
  hook?: (element: HTMLElement) => void; // after every patch
  drop?: (element: HTMLElement) => void; // before removal
  opaque?: boolean; // children are somebody else's
  [attribute: string]: unknown;
}

interface Node_ {
  tag: string;
  attrs: Attrs;
  children: Children[];
}
export type VNode = Node_;

interface Kept {
  key: string | undefined;
  names: Set<string>;
  handlers: Record<string, (event: Event) => void>;
  drop: ((element: HTMLElement) => void) | undefined;
}

const SVG = "http://www.w3.org/2000/svg";
const RESERVED = new Set(["key", "on", "props", "hook", "drop", "opaque"]);
const kept = new WeakMap<Element, Kept>();

export function h(tag: string, attrs: Attrs = {}, ...children: Children[]): VNode {
  return { tag, attrs, children };
}

// Bring the children of `parent` into the described shape.
export function patch(parent: Element, ...children: Children[]): void {
  const wanted = flat(children);
  const old = Array.from(parent.childNodes);
  const byKey = new Map<string, Element>();
  for (const node of old) {
    const key = node instanceof Element ? kept.get(node)?.key : undefined;
    if (key !== undefined) byKey.set(key, node as Element);
  }
  const used = new Set<ChildNode>();
  let scan = 0;
  const matched = wanted.map((child) => {
    let found: ChildNode | undefined;
    if (typeof child === "object" && child.attrs.key !== undefined) {
      const candidate = byKey.get(child.attrs.key);
      if (candidate && candidate.localName === child.tag && !used.has(candidate)) found = candidate;
    } else {
      for (let i = scan; i < old.length; i++) {
        const node = old[i] as ChildNode;
        if (used.has(node) || !alike(node, child)) continue;
        found = node;
        scan = i + 1;
        break;
      }
    }
    if (found) used.add(found);
    return found;
  });
  // What goes, goes first: then what stays need not be moved, and a moved element would lose its focus.
  for (const node of old) if (!used.has(node)) remove(node);
  let cursor: ChildNode | null = parent.firstChild;
  wanted.forEach((child, index) => {
    const node = matched[index] ?? create(parent, child);
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
    update(node, child);
  });
}

function flat(children: Children[], into: (VNode | string)[] = []): (VNode | string)[] {
  for (const child of children) {
    if (Array.isArray(child)) flat(child, into);
    else if (child === null || child === undefined || child === false) continue;
    else into.push(typeof child === "number" ? String(child) : child);
  }
  return into;
}

function alike(node: ChildNode, child: VNode | string): boolean {
  if (typeof child === "string") return node.nodeType === Node.TEXT_NODE;
  return node instanceof Element && node.localName === child.tag && kept.get(node)?.key === undefined;
}

function create(parent: Element, child: VNode | string): ChildNode {
  if (typeof child === "string") return document.createTextNode(child);
  const inSvg = child.tag === "svg" || parent.namespaceURI === SVG;
  return inSvg ? document.createElementNS(SVG, child.tag) : document.createElement(child.tag);
}

function update(node: ChildNode, child: VNode | string): void {
  if (typeof child === "string") {
    if (node.nodeValue !== child) node.nodeValue = child;
    return;
  }
  const element = node as HTMLElement;
  const { attrs } = child;
  let memory = kept.get(element);
  if (!memory) {
    memory = { key: attrs.key, names: new Set(), handlers: {}, drop: undefined };
    kept.set(element, memory);
  }
  memory.drop = attrs.drop;
  const names = new Set<string>();
  for (const name of Object.keys(attrs)) {
    const value = attrs[name];
    if (RESERVED.has(name) || value === false || value === null || value === undefined) continue;
    const text = value === true ? "" : String(value);
    names.add(name);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
  for (const name of memory.names) if (!names.has(name)) element.removeAttribute(name);
  memory.names = names;
  const handlers = attrs.on ?? {};
  for (const type of Object.keys(handlers)) {
    if (!(type in memory.handlers)) element.addEventListener(type, dispatch);
  }
  memory.handlers = { ...blank(memory.handlers), ...handlers };
  if (!attrs.opaque) patch(element, ...child.children);
  const props = attrs.props ?? {};
  for (const name of Object.keys(props)) {
    const target = element as unknown as Record<string, unknown>;
    if (target[name] !== props[name]) target[name] = props[name];
  }
  attrs.hook?.(element);
}

function blank(handlers: Record<string, unknown>): Record<string, () => void> {
  return Object.fromEntries(Object.keys(handlers).map((type) => [type, () => undefined]));
}

function dispatch(this: unknown, event: Event): void {
  const element = event.currentTarget as Element;
  kept.get(element)?.handlers[event.type]?.(event);
}

function remove(node: ChildNode): void {
  if (node instanceof Element) {
    const walk = (element: Element): void => {
      for (const inner of Array.from(element.children)) walk(inner);
      kept.get(element)?.drop?.(element as HTMLElement);
    };
    walk(node);
  }
  node.remove();
}

// ---------------------------------------------------------------- pieces every view uses

let sprite = "/static/icons.svg";
export function spriteAt(address: string): void {
  sprite = address;
}

export function icon(name: string, kind = "icon"): VNode {
  return h("svg", { class: kind, "aria-hidden": "true" }, h("use", { href: `${sprite}#${name}` }));
}

const MARKS: Record<string, string> = {
  mediator: "调", consumer: "消", business: "商", representative: "代",
  lawyer: "律", interpreter: "译", companion: "助", observer: "观", supervisor: "督",
};

export function mark(role: string, kind = "mark"): VNode {
  return h("span", { class: kind, "data-role": role, "aria-hidden": "true", lang: "zh-CN" }, MARKS[role] ?? "");
}

// A modal dialog; Esc and the buttons call `close`. Focus goes in on opening and back to the opener on closing.
export function modal(key: string, label: string, close: () => void, body: Children[], foot: Children[], kind: string | false = false): VNode {
  return h("dialog", {
    key, class: kind,
    "aria-labelledby": `${key}-title`,
    on: {
      cancel: (event) => {
        event.preventDefault();
        close();
      },
    },
    hook: (element) => {
      const dialog = element as HTMLDialogElement;
      if (dialog.hasAttribute("open")) return;
      openers.set(dialog, document.activeElement);
      if (typeof dialog.showModal === "function") dialog.showModal();
      else dialog.setAttribute("open", ""); // Safari before 15.4
    },
    drop: (element) => {
      const back = openers.get(element);
      if (back instanceof HTMLElement) setTimeout(() => back.isConnected && back.focus(), 0);
    },
  },
    h("div", { class: "dialog-body" }, h("h2", { id: `${key}-title` }, label), ...body, inModals()),
    foot.some(Boolean) && h("div", { class: "dialog-foot" }, ...foot),
  );
}
// What must be seen even while a dialog covers the page.
let inModals: () => Children = () => null;
export function alsoInModals(draw: () => Children): void {
  inModals = draw;
}
const openers = new WeakMap<Element, Element | null>();

export function button(
  label: Children, press: () => void, kind = "btn", attrs: Attrs = {},
): VNode {
  const { on, ...rest } = attrs, said = rest["aria-label"];
  // What is read on it can be said to press it (WCAG 2.5.3): a fuller name has those words in it.
  const read = (Array.isArray(label) ? label : [label]).filter((child) => typeof child === "string").join("");
  if (typeof said === "string" && !said.toLowerCase().includes(read.toLowerCase())) rest["aria-label"] = `${read} ${said}`;
  return h("button", { type: "button", class: kind, ...rest, on: { ...on, click: () => press() } }, label);
}
