import { z } from "zod";
import { type Job, type JobId, jobIdSchema, jobStates } from "../../shared/protocol/api.ts";
import { type EditEvent, type EditResult, editEventSchema } from "../../shared/protocol/edit-event.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { JobPage, JobQuery, JobScope, NewJob } from "./job-queue.ts";
import type { LedgerFile } from "./ledger-file.ts";
import { askedJobSchema } from "./saved-job.ts";

/** An event with its number in the job's log. */
export interface StoredEvent {
  /** 1 for a job's first event, then without gaps. */
  readonly id: number;
  readonly event: EditEvent;
}

const jobRowSchema = z.object({
  number: z.number(),
  id: jobIdSchema,
  owner: z.string().nullable(),
  created_at: z.number(),
  due: z.number(),
  job: z.string(),
  state: z.enum(jobStates),
  attempts: z.number(),
  interruptions: z.number(),
  is_acknowledged: z.number(),
});
export type JobRow = z.output<typeof jobRowSchema>;

const eventRowSchema = z.object({ number: z.number(), event: z.string() });
export const countSchema = z.object({ count: z.number() });

/** Jobs in one answer, where the question names no limit. */
const DEFAULT_PAGE = 500;
const ACTIVE = "state IN ('queued', 'running')";

/** What the ledger says of jobs. Methods that take an id throw `not-found` where they cannot do without the job. */
export class JobRecords {
  readonly #file: LedgerFile;

  constructor(file: LedgerFile) {
    this.#file = file;
  }

  /** Jobs that run, then those that wait, in their order: the first so many of them. Default: all. */
  active(limit = Number.POSITIVE_INFINITY): readonly { readonly id: JobId; readonly state: Job["state"] }[] {
    // SQLite takes a negative limit for none.
    const rows = this.#file.all(
      `SELECT id, state FROM jobs WHERE ${ACTIVE} ORDER BY state = 'running' DESC, due, number LIMIT ?`,
      Number.isFinite(limit) ? limit : -1,
    );
    return z.array(jobRowSchema.pick({ id: true, state: true })).parse(rows);
  }

  countActive({ owner }: JobScope = {}): number {
    const ofOwner = owner === undefined ? "" : "AND owner IS ?";
    const values = owner === undefined ? [] : [owner];
    return countSchema.parse(this.#file.get(`SELECT count(*) AS count FROM jobs WHERE ${ACTIVE} ${ofOwner}`, ...values))
      .count;
  }

  /** Jobs that are drawn before this one. */
  place(id: JobId): number {
    const ahead = `
      SELECT count(*) AS count FROM jobs JOIN (SELECT due, number FROM jobs WHERE id = ?) AS this
      WHERE state = 'running' AND jobs.number <> this.number
        OR state = 'queued' AND (jobs.due, jobs.number) < (this.due, this.number)`;
    return countSchema.parse(this.#file.get(ahead, id)).count;
  }

  /** Jobs that are drawn before this one, where it waits; undefined where it does not. */
  placeOfWaiting(id: JobId): number | undefined {
    const row = z.object({ state: z.string() }).safeParse(this.#file.get("SELECT state FROM jobs WHERE id = ?", id));
    return row.data?.state === "queued" ? this.place(id) : undefined;
  }

  has(id: JobId): boolean {
    return countSchema.parse(this.#file.get("SELECT count(*) AS count FROM jobs WHERE id = ?", id)).count > 0;
  }

  get(id: JobId, { owner }: JobScope = {}): Job {
    const row = this.row(id);
    if (owner !== undefined && row.owner !== owner) throw unknownJob(id);
    return this.#toJob(row, () => this.place(id));
  }

  /** What was asked, and which of it is not drawn yet. */
  order(id: JobId): NewJob & { readonly due: number; readonly variants: readonly number[] } {
    const row = this.row(id);
    const job = askedJobSchema.parse(JSON.parse(row.job));
    const drawn = new Set(this.results(id).map(({ variant }) => variant));
    const all = Array.from({ length: job.submission.request.count }, (_, variant) => variant);
    return { id, ...job, due: row.due, variants: all.filter((variant) => !drawn.has(variant)) };
  }

  list({ owner, before, acknowledged, search = "", limit = DEFAULT_PAGE }: JobQuery = {}): JobPage {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const conditions = [
      ...(owner === undefined ? [] : ["owner IS ?"]),
      ...(before === undefined ? [] : ["number < (SELECT number FROM jobs WHERE id = ?)"]),
      ...(acknowledged === undefined ? [] : ["is_acknowledged = ?"]),
      ...words.map(() => "instr(prompt, ?) > 0"),
    ];
    const values = [owner, before, acknowledged === undefined ? undefined : Number(acknowledged), ...words].filter(
      (value) => value !== undefined,
    );
    const where = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
    if (before !== undefined) this.row(before);
    const rows = this.#file.all(`SELECT * FROM jobs ${where} ORDER BY number DESC LIMIT ?`, ...values, limit + 1);
    const page = z.array(jobRowSchema).parse(rows.slice(0, limit));
    const places = new Map(this.active().map((job, ahead) => [job.id, ahead]));
    const jobs = page.flatMap((row) => this.#readable(row, () => places.get(row.id) ?? 0));
    return { jobs, ...(rows.length > limit && { next: page.at(-1)?.id }) };
  }

  /** The id of the job's last event. */
  countEvents(id: JobId): number {
    const count = "SELECT count(*) AS count FROM events WHERE job = (SELECT number FROM jobs WHERE id = ?)";
    return countSchema.parse(this.#file.get(count, id)).count;
  }

  /** The job's log behind the event with the id `after`. */
  events(id: JobId, after: number): readonly StoredEvent[] {
    const { number } = this.row(id);
    const rows = this.#file.all(
      "SELECT number, event FROM events WHERE job = ? AND number > ? ORDER BY number",
      number,
      after,
    );
    return z
      .array(eventRowSchema)
      .parse(rows)
      .map((row) => ({ id: row.number, event: this.#toEvent(id, row.event) }));
  }

  results(id: JobId): readonly EditResult[] {
    const rows = this.#file.all(
      "SELECT number, event FROM events WHERE job = (SELECT number FROM jobs WHERE id = ?) AND variant IS NOT NULL ORDER BY variant",
      id,
    );
    return z
      .array(eventRowSchema)
      .parse(rows)
      .map(({ event }) => editEventSchema.parse(JSON.parse(event)))
      .flatMap((event) => (event.type === "result" ? event.result : []));
  }

  /** Jobs that are over and of which nobody has measured the files. */
  unmeasured(): readonly JobId[] {
    return idsOf(this.#file.all("SELECT id FROM jobs WHERE over_at IS NOT NULL AND bytes IS NULL"));
  }

  /** Folders that are free for removal. */
  removals(): readonly JobId[] {
    return idsOf(this.#file.all("SELECT id FROM removals"));
  }

  protected row(id: JobId): JobRow {
    const row = jobRowSchema.safeParse(this.#file.get("SELECT * FROM jobs WHERE id = ?", id));
    if (!row.success) throw unknownJob(id);
    return row.data;
  }

  #toJob(row: JobRow, place: () => number): Job {
    const { submission, source } = askedJobSchema.parse(JSON.parse(row.job));
    const { event } = eventRowSchema.parse(
      this.#file.get("SELECT number, event FROM events WHERE job = ? ORDER BY number DESC LIMIT 1", row.number),
    );
    const last = this.#toEvent(row.id, event);
    return {
      id: row.id,
      state: row.state,
      createdAt: row.created_at,
      ...submission,
      source,
      lastEvent: row.state === "queued" || last.type === "queued" ? { type: "queued", ahead: place() } : last,
      acknowledged: row.is_acknowledged === 1,
    };
  }

  /** Nothing for a job that this version cannot read: one such must not hide the others. */
  #readable(row: JobRow, place: () => number): readonly Job[] {
    try {
      return [this.#toJob(row, place)];
    } catch {
      return [];
    }
  }

  #toEvent(id: JobId, text: string): EditEvent {
    const event = editEventSchema.parse(JSON.parse(text));
    return event.type === "done" ? { ...event, results: [...this.results(id)] } : event;
  }
}

function idsOf(rows: readonly unknown[]): readonly JobId[] {
  return z
    .array(z.object({ id: jobIdSchema }))
    .parse(rows)
    .map(({ id }) => id);
}

function unknownJob(id: JobId): OverpaintError {
  return new OverpaintError("not-found", `There is no job ${id}.`, "List the jobs with GET /api/v1/jobs.");
}
