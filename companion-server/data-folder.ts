import { homedir } from "node:os";
import { join } from "node:path";

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
