import { OverpaintError } from "../protocol/overpaint-error.ts";
import { formatBytes } from "../protocol/text/format-bytes.ts";
import type { ArrivingModel } from "./arriving-model.ts";
import { type FetchFileOptions, fetchFile } from "./fetch-file.ts";
import type { HubFile } from "./hub-client.ts";
import { TransferMeter, type TransferProgress } from "./transfer-meter.ts";

export interface FetchModelOptions extends Omit<FetchFileOptions, "onProgress" | "isAdopted"> {
  readonly onProgress: (progress: TransferProgress) => void;
}

/** Files that arrive side by side. More do not fill a line better. */
const SIDE_BY_SIDE = 4;
/** Beside the files: a disk that is full to its last byte stops everything else. */
const SPARE_BYTES = 256 * 1024 ** 2;

/** Brings files of the hub into a model that is arriving, and answers their SHA-256 by path. Throws as `fetchFile` does, and `disk-full`. */
export async function fetchModel(
  files: readonly HubFile[],
  options: FetchModelOptions,
): Promise<ReadonlyMap<string, string>> {
  const { into, hub, signal, onProgress } = options;
  const kept = new Map<string, number>();
  const adopted = new Set<string>();
  for (const file of files) {
    signal?.throwIfAborted();
    if (await into.adopt(file)) adopted.add(file.path);
    kept.set(file.path, Math.min(file.size, await into.keptBytes(file.path)));
  }
  await requireRoom(files, kept, into);
  const meter = new TransferMeter(
    files.reduce((sum, { size }) => sum + size, 0),
    () => hub.clock.now(),
  );
  const digests = new Map<string, string>();
  // The largest first: it takes longest.
  const waiting = [...files].sort((a, b) => b.size - a.size);
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const { path } = file;
      const report = (bytes: number) => onProgress(meter.report(path, bytes));
      const how = { signal: stop.signal, onProgress: report, isAdopted: adopted.has(path) };
      digests.set(path, await fetchFile(file, { ...options, ...how }));
    }
  };
  try {
    signal?.throwIfAborted();
    const works = Array.from({ length: SIDE_BY_SIDE }, () =>
      work().catch((error) => {
        waiting.length = 0;
        stop.abort(error);
        throw error;
      }),
    );
    const ends = await Promise.allSettled(works);
    const failed = ends.find((end) => end.status === "rejected");
    if (failed) throw stop.signal.reason ?? failed.reason;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  return digests;
}

async function requireRoom(
  files: readonly HubFile[],
  kept: ReadonlyMap<string, number>,
  into: ArrivingModel,
): Promise<void> {
  const wanted = files.reduce((sum, { path, size }) => sum + size - (kept.get(path) ?? 0), 0);
  const free = await into.freeBytes();
  if (free === undefined || wanted + SPARE_BYTES <= free) return;
  throw new OverpaintError(
    "disk-full",
    `The model takes ${formatBytes(wanted)} more, and ${formatBytes(free)} are free.`,
    into.remedyForRoom,
  );
}
