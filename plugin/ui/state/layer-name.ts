/** Characters of the prompt that a layer's name shows; Penpot's layer list is narrow. */
const MAX_SHOWN_CHARACTERS = 40;

/** Name of the inserted layer. A slash would make Penpot file it under a path. */
export function layerName(prompt: string): string {
  const words = prompt.replaceAll("/", " ").replaceAll(/\s+/g, " ").trim();
  if (words === "") return "Overpaint fill";
  const characters = [...words];
  return characters.length > MAX_SHOWN_CHARACTERS
    ? `${characters
        .slice(0, MAX_SHOWN_CHARACTERS - 1)
        .join("")
        .trimEnd()}…`
    : words;
}
