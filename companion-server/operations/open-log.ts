import { join } from "node:path";
import { type Logger, pino } from "pino";

/** One file's size, and how many full ones stay beside the one that is written: 40 MB in all. */
const FILE_SIZE = "10m";
const KEPT_FILES = 3;
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
export function openLog(dataFolder: string, secrets: readonly string[]): Log {
  const stream = pino.transport({
    target: "pino-roll",
    options: {
      file: join(dataFolder, "overpaint"),
      extension: ".log",
      size: FILE_SIZE,
      limit: { count: KEPT_FILES },
      mkdir: true,
      mode: 0o600,
    },
  });
  stream.on("error", () => {});
  const blotted = secrets.filter((secret) => secret !== "");
  const logger = pino(
    {
      base: null,
      hooks: { streamWrite: (line) => blotted.reduce((text, secret) => text.replaceAll(secret, "[secret]"), line) },
    },
    stream,
  );
  return {
    logger,
    close: () =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, CLOSE_LIMIT_MS);
        stream.once("close", () => {
          clearTimeout(timer);
          resolve();
        });
        stream.end();
      }),
  };
}
