import type Database from "libsql";
import { z } from "zod";
import { type JobId, jobIdSchema } from "../../shared/protocol/api.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/** What is kept of jobs that are over, and how long. */
export interface RetentionLimits {
  /** Days that results stay which nobody has fetched. Default: 30. */
  readonly days?: number | undefined;
  /** Bytes that the pictures of jobs that are over may take together. Default: 20 GB. */
  readonly bytes?: number | undefined;
  /** Of these, those of each person with a token of their own. Default: 5 GB. */
  readonly bytesEach?: number | undefined;
}

/**
 * The limits that the environment sets: `OVERPAINT_KEEP_DAYS`, `OVERPAINT_KEEP_GB` and `OVERPAINT_KEEP_GB_EACH`. Throws
 * `invalid-request` for what is no number above 0.
 */
export function retentionLimits(env: Readonly<Record<string, string | undefined>>): RetentionLimits {
  const limit = (name: string) => positive(name, env[name]);
  const bytes = (name: string) => {
    const gigabytes = limit(name);
    return gigabytes && gigabytes * 1e9;
  };
  return {
    days: limit("OVERPAINT_KEEP_DAYS"),
    bytes: bytes("OVERPAINT_KEEP_GB"),
    bytesEach: bytes("OVERPAINT_KEEP_GB_EACH"),
  };
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new OverpaintError(
    "invalid-request",
    `${name} is ${text}, not a number above 0.`,
    `Set ${name} to a number, or not at all.`,
  );
}

const DAY_MS = 24 * 60 * 60_000;
const UNFETCHED_DAYS = 30;
const MOST_BYTES = 20e9;
/** So that one person's posters push nobody else's results out. */
const MOST_BYTES_EACH = 5e9;
/** Results that were fetched and never acknowledged, as by a panel that was closed: a quarter of the time. */
const FETCHED_SHARE = 1 / 4;
/** Records without pictures are small, and make the history. */
const RECORD_DAYS = 180;

/**
 * Says which jobs may be forgotten: by age, then by size of one person's and of all together, what nobody has fetched last. Age is time during which companions ran, so
 * that a clock that jumps, or a machine that was off for a year, costs nothing.
 */
export class Retention {
  readonly #database: Database.Database;
  readonly #days: number;
  readonly #bytes: number;
  readonly #bytesEach: number;

  constructor(
    database: Database.Database,
    { days = UNFETCHED_DAYS, bytes = MOST_BYTES, bytesEach = MOST_BYTES_EACH }: RetentionLimits = {},
  ) {
    this.#database = database;
    this.#days = days;
    this.#bytes = bytes;
    this.#bytesEach = bytesEach;
  }

  /** Advances the ledger's clock to `wall` (milliseconds since 1970), by a day at most. Call it once an hour or so, and at the start. */
  tick(wall: number): void {
    this.#database
      .prepare("UPDATE clock SET now = now + max(0, min(? - wall, ?)) * (wall > 0), wall = ?")
      .run(wall, DAY_MS, wall);
  }

  /** Jobs to be forgotten, those that matter least first. */
  due(): readonly JobId[] {
    const old = this.#ids(
      `SELECT id FROM jobs, clock WHERE over_at IS NOT NULL AND over_at < clock.now - CASE
         WHEN ifnull(bytes, 1) = 0 OR is_acknowledged THEN ? WHEN is_fetched THEN ? ELSE ? END
       ORDER BY number`,
      RECORD_DAYS * DAY_MS,
      this.#days * FETCHED_SHARE * DAY_MS,
      this.#days * DAY_MS,
    );
    // Of each person what goes beyond their part first; then, of what is left, what goes beyond the whole. `kept` is what there is when
    // the job itself and everything that matters more is kept.
    const large = this.#ids(
      `WITH owned AS (
         SELECT id, is_fetched, number, bytes, owner IS NOT NULL AND
           sum(bytes) OVER (PARTITION BY owner ORDER BY is_fetched, number DESC) > ? AS is_beyond
         FROM jobs WHERE over_at IS NOT NULL AND bytes > 0
       )
       SELECT id FROM (
         SELECT id, is_fetched, number, is_beyond, sum(bytes * NOT is_beyond) OVER (ORDER BY is_fetched, number DESC) AS kept
         FROM owned
       ) WHERE is_beyond OR kept > ? ORDER BY is_beyond DESC, is_fetched DESC, number`,
      this.#bytesEach,
      this.#bytes,
    );
    return [...new Set([...old, ...large])];
  }

  #ids(sql: string, ...values: readonly number[]): readonly JobId[] {
    const rows = z.array(z.object({ id: jobIdSchema })).parse(this.#database.prepare(sql).all(...values));
    return rows.map(({ id }) => id);
  }
}
