import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { inRepository } from "../../support/repository.ts";

export type SingleFile = "sd1" | "sd1-inpaint" | "sd2" | "xl" | "vae-of-4-levels" | "control-net-original";

/** A checkpoint in one file, as the generator wrote it. */
export function readSingleFile(name: SingleFile): Uint8Array {
  return gunzipSync(readFileSync(inRepository(`tests/fixtures/checkpoints/${name}.safetensors.gz`)));
}

export async function writeSingleFile(name: SingleFile, path: string): Promise<void> {
  await writeFile(path, readSingleFile(name));
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** A safetensors file of those tensors of another one that `rename` gives a name to, with their bytes as they are. */
export function withTensors(file: Uint8Array, rename: (name: string) => string | undefined): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const data = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, data))) as Record<string, Entry>;
  const kept: Record<string, Entry> = {};
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [name, entry] of Object.entries(header)) {
    const renamed = name === "__metadata__" ? undefined : rename(name);
    if (renamed === undefined) continue;
    const bytes = file.subarray(data + entry.data_offsets[0], data + entry.data_offsets[1]);
    kept[renamed] = { ...entry, data_offsets: [end, end + bytes.length] };
    parts.push(bytes);
    end += bytes.length;
  }
  return safetensors(kept, parts);
}

/** A copy of a safetensors file in which the first value of a tensor is no number; its bits say so in any type of floats. */
export function withNaN(file: Uint8Array, name: string): Uint8Array {
  const copy = Buffer.from(file);
  const data = 8 + Number(copy.readBigUInt64LE(0));
  const header = JSON.parse(copy.subarray(8, data).toString("utf8")) as Record<string, Entry>;
  const [begin] = header[name]!.data_offsets; // the generator wrote it
  return copy.fill(0xff, data + begin, data + begin + 4);
}

/** A copy of a safetensors file that says of a tensor's bytes that they have another shape. */
export function withShape(
  file: Uint8Array,
  name: string,
  change: (shape: readonly number[]) => readonly number[],
): Uint8Array {
  const data = 8 + Number(Buffer.from(file).readBigUInt64LE(0));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, data))) as Record<string, Entry>;
  const entry = header[name]!; // the generator wrote it
  return safetensors({ ...header, [name]: { ...entry, shape: change(entry.shape) } }, [file.subarray(data)]);
}

function safetensors(header: Readonly<Record<string, Entry>>, parts: readonly Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return Buffer.concat([length, text, ...parts]);
}
