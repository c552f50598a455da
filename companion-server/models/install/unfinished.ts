import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** A folder for what this process has not finished, among the downloads. `what` is unique in the process. */
export function unfinishedFolder(downloads: string, what: string): string {
  return join(downloads, `.${process.pid}-${what}`);
}

/** Removes what processes left that are gone, or that had this one's number before it. Called before anything is begun here. */
export async function sweepUnfinished(downloads: string): Promise<void> {
  const names = await readdir(downloads).catch(() => []);
  for (const name of names) {
    const [, pid] = /^\.(\d+)-/.exec(name) ?? [];
    if (pid === undefined || (Number(pid) !== process.pid && isRunning(Number(pid)))) continue;
    await rm(join(downloads, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else may not be asked, and runs.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
