import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { StoredType, TensorRef } from "../../protocol/tensor-ref.ts";
import type { StoredTensors, UnreadableTensor } from "../tensor-table.ts";
import type { WeightFiles } from "../weight-files.ts";
import { fileName, foreignFile, SIGNATURE_LENGTH } from "./foreign-file.ts";

/** Length of the header, little-endian, before the header itself. */
const PREFIX_BYTES = 8;
/** The reference implementation's own limit. A header of 100,000 tensors takes 15 MB. */
const MAX_HEADER_BYTES = 100_000_000;
const OPENING_BRACE = 0x7b;
const METADATA_KEY = "__metadata__";

/** Bytes that a value takes. */
export const typeBytes: Readonly<Record<StoredType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/**
 * Reads the header of a safetensors file: 8 bytes, then as many bytes of JSON as they say. Tensors are never read. Stretches
 * of the file that belong to no tensor are allowed; those that belong to two are not.
 *
 * Throws OverpaintError `unsupported-model` for files of another kind, `damaged-model` for headers that are cut short or lie.
 * Format: https://github.com/huggingface/safetensors#format
 */
export async function readSafetensorsHeader(
  files: Pick<WeightFiles, "size" | "readBytes">,
  path: string,
): Promise<StoredTensors> {
  const size = await files.size(path);
  if (size === undefined) throw damaged(path, "is missing");
  if (size === 0) throw damaged(path, "is empty");
  const start = await files.readBytes(path, 0, Math.min(size, SIGNATURE_LENGTH));
  const headerBytes = headerLength(start);
  // A length may happen to read like another format's first letters, so it is believed where JSON follows it, also in a file that
  // is cut short. No pickle has that many zeros before a brace: none of its opcodes is zero, and a frame's length ends with zeros.
  const isPlausible = headerBytes <= MAX_HEADER_BYTES && start[PREFIX_BYTES] === OPENING_BRACE;
  const foreign = isPlausible ? undefined : foreignFile(path, start);
  if (foreign) throw foreign;
  if (size < PREFIX_BYTES) throw damaged(path, `ends after ${size} bytes`);
  if (headerBytes > size - PREFIX_BYTES)
    throw damaged(path, `is cut short or no safetensors file: its header takes ${headerBytes} bytes of ${size}`);
  if (headerBytes > MAX_HEADER_BYTES) throw damaged(path, `has a header of ${headerBytes} bytes, beyond any use`);
  const header = parseHeader(path, await files.readBytes(path, PREFIX_BYTES, headerBytes));
  return listTensors(path, header, { base: PREFIX_BYTES + headerBytes, size });
}

function headerLength(start: Uint8Array): number {
  if (start.length < PREFIX_BYTES) return 0;
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  return view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
}

function parseHeader(path: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw damaged(path, "has a header that is not JSON", cause);
  }
  if (isRecord(header)) return header;
  throw damaged(path, "has a header that lists no tensors");
}

function listTensors(
  path: string,
  header: Readonly<Record<string, unknown>>,
  data: { readonly base: number; readonly size: number },
): StoredTensors {
  const tensors = new Map<string, TensorRef>();
  const unreadable = new Map<string, UnreadableTensor>();
  const metadata = new Map<string, string>();
  const stretches: Stretch[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === METADATA_KEY) {
      if (!isRecord(entry)) continue;
      for (const [key, value] of Object.entries(entry)) if (typeof value === "string") metadata.set(key, value);
      continue;
    }
    const { type, dims, begin, end } = readEntry(path, name, entry);
    if (data.base + end > data.size)
      throw damaged(path, `is cut short: the tensor "${name}" ends at byte ${data.base + end} of ${data.size}`);
    if (end > begin) stretches.push({ name, begin, end });
    if (!isStoredType(type)) {
      unreadable.set(name, { file: path, type, dims });
      continue;
    }
    const length = dims.reduce((product, dim) => product * dim, typeBytes[type]);
    if (length !== end - begin)
      throw damaged(
        path,
        `lies about the tensor "${name}": ${type} [${dims.join(", ")}] takes ${length} bytes, not ${end - begin}`,
      );
    tensors.set(name, { file: path, type, dims, offset: data.base + begin, length });
  }
  requireApart(path, stretches);
  return { tensors, unreadable, metadata };
}

interface Stretch {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

function readEntry(path: string, name: string, entry: unknown) {
  if (!isRecord(entry)) throw damaged(path, `does not say where the tensor "${name}" lies`);
  const { dtype: type, shape: dims, data_offsets: offsets } = entry;
  const isWhole = typeof type === "string" && isCounts(dims) && isCounts(offsets) && offsets.length === 2;
  if (!isWhole) throw damaged(path, `has a wrong type, shape or place for the tensor "${name}"`);
  const [begin = 0, end = 0] = offsets;
  if (begin > end) throw damaged(path, `has the tensor "${name}" end before it begins`);
  return { type, dims, begin, end };
}

function requireApart(path: string, stretches: Stretch[]): void {
  stretches.sort((a, b) => a.begin - b.begin);
  for (const [index, stretch] of stretches.entries()) {
    const before = stretches[index - 1];
    if (before && before.end > stretch.begin)
      throw damaged(path, `has the tensors "${before.name}" and "${stretch.name}" in the same place`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function isStoredType(type: string): type is StoredType {
  return Object.hasOwn(typeBytes, type);
}

function damaged(path: string, problem: string, cause?: unknown): OverpaintError {
  return new OverpaintError("damaged-model", `${fileName(path)} ${problem}.`, "Download the file again.", { cause });
}
