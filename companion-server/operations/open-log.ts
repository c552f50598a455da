import { join } from "node:path";
import { type Logger, pino } from "pino";
import openRollingFile, { type RollingFile } from "pino-roll";

/** One file's size, and how many full ones stay beside the one that is written: 40 MB in all. */
const LIMITS = { name: "overpaint", size: "10m", kept: 3 };
/** How long the end waits for the last lines. */
const CLOSE_LIMIT_MS = 2_000;

export interface Log {
  readonly logger: Logger;
  /** Writes what is left. */
  close(): Promise<void>;
}

/**
 * The companion's log: `overpaint.1.log` and so on in the data folder, by size. A full disk costs lines, never the companion.
 * Requests, prompts and pictures are not written; what failed is, with what `secrets` holds blotted out.
 */
export async function openLog(
  dataFolder: string,
  secrets: readonly string[],
  limits: Partial<typeof LIMITS> = {},
): Promise<Log> {
  const { name, size, kept } = { ...LIMITS, ...limits };
  const file = await openRollingFile({
    file: join(dataFolder, name),
    extension: ".log",
    size,
    limit: { count: kept },
    mkdir: true,
    mode: 0o600,
    sync: false,
  }).catch(() => undefined);
  if (file === undefined) return { logger: pino({ level: "silent" }), close: async () => {} };
  file.on("error", () => {});
  const blotted = secrets.filter((secret) => secret !== "");
  const streamWrite = (line: string) => blotted.reduce((text, secret) => text.replaceAll(secret, "[secret]"), line);
  // What is said after the end, or after a failure of the disk, is said to nobody.
  const write = (line: string) => {
    try {
      file.write(line);
    } catch {}
  };
  return { logger: pino({ base: null, hooks: { streamWrite } }, { write }), close: () => closeFile(file) };
}

function closeFile(file: RollingFile): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, CLOSE_LIMIT_MS);
    file.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    try {
      file.end();
    } catch {
      resolve(); // it failed before
    }
  });
}
