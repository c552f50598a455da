import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/** SQLite has an error of its own for a full disk. */
export function storageError(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code !== "SQLITE_FULL" && !code.startsWith("SQLITE_IOERR")) return error;
  return new OverpaintError(
    "disk-full",
    "The companion's records cannot be written: its disk is full or fails.",
    "Free some space and retry.",
    { cause: error },
  );
}
