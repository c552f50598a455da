import { join } from "node:path";

/** The pictures of jobs in a data folder. */
export function jobsFolder(dataFolder: string): string {
  return join(dataFolder, "jobs");
}

/** The records of jobs in a data folder. */
export function jobsDatabase(dataFolder: string): string {
  return join(dataFolder, "jobs.db");
}
