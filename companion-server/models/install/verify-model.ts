import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TransferMeter, type TransferProgress } from "../../../shared/hub/transfer-meter.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { hashFile } from "../digests/file-digests.ts";
import { listModelFiles } from "../files/list-pack-files.ts";
import type { ModelPlaces } from "../model-place.ts";
import type { RecordedFile } from "../model-records.ts";
import type { ModelStore } from "../model-store.ts";
import type { InstalledPack } from "../place-at.ts";

export const fileStates = ["whole", "changed", "cut-short", "missing"] as const;

export interface VerifiedFile {
  readonly name: string;
  readonly state: (typeof fileStates)[number];
  /** As it is now; absent for a missing file. */
  readonly sha256?: string;
}

export interface Verification {
  readonly files: readonly VerifiedFile[];
  /** Nothing was known of the files before: they are remembered as they are now. */
  readonly isFirst: boolean;
}

export interface VerifyOptions {
  readonly store: ModelStore;
  /** Takes the files as they are now for right. */
  readonly isAccepted?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (progress: TransferProgress) => void;
}

/** Reads every file of a model and compares it with what it was when it was installed, imported or first verified. */
export async function verifyModel({ id, ...places }: InstalledPack, options: VerifyOptions): Promise<Verification> {
  const { store, isAccepted = false, signal, onProgress } = options;
  const { folder } = places;
  const record = await store.records.find(id);
  const known = isAccepted ? await filesAsTheyAre(places) : (record?.files ?? (await filesAsKnown(places, store)));
  const files = await Promise.all(
    known.map(async (file) => ({ ...file, found: await sizeOf(join(folder, file.name)) })),
  );
  const meter = new TransferMeter(
    files.reduce((sum, { found = 0 }) => sum + found, 0),
    () => performance.now(),
  );
  const verified: VerifiedFile[] = [];
  const whole: RecordedFile[] = [];
  for (const { name, size, sha256: expected, found } of files) {
    if (found === undefined) {
      verified.push({ name, state: "missing" });
      continue;
    }
    const onBytes = (bytes: number) => onProgress(meter.report(name, bytes));
    const sha256 = await hashFile(join(folder, name), { signal, onBytes });
    const isWhole = expected === undefined || expected === sha256;
    if (isWhole) whole.push({ name, size: found, sha256 });
    verified.push({ name, state: isWhole ? "whole" : found < (size ?? 0) ? "cut-short" : "changed", sha256 });
  }
  await store.recordFiles(id, folder, whole);
  if (isAccepted && record) await store.records.keep(id, { ...record, files: whole });
  return { files: verified, isFirst: !isAccepted && known.every(({ sha256 }) => sha256 === undefined) };
}

/** A file, and what it was when that was recorded. */
type KnownFile = Pick<RecordedFile, "name"> & Partial<RecordedFile>;

async function filesAsTheyAre(places: ModelPlaces): Promise<readonly KnownFile[]> {
  return (await listModelFiles(places)).map(({ name }) => ({ name }));
}

/** Of a model that was put where it is by hand: what an earlier verification remembers. */
async function filesAsKnown(places: ModelPlaces, { digests }: ModelStore): Promise<readonly KnownFile[]> {
  const known = await digests.read();
  return (await listModelFiles(places)).map(({ name, path }) => {
    const digest = known[path];
    return digest?.isRecorded ? { name, size: digest.size, sha256: digest.sha256 } : { name };
  });
}

async function sizeOf(path: string): Promise<number | undefined> {
  return await stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}

/** Throws OverpaintError `damaged-model` unless every file is whole. */
export function requireWhole(id: string, { files }: Verification): void {
  const damaged = files.filter(({ state }) => state !== "whole");
  if (damaged.length === 0) return;
  const words = damaged.map(({ name, state }) => `${name} is ${state.replace("-", " ")}`).join(", ");
  throw new OverpaintError(
    "damaged-model",
    `${damaged.length} of ${files.length} files of ${id} are damaged: ${words}.`,
    `Repair it: overpaint models repair ${id}. If you changed it yourself: overpaint models verify ${id} --accept.`,
  );
}
