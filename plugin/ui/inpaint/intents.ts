import type { InpaintIntent } from "../../../shared/protocol/edit-request.ts";

/** What an inpainting can be for, by name, and what each does. */
export const intents: readonly { readonly value: InpaintIntent; readonly label: string; readonly title: string }[] = [
  { value: "auto", label: "Auto", title: "Worked out from the words and what is painted over" },
  { value: "fill", label: "Fill", title: "Continue what is around it" },
  { value: "add", label: "Add", title: "Put something new onto what is there" },
  { value: "replace", label: "Replace", title: "Something else in the place of what is there" },
  { value: "remove", label: "Remove", title: "Take it away and continue what is behind it" },
  { value: "background", label: "Background", title: "Draw the background anew; what stands before it stays" },
];
