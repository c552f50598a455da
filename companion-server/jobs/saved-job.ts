import type Database from "libsql";
import { z } from "zod";
import { jobIdSchema, jobSubmissionSchema } from "../../shared/protocol/api.ts";
import { type EditEvent, editEventSchema, isFinalEvent } from "../../shared/protocol/edit-event.ts";
import { editPartNames } from "../../shared/protocol/edit-request.ts";
import { pixelSizeSchema } from "../../shared/protocol/geometry.ts";
import { dueAt } from "./due.ts";

/** What the ledger keeps of a job as it was asked for. */
export const askedJobSchema = z.object({
  submission: jobSubmissionSchema,
  parts: z.array(z.enum(editPartNames)),
  source: pixelSizeSchema.optional(),
});

/** A job as another file of records, or its pictures, tell of it: not checked yet. */
export interface SavedJob {
  readonly id: string;
  readonly owner: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** JSON, as `askedJobSchema`. */
  readonly job: string;
  readonly interruptions: number;
  readonly isAcknowledged: boolean;
  /** JSON, in their order; with every step and every place in the queue where version 1 kept them. */
  readonly events: readonly string[];
}

/** Puts a job into the ledger as it was left. False for one that cannot be read, or that is there already. */
export function insertSavedJob(database: Database.Database, saved: SavedJob): boolean {
  const id = jobIdSchema.safeParse(saved.id);
  const asked = parse(askedJobSchema, saved.job);
  if (!id.success || asked === undefined) return false;
  const told = keptEvents(saved.events);
  // What was acknowledged was over, whatever is lost of it.
  const isUnended = saved.isAcknowledged && !told.some(isFinalEvent);
  const events: readonly EditEvent[] = isUnended ? [...told, { type: "done", results: [] }] : told;
  const last = events.at(-1);
  const attempts = events.filter(({ type }) => type === "started").length;
  const isOver = last !== undefined && isFinalEvent(last);
  const { changes, lastInsertRowid } = database
    .prepare(
      `INSERT OR IGNORE INTO jobs (id, owner, created_at, due, job, prompt, state, attempts, interruptions, is_acknowledged, over_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${isOver ? "(SELECT now FROM clock)" : "NULL"})`,
    )
    .run(
      id.data,
      saved.owner,
      saved.createdAt,
      dueAt(saved.createdAt, asked.submission.request, asked.source),
      saved.job,
      asked.submission.request.prompt.toLowerCase(),
      isOver ? last.type : attempts > 0 ? "running" : "queued",
      attempts,
      saved.interruptions,
      saved.isAcknowledged ? 1 : 0,
    );
  if (changes === 0) return false;
  const add = database.prepare("INSERT OR IGNORE INTO events (job, number, event, variant) VALUES (?, ?, ?, ?)");
  for (const [index, event] of events.entries()) {
    const stored = event.type === "done" ? { ...event, results: [] } : event;
    const variant = event.type === "result" ? event.result.variant : null;
    add.run(Number(lastInsertRowid), index + 1, JSON.stringify(stored), variant);
  }
  return true;
}

/** The events that the ledger keeps: one place in the queue, no steps, each variant once, nothing behind the end. */
function keptEvents(texts: readonly string[]): readonly EditEvent[] {
  const variants = new Set<number>();
  const kept: EditEvent[] = [{ type: "queued", ahead: 0 }];
  for (const text of texts) {
    const event = parse(editEventSchema, text);
    if (event === undefined || event.type === "step" || event.type === "queued") continue;
    if (event.type === "result" && variants.has(event.result.variant)) continue;
    if (event.type === "result") variants.add(event.result.variant);
    kept.push(event);
    if (isFinalEvent(event)) break;
  }
  return kept;
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
