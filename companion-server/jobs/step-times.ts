import type Database from "libsql";
import { z } from "zod";
import type { EditEvent } from "../../shared/protocol/edit-event.ts";
import type { EditRequest } from "../../shared/protocol/edit-request.ts";
import type { PixelSize } from "../../shared/protocol/geometry.ts";

type ToldStep = Extract<EditEvent, { readonly type: "step" }>;

/** Edits that take about the same time on the same device. */
export type EditKind = string & { readonly __brand: "EditKind" };

/** Sizes whose numbers of pixels are within a factor of √2 of each other count as one. */
export function editKind(request: EditRequest, source: PixelSize | undefined): EditKind {
  const { width, height } = "width" in request && "height" in request ? request : (source ?? { width: 1, height: 1 });
  const size = Math.round(Math.log2(Number(width) * Number(height)));
  return JSON.stringify([request.task, request.model, request.precision, request.steps, size]) as EditKind;
}

const spentSchema = z.array(z.object({ task: z.string(), model: z.string(), spent: z.number() }));

/** How much of a new measurement goes into what is remembered: a machine may just have been busy. */
const NEW_SHARE = 0.5;

/** How long steps took on this machine's devices, kept with the ledger. */
export class StepTimes {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  /**
   * @param milliseconds of one step
   * @param steps of one variant
   */
  add(kind: EditKind, device: string, milliseconds: number, steps: number): void {
    this.#database
      .prepare(
        `INSERT INTO step_times (kind, device, milliseconds, steps, number)
         VALUES (?, ?, ?, ?, (SELECT ifnull(max(number), 0) + 1 FROM step_times))
         ON CONFLICT (kind, device) DO UPDATE SET number = excluded.number, steps = excluded.steps,
           milliseconds = milliseconds * (1 - ?) + excluded.milliseconds * ?`,
      )
      .run(kind, device, milliseconds, steps, NEW_SHARE, NEW_SHARE);
  }

  /** Milliseconds that a variant takes on the device that drew the last such edit; undefined where there was none. */
  estimate(kind: EditKind): number | undefined {
    const row = this.#database
      .prepare("SELECT milliseconds * steps AS spent FROM step_times WHERE kind = ? ORDER BY number DESC LIMIT 1")
      .get(kind);
    return z.object({ spent: z.number() }).safeParse(row).data?.spent;
  }

  /** Milliseconds that the steps of the last picture of each model took, by the model's id and by the task. */
  ofModels(): ReadonlyMap<string, Readonly<Record<string, number>>> {
    // Of what is grouped SQLite answers the row of the maximum.
    const rows = this.#database
      .prepare(
        `SELECT json_extract(kind, '$[0]') AS task, json_extract(kind, '$[1]') AS model, milliseconds * steps AS spent, max(number)
         FROM step_times GROUP BY task, model`,
      )
      .all();
    const found = new Map<string, Readonly<Record<string, number>>>();
    for (const { task, model, spent } of spentSchema.parse(rows))
      found.set(model, { ...found.get(model), [task]: spent });
    return found;
  }
}

/** Measures the steps of one job as they are told. */
export class StepTimer {
  readonly #now: () => number;
  #device: string | undefined;
  #last: { readonly at: number; readonly variant: number; readonly step: number } | undefined;
  #spent = 0;
  #measured = 0;
  #steps = 0;

  /** @param now milliseconds from any origin, of a clock that does not jump */
  constructor(now: () => number) {
    this.#now = now;
  }

  started(device: string): void {
    this.#device = device;
    this.#last = undefined;
    this.#spent = 0;
    this.#measured = 0;
  }

  /** The first step of a variant is not measured: it includes what comes before the steps. Some may never be told. */
  step({ variant, step, steps }: Pick<ToldStep, "variant" | "step" | "steps">): void {
    const at = this.#now();
    if (this.#last?.variant === variant && step > this.#last.step) {
      this.#spent += at - this.#last.at;
      this.#measured += step - this.#last.step;
    }
    this.#last = { at, variant, step };
    this.#steps = steps;
  }

  /** Undefined before the second step. */
  get outcome(): { readonly device: string; readonly milliseconds: number; readonly steps: number } | undefined {
    if (this.#device === undefined || this.#measured === 0) return undefined;
    return { device: this.#device, milliseconds: this.#spent / this.#measured, steps: this.#steps };
  }
}
