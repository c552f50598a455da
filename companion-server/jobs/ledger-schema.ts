import type Database from "libsql";
import { z } from "zod";
import { insertSavedJob } from "./saved-job.ts";

/** Of the tables below. Files of an earlier version are brought forward, those of a later one are left to the program that made them. */
export const LEDGER_VERSION = 2;

const TABLES = `
  CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, -- in order of arrival
    id TEXT NOT NULL UNIQUE,
    owner TEXT, -- NULL: of whoever runs the companion
    created_at INTEGER NOT NULL, -- milliseconds since 1970
    due INTEGER NOT NULL, -- as created_at: what is due earlier is drawn first
    job TEXT NOT NULL, -- JSON: submission, parts, source
    prompt TEXT NOT NULL, -- in small letters, for searches
    state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    attempts INTEGER NOT NULL DEFAULT 0,
    interruptions INTEGER NOT NULL DEFAULT 0, -- companions that ended while they drew it
    is_fetched INTEGER NOT NULL DEFAULT 0,
    is_acknowledged INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER, -- of its files; NULL: not measured yet
    over_at INTEGER -- on the ledger's own clock
  );
  CREATE INDEX jobs_by_state ON jobs (state, due, number);
  CREATE TABLE events (
    job INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
    number INTEGER NOT NULL, -- 1 for a job's first event, then without gaps
    event TEXT NOT NULL, -- JSON; of a result and of the final event without the results, which are events of their own
    variant INTEGER, -- of a result
    PRIMARY KEY (job, number),
    UNIQUE (job, variant)
  ) WITHOUT ROWID;
  -- Folders that may be removed: of uploads that are no jobs yet, and of jobs that nobody needs any more.
  CREATE TABLE removals (id TEXT PRIMARY KEY) WITHOUT ROWID;
  -- What the devices of this machine did to the processes that drew on them.
  CREATE TABLE device_faults (device TEXT NOT NULL, at INTEGER NOT NULL, what TEXT NOT NULL);
  -- Devices that load a model now. What is here at a start took the companion down.
  CREATE TABLE device_loads (device TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE step_times (
    kind TEXT NOT NULL, -- of edit
    device TEXT NOT NULL,
    milliseconds REAL NOT NULL, -- of one step
    steps INTEGER NOT NULL, -- of one variant
    number INTEGER NOT NULL, -- the highest is the latest
    PRIMARY KEY (kind, device)
  ) WITHOUT ROWID;
  -- Runs while companions do: at most a day from sweep to sweep, whatever the machine's clock says.
  CREATE TABLE clock (now INTEGER NOT NULL, wall INTEGER NOT NULL);
  INSERT INTO clock VALUES (0, 0);
`;

/** Makes the tables in a new file, or brings an earlier version's forward, in one transaction. Throws for a later version's. */
export function migrate(database: Database.Database): void {
  const { user_version: version } = z
    .object({ user_version: z.number() })
    .parse(database.prepare("PRAGMA user_version").get());
  if (version === LEDGER_VERSION) return;
  if (version > LEDGER_VERSION) throw new LaterVersion(version);
  database.exec("BEGIN IMMEDIATE");
  try {
    if (version === 0) database.exec(TABLES);
    else fromVersion1(database);
    database.exec(`PRAGMA user_version = ${LEDGER_VERSION}; COMMIT`);
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/** The file was written by a later Overpaint. */
export class LaterVersion extends Error {
  override readonly name = "LaterVersion";

  constructor(version: number) {
    super(`The records have version ${version}; this Overpaint knows them up to ${LEDGER_VERSION}.`);
  }
}

const oldJobSchema = z.object({
  id: z.string(),
  created_at: z.number(),
  job: z.string(),
  is_acknowledged: z.number(),
  interruptions: z.number(),
});
const oldEventsSchema = z.array(z.object({ event: z.string() }));

/** Version 1 kept every step and every place in the queue as an event. Jobs that it could not have read itself are left out. */
function fromVersion1(database: Database.Database): void {
  database.exec("ALTER TABLE jobs RENAME TO jobs_1; ALTER TABLE events RENAME TO events_1");
  database.exec(TABLES);
  const events = database.prepare("SELECT event FROM events_1 WHERE job_id = ? ORDER BY number");
  for (const row of database.prepare("SELECT * FROM jobs_1 ORDER BY number").all()) {
    const old = oldJobSchema.safeParse(row);
    if (!old.success) continue;
    const { id, created_at, job, is_acknowledged, interruptions } = old.data;
    insertSavedJob(database, {
      id,
      owner: null,
      createdAt: created_at,
      job,
      interruptions,
      isAcknowledged: is_acknowledged === 1,
      events: oldEventsSchema.parse(events.all(id)).map(({ event }) => event),
    });
  }
  database.exec("DROP TABLE events_1; DROP TABLE jobs_1");
}
