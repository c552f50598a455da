import { computed, signal } from "@preact/signals";
import type { DrawingTask } from "../../../shared/protocol/edit-task.ts";
import type { Problem } from "../app/problems/problem.ts";
import type { EditJob } from "../jobs/list/edit-job.ts";
import type { EditSession } from "./edit-session.ts";

/** What the stage shows in the place of the draft: a job, and which of its variants. */
export interface Shown {
  readonly job: EditJob;
  /** Without a number, the one that is being drawn or, once the job is over, the first. */
  readonly variant: number | undefined;
  /** What to go back to where the job brings nothing. */
  readonly before: Shown | undefined;
}

/** A finished variant by its number. */
export interface JobVariant {
  readonly job: EditJob;
  readonly number: number;
}

/** What was put into the document last. */
export interface Placed {
  readonly shapeId: string;
  readonly mediaId: string;
  readonly words: string;
  /** By which the insertion can be taken back. */
  readonly placementId?: string;
}

/** What a tab holds of the next edit of a picture, or of the next new picture, and which result is looked at. */
export class Draft {
  readonly task: DrawingTask;
  /** The picture; a new one has none. */
  readonly session: EditSession | undefined;
  readonly prompt = signal("");
  readonly problem = signal<Problem | undefined>(undefined);
  /** Something worth knowing that needs no decision. */
  readonly notice = signal<string | undefined>(undefined);
  readonly placed = signal<Placed | undefined>(undefined);
  readonly #inserted = signal<JobVariant | undefined>(undefined);
  /** The variant that was inserted last, which its picture goes on to show until something else is begun. */
  readonly inserted = computed(() => this.#inserted.value?.job.variant(this.#inserted.value.number));
  readonly isComparing = signal(false);
  /** Where before and after meet while both are shown, as a share of the width; undefined shows one of them. */
  readonly split = signal<number | undefined>(undefined);
  readonly #pointer = signal<Shown | undefined>(undefined);
  readonly shown = computed(() => {
    let shown = this.#pointer.value;
    while (shown?.job.isBarren.value) shown = shown.before;
    return shown;
  });
  /** The finished variant that is looked at. */
  readonly chosen = computed(() => {
    const shown = this.shown.value;
    if (shown === undefined) return undefined;
    const { job, variant } = shown;
    return job.variant(variant) ?? (job.isOver.value ? job.variants.value[0] : undefined);
  });
  /** Where the variant belongs whose picture the stage shows. */
  readonly onStage = computed((): JobVariant | undefined => {
    const [job, chosen] = [this.shown.value?.job, this.chosen.value];
    return job && chosen ? { job, number: chosen.result.variant } : this.#inserted.value;
  });
  /** True while the stage shows the draft itself. */
  readonly isIdle = computed(() => this.shown.value === undefined);
  /** True while the job that is shown goes on. */
  readonly isRunning = computed(() => this.shown.value?.job.isActive.value === true);

  constructor(task: DrawingTask, session?: EditSession) {
    this.task = task;
    this.session = session;
  }

  /** Without a job, the draft itself. */
  show(job: EditJob | undefined, variant?: number): void {
    this.isComparing.value = false;
    if (job === undefined) this.split.value = undefined;
    const now = this.shown.peek();
    this.#pointer.value = job && { job, variant, before: now?.job === job ? now.before : now };
  }

  /** Goes on to show a variant in its picture, now that it is inserted. */
  showInserted(inserted: JobVariant): void {
    this.#inserted.value = inserted;
  }

  /** What was inserted may have been moved or taken away since. */
  hideInserted(): void {
    this.#inserted.value = undefined;
  }

  /** Says something behind what is said already. */
  addNotice(words: string): void {
    this.notice.value = [this.notice.peek() ?? [], words].flat().join(" ");
  }

  /** Takes back what the panel said about the last attempt. */
  clearMessages(): void {
    this.problem.value = undefined;
    this.notice.value = undefined;
    this.placed.value = undefined;
    this.hideInserted();
  }
}
