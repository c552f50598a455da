import { signal } from "@preact/signals";
import type { ChosenPicture } from "../pictures/chosen-pictures.ts";

/** What is set for instructions. */
export class InstructionChoices {
  /** Pictures beside the one that is changed, in the order in which the words may speak of them. */
  readonly references = signal<readonly ChosenPicture[]>([]);
  /** Whether what the model left alone stays as it is, or all that was drawn is taken. */
  readonly keepsChangesOnly = signal(true);
}

/** What can be said: a start for those who do not know yet what such models understand. */
export const instructionExamples = [
  "Make it night",
  "Remove the text",
  "Same in green leather",
  "Make it winter",
  "As a pencil drawing",
] as const;
