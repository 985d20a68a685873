// Everything a selector finds, as a list.
export function all<Of extends HTMLElement = HTMLElement>(css: string, root: ParentNode = document): Of[] {
  return Array.from(root.querySelectorAll<Of>(css));
}
