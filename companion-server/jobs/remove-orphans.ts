import type { JobId } from "../../shared/protocol/api.ts";
import type { Artifacts } from "./artifacts.ts";
import type { JobStore } from "./job-store.ts";

/** A companion without records of its own may still be at work on what looks forgotten. */
const LEAST_AGE_MS = 24 * 60 * 60_000;

/** Deletes pictures of jobs that have no record, as a power cut may leave them. Answers how many jobs those were. */
export async function removeOrphans(artifacts: Artifacts, store: JobStore, now: number): Promise<number> {
  const known = store.ids();
  const folders = await artifacts.list();
  const orphans = folders.filter(({ name, changedAt }) => !known.has(name) && now - changedAt >= LEAST_AGE_MS);
  for (const { name } of orphans) await artifacts.remove(name as JobId);
  return orphans.length;
}
