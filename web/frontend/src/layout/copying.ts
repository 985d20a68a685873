// Copying an address: the button says that it is done. Printing beside it.
import { all } from "./all";

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-copy]") : null;
  if (!button) return;
  const text = button.dataset.copy ?? "";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copiedByHand(text)) return;
  }
  const place = button.querySelector("[data-said]");
  if (place && button.dataset.said) place.textContent = button.dataset.said;
});

// Old WebViews and plain http have no clipboard object.
function copiedByHand(text: string): boolean {
  const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  return copied;
}

for (const button of all("[data-print]")) button.addEventListener("click", () => window.print());
