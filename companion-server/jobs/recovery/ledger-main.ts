import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { z } from "zod";
import type { LedgerAnswer, LedgerQuestion, SalvagedJob } from "./ledger-messages.ts";

/**
 * A throwaway process that opens a file of records before the companion does: some damage ends the process inside the binding, as text
 * that is no UTF-8 does. Text is read as bytes here, so that most of it is only an answer.
 */
process.once("message", (question) => {
  answer(question as LedgerQuestion);
  process.disconnect();
});
process.once("disconnect", () => process.exit());

function answer(question: LedgerQuestion): void {
  try {
    if (question.type === "check") send(check(openDatabase(question.file), question.known));
    else onCopy(question.file, (copy) => salvage(openDatabase(copy), question.from));
  } catch (error) {
    send({ type: "damaged", reason: error instanceof Error ? error.message : String(error) });
  }
}

function openDatabase(file: string): Database.Database {
  const database = new Database(file);
  // Beside an exclusive lock no file for shared memory is made.
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  return database;
}

/** SQLite reads nothing of a file that is shorter than its header says; a copy is filled up with zeros. */
function onCopy(file: string, use: (copy: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "overpaint-salvage-"));
  try {
    const copy = join(folder, "jobs.db");
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    const header = readFileSync(copy).subarray(0, 100);
    const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    const stated = pageSize * header.readUInt32BE(28);
    if (stated > statSync(copy).size && stated < MOST_BYTES) truncateSync(copy, stated);
    use(copy);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A header that states more is damaged itself. */
const MOST_BYTES = 4 * 2 ** 30;

function send(message: LedgerAnswer): void {
  process.send?.(message);
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function check(database: Database.Database, known: number): LedgerAnswer {
  const version = versionOf(database);
  if (version > known) return { type: "later" };
  const [problem] = z
    .array(z.object({ quick_check: z.string() }))
    .parse(database.prepare("PRAGMA quick_check(1)").all());
  if (problem?.quick_check !== "ok") return { type: "damaged", reason: problem?.quick_check ?? "no answer" };
  if (version === 0) return { type: "sound" };
  const texts = version === 1 ? textsOfVersion1 : textsOfVersion2;
  for (const [table, columns] of Object.entries(texts)) {
    const bytes = columns.map((column) => `CAST(${column} AS BLOB)`).join(", ");
    for (const row of database.prepare(`SELECT ${bytes} FROM ${table}`).raw().iterate())
      for (const value of z.array(z.unknown()).parse(row)) if (value instanceof Uint8Array) utf8.decode(value);
  }
  return { type: "sound" };
}

const textsOfVersion1 = { jobs: ["id", "job"], events: ["job_id", "event"] };
const textsOfVersion2 = {
  jobs: ["id", "owner", "job", "prompt", "state"],
  events: ["event"],
  removals: ["id"],
  device_faults: ["device", "what"],
  device_loads: ["device"],
  step_times: ["kind", "device"],
};

function versionOf(database: Database.Database): number {
  const row = database.prepare("PRAGMA user_version").get();
  return z.object({ user_version: z.number() }).parse(row).user_version;
}

/** Numbers that no job can be read at in a row, behind which there are none. */
const MOST_MISSES = 500;

/** Jobs are asked for one by one, by their numbers, so that a page that cannot be read costs its own jobs only. */
function salvage(database: Database.Database, from: number): void {
  const isOld = versionOf(database) === 1;
  const jobs = database.prepare(
    `SELECT CAST(id AS BLOB) AS id, ${isOld ? "NULL" : "CAST(owner AS BLOB)"} AS owner, created_at, CAST(job AS BLOB) AS job,
      interruptions, is_acknowledged FROM jobs WHERE number = ?`,
  );
  const events = database.prepare(
    `SELECT CAST(event AS BLOB) AS event FROM events WHERE ${isOld ? "job_id" : "job"} = ? AND number = ?`,
  );
  const highest = attempt(() => readHighest(database));
  for (let number = from, misses = 0; highest === undefined ? misses < MOST_MISSES : number <= highest; number += 1) {
    const job = attempt(() => readJob(number, jobs.get(number)));
    misses = job === undefined ? misses + 1 : 0;
    if (job === undefined) continue;
    const told: string[] = [];
    for (;;) {
      const row = attempt(() => eventSchema.parse(events.get(isOld ? job.id : number, told.length + 1)));
      const event = row && attempt(() => readText(row.event));
      if (event === undefined) break;
      told.push(event);
    }
    send({ type: "job", job: { ...job, events: told } });
  }
  send({ type: "end" });
}

function readHighest(database: Database.Database): number {
  return z.object({ highest: z.number() }).parse(database.prepare("SELECT max(number) AS highest FROM jobs").get())
    .highest;
}

const bytesSchema = z.instanceof(Uint8Array);
const eventSchema = z.object({ event: bytesSchema });
const rowSchema = z.object({
  id: bytesSchema,
  owner: bytesSchema.nullable(),
  created_at: z.number(),
  job: bytesSchema,
  interruptions: z.number(),
  is_acknowledged: z.number(),
});

function readJob(number: number, row: unknown): Omit<SalvagedJob, "events"> {
  const { id, owner, created_at, job, interruptions, is_acknowledged } = rowSchema.parse(row);
  return {
    number,
    id: readText(id),
    owner: owner && readText(owner),
    createdAt: created_at,
    job: readText(job),
    interruptions,
    isAcknowledged: is_acknowledged === 1,
  };
}

function readText(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
