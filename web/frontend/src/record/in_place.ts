// Sends a form without leaving the page. The answer is the whole page as it is then; of it only the element `part` is taken, and
// `drawn` is told. Whatever fails is sent the plain way.
export async function sendInPlace(
  form: HTMLFormElement, part: string, drawn: (placed: HTMLElement, page: Document) => void,
  before: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const button = form.querySelector("button:not([type=button])");
  if (button?.getAttribute("aria-busy") === "true") return;
  button?.setAttribute("aria-busy", "true");
  await before();
  try {
    const body = new URLSearchParams();
    new FormData(form).forEach((value, name) => body.append(name, String(value)));
    const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part);
    if (!fresh) throw new Error(`no ${part} in the answer`);
    const placed = document.importNode(fresh, true);
    document.getElementById(part)?.replaceWith(placed);
    drawn(placed, page);
  } catch {
    button?.removeAttribute("aria-busy");
    form.submit();
  }
}
