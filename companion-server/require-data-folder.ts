import { mkdtemp, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isDiskFull, OverpaintError } from "../shared/protocol/overpaint-error.ts";
import { makeFolder } from "./make-folder.ts";

const REMEDY = "Name a folder you may write to with --data or OVERPAINT_DATA.";

/**
 * Makes the data folder if there is none, and writes to it to see that it can. Permissions alone would not tell.
 * Throws `invalid-request`, or the system's error when its disk is full.
 */
export async function requireDataFolder(folder: string): Promise<void> {
  const entry = await stat(folder).catch(() => undefined);
  if (entry !== undefined && !entry.isDirectory())
    throw new OverpaintError("invalid-request", `The data folder ${folder} is a file.`, REMEDY);
  try {
    await makeFolder(folder);
    await rmdir(await mkdtemp(join(folder, ".writable-")));
  } catch (cause) {
    if (isDiskFull(cause)) throw cause;
    const action = entry === undefined ? "made" : "written to";
    const reason = cause instanceof Error && "code" in cause ? ` (${cause.code})` : "";
    throw new OverpaintError("invalid-request", `The data folder ${folder} cannot be ${action}${reason}.`, REMEDY, {
      cause,
    });
  }
}
