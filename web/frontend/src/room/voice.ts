// The polite live region: sentences come one after another and are cleared once read.

export function announcer(place: HTMLElement): (sentence: string) => void {
  const queue: string[] = [];
  let speaking = false;
  const next = (): void => {
    const sentence = queue.shift();
    speaking = sentence !== undefined;
    place.textContent = sentence ?? "";
    if (speaking) setTimeout(next, 1500); // screen readers miss a text that is replaced sooner
  };
  return (sentence) => {
    if (queue.length > 8) queue.shift();
    queue.push(sentence);
    if (!speaking) next();
  };
}
