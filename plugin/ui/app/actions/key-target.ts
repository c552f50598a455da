const typesNothing: ReadonlySet<string> = new Set(["range", "checkbox", "radio", "file"]);

/** True when a key press belongs to a text field. Sliders, check boxes and radio buttons type nothing. */
export function isTyping({ target }: KeyboardEvent): boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !typesNothing.has(target.type);
}

/** True when the space bar or Enter has a meaning of its own where it is pressed. */
export function isForControl({ key, target }: KeyboardEvent): boolean {
  const controls = key === " " ? "button, summary, input, select, textarea" : "button, summary, a, [popover]";
  return target instanceof Element && target.closest(controls) !== null;
}

/** The check box or radio button that a press of Enter is for: browsers leave it to the space bar alone. */
export function choiceOf({ key, target }: KeyboardEvent): HTMLInputElement | undefined {
  if (key !== "Enter" || !(target instanceof HTMLInputElement)) return undefined;
  return target.type === "checkbox" || target.type === "radio" ? target : undefined;
}
