import type { EditTask } from "../../../../shared/protocol/edit-task.ts";

/** Characters of the prompt that a layer's name shows; Penpot's layer list is narrow. */
const MAX_SHOWN_CHARACTERS = 40;

const namesWithoutPrompt: Readonly<Record<EditTask, string>> = {
  inpaint: "Overpaint fill",
  outpaint: "Overpaint extension",
  restyle: "Overpaint restyle",
  upscale: "Overpaint upscale",
  create: "Overpaint picture",
  edit: "Overpaint edit",
  cutout: "Overpaint cut-out",
};

/** Name of the inserted layer. A slash would make Penpot file it under a path. */
export function layerName(prompt: string, task: EditTask): string {
  const words = prompt.replaceAll("/", " ").replaceAll(/\s+/g, " ").trim();
  if (words === "") return namesWithoutPrompt[task];
  const characters = [...words];
  return characters.length > MAX_SHOWN_CHARACTERS
    ? `${characters
        .slice(0, MAX_SHOWN_CHARACTERS - 1)
        .join("")
        .trimEnd()}…`
    : words;
}
