import { mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "libsql";
import { z } from "zod";
import { type JobId, jobIdSchema, jobSubmissionSchema } from "../../shared/protocol/api.ts";
import { type EditEvent, editEventSchema } from "../../shared/protocol/edit-event.ts";
import { editPartNames } from "../../shared/protocol/edit-request.ts";
import { pixelSizeSchema } from "../../shared/protocol/geometry.ts";
import type { NewJob } from "./job-queue.ts";

/** The records of jobs in a data folder. */
export function jobsDatabase(dataFolder: string): string {
  return join(dataFolder, "jobs.db");
}

/** A job as an earlier companion left it. */
export interface StoredJob {
  readonly job: NewJob;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** All of them, in order. Previews are not kept. */
  readonly events: readonly EditEvent[];
  readonly isAcknowledged: boolean;
  /** How often a companion ended without saying so while this job ran. */
  readonly interruptions: number;
}

export interface JobStoreOptions {
  /** Told when a record cannot be written (a full disk). Drawing goes on without it. */
  readonly onError?: (error: unknown) => void;
}

/** Of the tables below; a file of another version is set aside. */
const VERSION = 1;

const TABLES = `
  CREATE TABLE jobs (
    number INTEGER PRIMARY KEY, -- in order of arrival
    id TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    job TEXT NOT NULL,
    is_acknowledged INTEGER NOT NULL DEFAULT 0,
    interruptions INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE events (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, -- 1 for a job's first event, then without gaps
    event TEXT NOT NULL,
    PRIMARY KEY (job_id, number)
  ) WITHOUT ROWID;
  PRAGMA user_version = ${VERSION};
`;

const jobRowSchema = z.object({
  id: jobIdSchema,
  created_at: z.number(),
  job: z.string(),
  is_acknowledged: z.number(),
  interruptions: z.number(),
});
const newJobSchema = z.object({
  submission: jobSubmissionSchema,
  parts: z.array(z.enum(editPartNames)),
  source: pixelSizeSchema.optional(),
  owner: z.string().optional(),
});

/** The records of jobs in an SQLite file. Writing takes a fraction of a millisecond and never throws. */
export class JobStore {
  readonly #database: Database.Database;
  readonly #onError: (error: unknown) => void;

  private constructor(database: Database.Database, onError: (error: unknown) => void) {
    this.#database = database;
    this.#onError = onError;
  }

  /** `:memory:` keeps nothing. A file that is damaged is set aside, so that it cannot keep the companion from starting. */
  static open(file: string, { onError = () => {} }: JobStoreOptions = {}): JobStore {
    if (file === ":memory:") return new JobStore(openDatabase(file), onError);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    try {
      return new JobStore(openDatabase(file), onError);
    } catch (error) {
      onError(error);
      for (const ending of ["", "-wal", "-shm"]) moveIfThere(file + ending, `${file}.damaged${ending}`);
      return new JobStore(openDatabase(file), onError);
    }
  }

  /** In order of arrival. Jobs that this version cannot read are left out. */
  readAll(): readonly StoredJob[] {
    const rows = this.#database.prepare("SELECT * FROM jobs ORDER BY number").all();
    return rows.flatMap((row) => {
      try {
        return [this.#read(jobRowSchema.parse(row))];
      } catch (error) {
        this.#onError(error);
        return [];
      }
    });
  }

  /** Of every record, also of those this version cannot read. */
  ids(): ReadonlySet<string> {
    const rows = z.array(z.object({ id: z.string() })).parse(this.#database.prepare("SELECT id FROM jobs").all());
    return new Set(rows.map(({ id }) => id));
  }

  add({ id, submission, parts, source, owner }: NewJob, createdAt: number): void {
    const job = JSON.stringify({ submission, parts, source, owner });
    this.#write("INSERT INTO jobs (id, created_at, job) VALUES (?, ?, ?)", id, createdAt, job);
  }

  /** @param number 1 for the job's first event, then without gaps */
  append(id: JobId, number: number, event: EditEvent): void {
    const kept = event.type === "step" ? { ...event, preview: undefined } : event;
    this.#write(
      "INSERT OR REPLACE INTO events (job_id, number, event) VALUES (?, ?, ?)",
      id,
      number,
      JSON.stringify(kept),
    );
  }

  acknowledge(id: JobId): void {
    this.#write("UPDATE jobs SET is_acknowledged = 1 WHERE id = ?", id);
  }

  countInterruption(id: JobId): void {
    this.#write("UPDATE jobs SET interruptions = interruptions + 1 WHERE id = ?", id);
  }

  remove(id: JobId): void {
    this.#write("DELETE FROM jobs WHERE id = ?", id);
  }

  close(): void {
    this.#database.close();
  }

  #read({ id, created_at, job, is_acknowledged, interruptions }: z.output<typeof jobRowSchema>): StoredJob {
    const events = this.#database.prepare("SELECT event FROM events WHERE job_id = ? ORDER BY number").all(id);
    return {
      job: { id, ...newJobSchema.parse(JSON.parse(job)) },
      createdAt: created_at,
      events: z
        .array(z.object({ event: z.string() }))
        .parse(events)
        .map(({ event }) => editEventSchema.parse(JSON.parse(event))),
      isAcknowledged: is_acknowledged === 1,
      interruptions,
    };
  }

  #write(statement: string, ...values: readonly (string | number)[]): void {
    try {
      this.#database.prepare(statement).run(...values);
    } catch (error) {
      this.#onError(error);
    }
  }
}

/** Throws for a file that is no database, is damaged, or has tables of another version. */
function openDatabase(file: string): Database.Database {
  const database = new Database(file);
  try {
    // A companion that is killed loses nothing this way; a power cut may cost the last events, never the file.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
    const { user_version: version } = z
      .object({ user_version: z.number() })
      .parse(database.prepare("PRAGMA user_version").get());
    if (version === 0) database.exec(`BEGIN; ${TABLES} COMMIT`);
    else if (version !== VERSION) throw new Error(`${file} has version ${version}, not ${VERSION}`);
    database.prepare("SELECT count(*) FROM events").get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
