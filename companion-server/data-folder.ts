import { mkdtemp, rmdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { isDiskFull, OverpaintError } from "../shared/protocol/overpaint-error.ts";
import { makeFolder } from "./make-folder.ts";

/** What the operating system's convention depends on, so that every system's choice can be tested on any. */
export interface DataFolderSurroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** Where packs, results and the token live unless `--data` says otherwise. */
export function defaultDataFolder(
  { platform, env, home }: DataFolderSurroundings = { platform: process.platform, env: process.env, home: homedir() },
): string {
  if (env.OVERPAINT_DATA) return env.OVERPAINT_DATA;
  if (platform === "win32") return join(env.LOCALAPPDATA ?? join(home, "AppData", "Local"), "Overpaint");
  if (platform === "darwin") return join(home, "Library", "Application Support", "Overpaint");
  return join(env.XDG_DATA_HOME || join(home, ".local", "share"), "overpaint");
}

const REMEDY = "Name a folder you may write to with --data or OVERPAINT_DATA.";

/**
 * Makes the data folder if there is none, and writes to it to see that it can. Permissions alone would not tell. One that is there on a
 * full disk will do: results in it are kept and handed out. Throws `invalid-request`, or the system's error when there is no room to
 * make one.
 */
export async function requireDataFolder(folder: string): Promise<void> {
  const entry = await stat(folder).catch(() => undefined);
  if (entry !== undefined && !entry.isDirectory())
    throw new OverpaintError("invalid-request", `The data folder ${folder} is a file.`, REMEDY);
  try {
    await makeFolder(folder);
    await rmdir(await mkdtemp(join(folder, ".writable-")));
  } catch (cause) {
    if (isDiskFull(cause) && entry !== undefined) return;
    if (isDiskFull(cause)) throw cause;
    const action = entry === undefined ? "made" : "written to";
    const reason = cause instanceof Error && "code" in cause ? ` (${cause.code})` : "";
    throw new OverpaintError("invalid-request", `The data folder ${folder} cannot be ${action}${reason}.`, REMEDY, {
      cause,
    });
  }
}
