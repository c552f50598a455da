import { join } from "node:path";
import type Database from "libsql";
import type { JobId } from "../../shared/protocol/api.ts";
import type { EditEvent, EditResult } from "../../shared/protocol/edit-event.ts";
import { dueAt } from "./due.ts";
import type { NewJob } from "./job-queue.ts";
import { countSchema, JobRecords, type JobRow, type StoredEvent } from "./job-records.ts";
import { LedgerFile } from "./ledger-file.ts";
import { insertSavedJob, type SavedJob } from "./saved-job.ts";

/** The records of jobs in a data folder. */
export function jobsDatabase(dataFolder: string): string {
  return join(dataFolder, "jobs.db");
}

/** The end of a job. */
export type FinalEvent = Extract<EditEvent, { readonly type: "done" | "failed" | "cancelled" }>;

/**
 * The truth about jobs: one transaction a transition, on the disk when the method returns. Methods throw `disk-full` where there is no
 * room for it, and have then changed nothing; those that take an id throw `not-found`.
 */
export class JobLedger extends JobRecords {
  readonly #file: LedgerFile;

  private constructor(file: LedgerFile) {
    super(file);
    this.#file = file;
  }

  /** `:memory:` keeps nothing. Throws for a file that is no ledger, is damaged, or is of a later version (`LaterVersion`). */
  static open(file: string): JobLedger {
    return new JobLedger(new LedgerFile(file));
  }

  /** For what is kept beside the jobs: devices, times of steps, the clock of retention. */
  get database(): Database.Database {
    return this.#file.database;
  }

  get inTransaction(): boolean {
    return this.#file.inTransaction;
  }

  /** Several transitions in one: see `LedgerFile`. */
  transaction<Result>(work: () => Result): Result {
    return this.#file.transaction(work);
  }

  /** Names the folder of an upload before anything is in it: what is no job at the next start is removed. */
  reserve(id: JobId): void {
    this.#file.run("INSERT OR IGNORE INTO removals (id) VALUES (?)", id);
  }

  accept({ id, submission, parts, source, owner }: NewJob, now: number): void {
    const prompt = submission.request.prompt.toLowerCase();
    this.#file.transaction(() => {
      this.#file.run("DELETE FROM removals WHERE id = ?", id);
      this.#file.run(
        "INSERT INTO jobs (id, owner, created_at, due, job, prompt) VALUES (?, ?, ?, ?, ?, ?)",
        id,
        owner ?? null,
        now,
        dueAt(now, submission.request, source),
        JSON.stringify({ submission, parts, source }),
        prompt,
      );
      this.#append(this.row(id), { type: "queued", ahead: this.place(id) });
    });
  }

  /** An attempt begins; it is on the disk before the model is loaded. */
  begin(id: JobId): void {
    this.#file.run("UPDATE jobs SET state = 'running', attempts = attempts + 1 WHERE id = ?", id);
  }

  /** The model of the latest attempt is loaded. */
  started(id: JobId, { model, device }: { readonly model: string; readonly device: string }): StoredEvent {
    return this.#file.transaction(() => {
      const row = this.row(id);
      return this.#append(row, { type: "started", model, device, attempt: row.attempts });
    });
  }

  /** Undefined for a variant that is there already. */
  commit(id: JobId, result: EditResult): StoredEvent | undefined {
    return this.#file.transaction(() => {
      const row = this.row(id);
      const known = this.#file.get(
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
    return this.#file.transaction(() => {
      const row = this.row(id);
      if (row.state !== "queued" && row.state !== "running") return undefined;
      this.#file.run(
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
    this.#file.run("UPDATE jobs SET is_fetched = 1 WHERE id = ? AND is_fetched = 0", id);
  }

  /** Gives the folder free for removal. */
  acknowledge(id: JobId): void {
    this.#file.transaction(() => {
      this.#file.run("UPDATE jobs SET is_acknowledged = 1, bytes = 0 WHERE id = ?", id);
      this.#release(id);
    });
  }

  /** A companion that ended while a job ran: it waits again, at its old place. Answers how often that happened to it. */
  interrupt(id: JobId): number {
    this.#file.run("UPDATE jobs SET state = 'queued', interruptions = interruptions + 1 WHERE id = ?", id);
    return this.row(id).interruptions;
  }

  /** A job that runs waits again through nobody's fault. */
  putBack(id: JobId): void {
    this.#file.run("UPDATE jobs SET state = 'queued' WHERE id = ? AND state = 'running'", id);
  }

  /** Forgets a job that is over, and gives its folder free for removal. */
  forget(id: JobId): void {
    this.#file.transaction(() => {
      this.#file.run("DELETE FROM jobs WHERE id = ?", id);
      this.#release(id);
    });
  }

  removed(id: JobId): void {
    this.#file.run("DELETE FROM removals WHERE id = ?", id);
  }

  /** Puts a job in as another file of records, or its pictures, tell of it. False for one that cannot be read or is there. */
  takeOver(saved: SavedJob): boolean {
    return this.#file.transaction(() => insertSavedJob(this.#file.database, saved));
  }

  measured(id: JobId, bytes: number): void {
    this.#file.run("UPDATE jobs SET bytes = ? WHERE id = ?", bytes, id);
  }

  close(): void {
    this.#file.close();
  }

  #append({ number }: JobRow, event: EditEvent, variant?: number): StoredEvent {
    const { count } = countSchema.parse(this.#file.get("SELECT count(*) AS count FROM events WHERE job = ?", number));
    const text = JSON.stringify(event);
    this.#file.run(
      "INSERT INTO events (job, number, event, variant) VALUES (?, ?, ?, ?)",
      number,
      count + 1,
      text,
      variant ?? null,
    );
    return { id: count + 1, event };
  }

  #release(id: JobId): void {
    this.#file.run("INSERT OR IGNORE INTO removals (id) VALUES (?)", id);
  }
}
