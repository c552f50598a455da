import { computed, signal } from "@preact/signals";
import type { JobTarget } from "../../../shared/protocol/api.ts";
import type { EditResult, Preview } from "../../../shared/protocol/edit-event.ts";
import type { PaintingTask } from "../../../shared/protocol/edit-task.ts";
import type { Picture } from "../canvas/picture.ts";
import type { EditRun } from "../engines/edit-engine.ts";
import type { EditSession } from "./edit-session.ts";
import type { Problem } from "./problem.ts";

/** A variant whose picture is here. */
export interface FinishedVariant {
  readonly result: EditResult;
  readonly png: Uint8Array<ArrayBuffer>;
  readonly picture: Picture;
  /** True once it is in the document. */
  readonly isPlaced: boolean;
}

/** What a run has so far: the same while it goes on and when it is over. */
interface RunState {
  readonly run: EditRun;
  /** The shape it is meant for; absent for a picture that goes onto the page. */
  readonly target: JobTarget | undefined;
  /** How many variants were asked for. */
  readonly count: number;
  /** In the order of their numbers. */
  readonly variants: readonly FinishedVariant[];
  readonly isPlacing: boolean;
}

export type EditPhase =
  | { readonly type: "idle" }
  | { readonly type: "starting" }
  | (RunState & {
      readonly type: "running";
      /** Jobs ahead in the queue. */
      readonly ahead: number;
      /** Whether the engine said that the model is loaded. */
      readonly isLoaded: boolean;
      readonly progress: { readonly variant: number; readonly step: number; readonly steps: number } | undefined;
      readonly preview: Preview | undefined;
      readonly isCancelling: boolean;
      /** Number of the finished variant that is looked at; undefined shows the one that runs. */
      readonly chosen: number | undefined;
    })
  | (RunState & { readonly type: "result"; readonly chosen: number });

/** What was put into the document last. */
export interface Placed {
  readonly shapeId: string;
  readonly words: string;
}

/** One of the five edits of one picture, or the making of a new one: its words, progress and results. */
export class Edit {
  readonly task: PaintingTask;
  /** The picture; a new one has none. */
  readonly session: EditSession | undefined;
  readonly prompt = signal("");
  readonly phase = signal<EditPhase>({ type: "idle" });
  readonly problem = signal<Problem | undefined>(undefined);
  /** Something worth knowing that needs no decision. */
  readonly notice = signal<string | undefined>(undefined);
  readonly placed = signal<Placed | undefined>(undefined);
  /** The variant that was inserted last, which its picture goes on to show until something else is begun. */
  readonly inserted = signal<FinishedVariant | undefined>(undefined);
  readonly isComparing = signal(false);
  readonly chosen = computed(() => chosenVariant(this.phase.value));
  readonly isIdle = computed(() => this.phase.value.type === "idle");

  constructor(task: PaintingTask, session?: EditSession) {
    this.task = task;
    this.session = session;
  }

  /** Takes back what the panel said about the last attempt. */
  clearMessages(): void {
    this.problem.value = undefined;
    this.notice.value = undefined;
    this.placed.value = undefined;
    this.showInserted(undefined);
  }

  /** Takes the variant's picture over, and closes the one before. */
  showInserted(variant: FinishedVariant | undefined): void {
    const before = this.inserted.peek();
    this.inserted.value = variant;
    before?.picture.close();
  }
}

/** The finished variant that is looked at. */
export function chosenVariant(phase: EditPhase): FinishedVariant | undefined {
  if (phase.type !== "running" && phase.type !== "result") return undefined;
  return phase.variants.find(({ result }) => result.variant === phase.chosen);
}
