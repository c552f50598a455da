import { join } from "node:path";
import Database from "libsql";
import { z } from "zod";
import { type Job, type JobId, jobIdSchema, jobStates } from "../../shared/protocol/api.ts";
import { type EditEvent, type EditResult, editEventSchema } from "../../shared/protocol/edit-event.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { dueAt } from "./due.ts";
import type { JobPage, JobQuery, JobScope, NewJob } from "./job-queue.ts";
import { migrate } from "./ledger-schema.ts";
import { askedJobSchema, insertSavedJob, type SavedJob } from "./saved-job.ts";
import { storageError } from "./storage-error.ts";

/** The records of jobs in a data folder. */
export function jobsDatabase(dataFolder: string): string {
  return join(dataFolder, "jobs.db");
}

/** An event with its number in the job's log. */
export interface StoredEvent {
  /** 1 for a job's first event, then without gaps. */
  readonly id: number;
  readonly event: EditEvent;
}

/** The end of a job. */
export type FinalEvent = Extract<EditEvent, { readonly type: "done" | "failed" | "cancelled" }>;

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
type JobRow = z.output<typeof jobRowSchema>;

const eventRowSchema = z.object({ number: z.number(), event: z.string() });
const countSchema = z.object({ count: z.number() });

/** Jobs in one answer, where the question names no limit. */
const DEFAULT_PAGE = 500;
const ACTIVE = "state IN ('queued', 'running')";

/**
 * The truth about jobs: one transaction a transition, on the disk when the method returns. Methods throw `disk-full` where there is no
 * room for it, and have then changed nothing; those that take an id throw `not-found`.
 */
export class JobLedger {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  private constructor(database: Database.Database) {
    this.#database = database;
  }

  /** `:memory:` keeps nothing. Throws for a file that is no ledger, is damaged, or is of a later version (`LaterVersion`). */
  static open(file: string): JobLedger {
    return new JobLedger(openDatabase(file));
  }

  /** For what is kept beside the jobs: devices, times of steps, the clock of retention. */
  get database(): Database.Database {
    return this.#database;
  }

  /** Names the folder of an upload before anything is in it: what is no job at the next start is removed. */
  reserve(id: JobId): void {
    this.#run("INSERT OR IGNORE INTO removals (id) VALUES (?)", id);
  }

  accept({ id, submission, parts, source, owner }: NewJob, now: number): void {
    const prompt = submission.request.prompt.toLowerCase();
    this.#transaction(() => {
      this.#run("DELETE FROM removals WHERE id = ?", id);
      this.#run(
        "INSERT INTO jobs (id, owner, created_at, due, job, prompt) VALUES (?, ?, ?, ?, ?, ?)",
        id,
        owner ?? null,
        now,
        dueAt(now, submission.request, source),
        JSON.stringify({ submission, parts, source }),
        prompt,
      );
      this.#append(this.#row(id), { type: "queued", ahead: this.place(id) });
    });
  }

  /** An attempt begins; it is on the disk before the model is loaded. */
  begin(id: JobId): void {
    this.#run("UPDATE jobs SET state = 'running', attempts = attempts + 1 WHERE id = ?", id);
  }

  /** The model of the latest attempt is loaded. */
  started(id: JobId, { model, device }: { readonly model: string; readonly device: string }): StoredEvent {
    return this.#transaction(() => {
      const row = this.#row(id);
      return this.#append(row, { type: "started", model, device, attempt: row.attempts });
    });
  }

  /** Undefined for a variant that is there already. */
  commit(id: JobId, result: EditResult): StoredEvent | undefined {
    return this.#transaction(() => {
      const row = this.#row(id);
      const known = this.#get(
        "SELECT count(*) AS count FROM events WHERE job = ? AND variant = ?",
        row.number,
        result.variant,
      );
      if (countSchema.parse(known).count > 0) return undefined;
      return this.#append(row, { type: "result", result }, result.variant);
    });
  }

  /**
   * Ends a job. `bytes` of its files are counted by retention; without results its folder is given free for removal. Undefined where it
   * was over already.
   */
  finish(id: JobId, event: FinalEvent, bytes: number): StoredEvent | undefined {
    return this.#transaction(() => {
      const row = this.#row(id);
      if (row.state !== "queued" && row.state !== "running") return undefined;
      this.#run(
        "UPDATE jobs SET state = ?, bytes = ?, over_at = (SELECT now FROM clock) WHERE id = ?",
        event.type,
        bytes,
        id,
      );
      if (this.results(id).length === 0) this.#release(id);
      return this.#append(row, event.type === "done" ? { ...event, results: [] } : event);
    });
  }

  noteFetched(id: JobId): void {
    this.#run("UPDATE jobs SET is_fetched = 1 WHERE id = ? AND is_fetched = 0", id);
  }

  /** Gives the folder free for removal. */
  acknowledge(id: JobId): void {
    this.#transaction(() => {
      this.#run("UPDATE jobs SET is_acknowledged = 1, bytes = 0 WHERE id = ?", id);
      this.#release(id);
    });
  }

  /** A companion that ended while a job ran: it waits again, at its old place. Answers how often that happened to it. */
  interrupt(id: JobId): number {
    this.#run("UPDATE jobs SET state = 'queued', interruptions = interruptions + 1 WHERE id = ?", id);
    return this.#row(id).interruptions;
  }

  /** A job that waits again through nobody's fault. */
  putBack(id: JobId): void {
    this.#run("UPDATE jobs SET state = 'queued' WHERE id = ?", id);
  }

  /** Forgets a job that is over, and gives its folder free for removal. */
  forget(id: JobId): void {
    this.#transaction(() => {
      this.#run("DELETE FROM jobs WHERE id = ?", id);
      this.#release(id);
    });
  }

  /** Folders that are free for removal. */
  removals(): readonly JobId[] {
    return idsOf(this.#all("SELECT id FROM removals"));
  }

  removed(id: JobId): void {
    this.#run("DELETE FROM removals WHERE id = ?", id);
  }

  /** Jobs that run, then those that wait, in their order: the first so many of them. Default: all. */
  active(limit = Number.POSITIVE_INFINITY): readonly { readonly id: JobId; readonly state: Job["state"] }[] {
    // SQLite takes a negative limit for none.
    const rows = this.#all(
      `SELECT id, state FROM jobs WHERE ${ACTIVE} ORDER BY state = 'running' DESC, due, number LIMIT ?`,
      Number.isFinite(limit) ? limit : -1,
    );
    return z.array(jobRowSchema.pick({ id: true, state: true })).parse(rows);
  }

  countActive({ owner }: JobScope = {}): number {
    const ofOwner = owner === undefined ? "" : "AND owner IS ?";
    const values = owner === undefined ? [] : [owner];
    return countSchema.parse(this.#get(`SELECT count(*) AS count FROM jobs WHERE ${ACTIVE} ${ofOwner}`, ...values))
      .count;
  }

  /** Jobs that are drawn before this one. */
  place(id: JobId): number {
    const ahead = `
      SELECT count(*) AS count FROM jobs JOIN (SELECT due, number FROM jobs WHERE id = ?) AS this
      WHERE state = 'running' AND jobs.number <> this.number
        OR state = 'queued' AND (jobs.due, jobs.number) < (this.due, this.number)`;
    return countSchema.parse(this.#get(ahead, id)).count;
  }

  /** Jobs that are drawn before this one, where it waits; undefined where it does not. */
  placeOfWaiting(id: JobId): number | undefined {
    const row = z.object({ state: z.string() }).safeParse(this.#get("SELECT state FROM jobs WHERE id = ?", id));
    return row.data?.state === "queued" ? this.place(id) : undefined;
  }

  has(id: JobId): boolean {
    return countSchema.parse(this.#get("SELECT count(*) AS count FROM jobs WHERE id = ?", id)).count > 0;
  }

  get(id: JobId, { owner }: JobScope = {}): Job {
    const row = this.#row(id);
    if (owner !== undefined && row.owner !== owner) throw unknownJob(id);
    return this.#toJob(row, () => this.place(id));
  }

  /** Puts a job in as another file of records, or its pictures, tell of it. False for one that cannot be read or is there. */
  takeOver(saved: SavedJob): boolean {
    return this.#transaction(() => insertSavedJob(this.#database, saved));
  }

  /** Jobs that are over and of which nobody has measured the files. */
  unmeasured(): readonly JobId[] {
    return idsOf(this.#all("SELECT id FROM jobs WHERE over_at IS NOT NULL AND bytes IS NULL"));
  }

  measured(id: JobId, bytes: number): void {
    this.#run("UPDATE jobs SET bytes = ? WHERE id = ?", bytes, id);
  }

  /** What was asked, and which of it is not drawn yet. */
  order(id: JobId): NewJob & { readonly due: number; readonly variants: readonly number[] } {
    const row = this.#row(id);
    const job = askedJobSchema.parse(JSON.parse(row.job));
    const drawn = new Set(this.results(id).map(({ variant }) => variant));
    const all = Array.from({ length: job.submission.request.count }, (_, variant) => variant);
    return { id, ...job, due: row.due, variants: all.filter((variant) => !drawn.has(variant)) };
  }

  list({ owner, before, search = "", limit = DEFAULT_PAGE }: JobQuery = {}): JobPage {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const conditions = [
      ...(owner === undefined ? [] : ["owner IS ?"]),
      ...(before === undefined ? [] : ["number < (SELECT number FROM jobs WHERE id = ?)"]),
      ...words.map(() => "instr(prompt, ?) > 0"),
    ];
    const values = [owner, before, ...words].filter((value) => value !== undefined);
    const where = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
    if (before !== undefined) this.#row(before);
    const rows = this.#all(`SELECT * FROM jobs ${where} ORDER BY number DESC LIMIT ?`, ...values, limit + 1);
    const page = z.array(jobRowSchema).parse(rows.slice(0, limit));
    const places = new Map(this.active().map((job, ahead) => [job.id, ahead]));
    const jobs = page.flatMap((row) => this.#readable(row, () => places.get(row.id) ?? 0));
    return { jobs, ...(rows.length > limit && { next: page.at(-1)?.id }) };
  }

  /** The id of the job's last event. */
  countEvents(id: JobId): number {
    const count = "SELECT count(*) AS count FROM events WHERE job = (SELECT number FROM jobs WHERE id = ?)";
    return countSchema.parse(this.#get(count, id)).count;
  }

  /** The job's log behind the event with the id `after`. */
  events(id: JobId, after: number): readonly StoredEvent[] {
    const { number } = this.#row(id);
    const rows = this.#all(
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
    const rows = this.#all(
      "SELECT number, event FROM events WHERE job = (SELECT number FROM jobs WHERE id = ?) AND variant IS NOT NULL ORDER BY variant",
      id,
    );
    return z
      .array(eventRowSchema)
      .parse(rows)
      .map(({ event }) => editEventSchema.parse(JSON.parse(event)))
      .flatMap((event) => (event.type === "result" ? event.result : []));
  }

  close(): void {
    this.#statements.clear();
    try {
      // The binding closes a file once its statements are collected; its lock is to go now.
      this.#database.exec("PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT count(*) FROM jobs");
    } catch {
      // A full disk: the next start reads what stays beside the file.
    }
    this.#database.close();
  }

  #toJob(row: JobRow, place: () => number): Job {
    const { submission, source } = askedJobSchema.parse(JSON.parse(row.job));
    const { event } = eventRowSchema.parse(
      this.#get("SELECT number, event FROM events WHERE job = ? ORDER BY number DESC LIMIT 1", row.number),
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

  #append({ number }: JobRow, event: EditEvent, variant?: number): StoredEvent {
    const { count } = countSchema.parse(this.#get("SELECT count(*) AS count FROM events WHERE job = ?", number));
    const text = JSON.stringify(event);
    this.#run(
      "INSERT INTO events (job, number, event, variant) VALUES (?, ?, ?, ?)",
      number,
      count + 1,
      text,
      variant ?? null,
    );
    return { id: count + 1, event };
  }

  #release(id: JobId): void {
    this.#run("INSERT OR IGNORE INTO removals (id) VALUES (?)", id);
  }

  #row(id: JobId): JobRow {
    const row = jobRowSchema.safeParse(this.#get("SELECT * FROM jobs WHERE id = ?", id));
    if (!row.success) throw unknownJob(id);
    return row.data;
  }

  #transaction<Result>(work: () => Result): Result {
    this.#run("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#run("COMMIT");
      return result;
    } catch (error) {
      // A statement that found no room may have ended the transaction itself.
      if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #run(sql: string, ...values: readonly (string | number | null)[]): void {
    try {
      this.#prepare(sql).run(...values);
    } catch (error) {
      throw storageError(error);
    }
  }

  #get(sql: string, ...values: readonly (string | number | null)[]): unknown {
    return this.#prepare(sql).get(...values);
  }

  #all(sql: string, ...values: readonly (string | number | null)[]): readonly unknown[] {
    return this.#prepare(sql).all(...values);
  }

  #prepare(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function openDatabase(file: string): Database.Database {
  const database = new Database(file);
  try {
    // Exclusively, because memory shared between processes is a file more, and a full disk has no room for it.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    useWriteAheadLog(database);
    migrate(database);
    database.prepare("SELECT count(*) FROM events").get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** One sync a transaction instead of three. Where a full disk has no room for the change, reading goes on without it. */
function useWriteAheadLog(database: Database.Database): void {
  try {
    database.exec("PRAGMA journal_mode = WAL");
  } catch (error) {
    if (!(storageError(error) instanceof OverpaintError)) throw error;
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
