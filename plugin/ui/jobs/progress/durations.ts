import { effect, signal } from "@preact/signals";
import type { EditRequest } from "../../../../shared/protocol/edit-request.ts";
import type { PixelSize } from "../../../../shared/protocol/geometry.ts";
import type { EditJob } from "../list/edit-job.ts";

/** A size class: pictures within half an octave of pixels take about as long. */
const SIZE_CLASSES_PER_OCTAVE = 2;

/** What the time of a variant depends on. */
export interface TimedEdit {
  readonly place: string;
  readonly request: Pick<EditRequest, "task" | "model" | "steps">;
  /** Of the picture, or of the one that is made. */
  readonly size: PixelSize | undefined;
}

/** How long variants took on this machine, by what it depends on. Nothing is promised before it was measured. */
export class Durations {
  /** Milliseconds a variant, without loading the model. */
  readonly #measured = signal<Readonly<Record<string, number>>>({});
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Milliseconds for `count` variants; undefined where nothing like it was drawn yet. */
  estimate(draft: TimedEdit, count: number): number | undefined {
    const measured = this.#measured.value[keyOf(draft)];
    return measured === undefined ? undefined : measured * count;
  }

  /** Measures a job from its first step to its end. */
  watch(job: EditJob): void {
    let start: { readonly at: number; readonly place: string; readonly steps: number } | undefined;
    const stop = effect(() => {
      const state = job.state.value;
      // The first step includes loading the model; what follows tells the pace.
      if (state.type === "running" && state.progress !== undefined && start === undefined)
        start = { at: this.#now(), place: state.place, steps: state.progress.steps };
      if (!job.isOver.value) return;
      if (state.type === "done" && start !== undefined) this.#learn(job, start);
      queueMicrotask(() => stop());
    });
  }

  #learn(job: EditJob, start: { readonly at: number; readonly place: string; readonly steps: number }): void {
    const total = start.steps * job.request.count;
    if (total < 2) return;
    const perStep = (this.#now() - start.at) / (total - 1);
    const key = keyOf({ place: start.place, request: job.request, size: sizeOf(job) });
    this.#measured.value = { ...this.#measured.peek(), [key]: perStep * start.steps };
  }
}

function sizeOf({ request, sourceSize }: EditJob): PixelSize | undefined {
  return request.task === "create" || request.task === "upscale" ? request : sourceSize;
}

function keyOf({ place, request: { task, model, steps }, size }: TimedEdit): string {
  const pixels = size === undefined ? 0 : Math.log2(size.width * size.height) * SIZE_CLASSES_PER_OCTAVE;
  return `${place}/${model}/${task}/${steps ?? "auto"}/${Math.round(pixels)}`;
}
