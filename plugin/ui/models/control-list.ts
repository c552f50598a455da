import { signal } from "@preact/signals";
import { type ControlKind, controlKinds, MAX_CONTROLS, type PlannedControl } from "../../../shared/protocol/control.ts";
import type { EditRequest } from "../../../shared/protocol/edit-request.ts";
import type { DrawingTask } from "../../../shared/protocol/edit-task.ts";
import type { ModelId } from "../../../shared/protocol/models/model-facts.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { type ChosenPicture, requireKept } from "../pictures/chosen-pictures.ts";
import { takesMask } from "../pictures/edit-session.ts";

/** What a ControlNet is shown of a picture, whose own picture it is: "source" is the picture as it is. */
export type ShownKind = Exclude<ControlKind, "raw">;
export const shownKinds = controlKinds.filter((kind): kind is ShownKind => kind !== "raw");

/** A ControlNet that holds the picture to what it is shown. */
export interface ControlChoice extends Omit<PlannedControl, "kind"> {
  readonly model: ModelId;
  readonly kind: ShownKind;
  /** What it is shown. Absent: the picture that is edited or, for an outline, its mask. */
  readonly picture: ChosenPicture | undefined;
}

/** The ControlNets that were chosen, in the order of their choice. Each is used with the models that it fits. */
export class ControlList {
  readonly choices = signal<readonly ControlChoice[]>([]);

  add(model: ModelId, kind: ShownKind): void {
    this.choices.value = [...this.choices.peek(), { model, kind, strength: 1, start: 0, end: 1, picture: undefined }];
  }

  /** Ignores what would leave nothing between start and end. */
  change(index: number, change: Partial<ControlChoice>): void {
    const changed = this.choices.peek().map((choice, k) => (k === index ? { ...choice, ...change } : choice));
    if (changed.every(({ start, end }) => start < end)) this.choices.value = changed;
  }

  remove(index: number): void {
    this.choices.value = this.choices.peek().filter((_, k) => k !== index);
  }

  /** Takes over what a job asked for. Its pictures are not told and come later. */
  restore({ controls }: Pick<EditRequest, "controls">): void {
    this.choices.value = controls.map(({ kind, ...choice }) => ({
      ...choice,
      kind: kind === "raw" ? "source" : kind,
      picture: undefined,
    }));
  }
}

/** Whether there is something for a control to look at: the edit's own picture or mask, or one that was chosen. */
export function canShow(kind: ShownKind, task: DrawingTask, picture: ChosenPicture | undefined): boolean {
  if (picture !== undefined) return true;
  return kind === "outline" ? takesMask(task) : task !== "create";
}

/**
 * The controls of a request.
 *
 * Throws OverpaintError `invalid-request` for more than can be and for one without a picture, or whose picture is lost.
 */
export function requestedControls(choices: readonly ControlChoice[], task: DrawingTask): EditRequest["controls"] {
  if (choices.length > MAX_CONTROLS)
    throw new OverpaintError(
      "invalid-request",
      `${choices.length} ControlNets are on; ${MAX_CONTROLS} can be.`,
      "Remove some.",
    );
  return choices.map(({ picture, kind, ...choice }) => {
    if (picture) requireKept([picture]);
    if (!canShow(kind, task, picture))
      throw new OverpaintError(
        "invalid-request",
        `The ControlNet ${choice.model} has nothing to look at.`,
        "Choose a picture for it, or remove it.",
      );
    return { ...choice, kind: kind === "source" && picture ? "raw" : kind };
  });
}
