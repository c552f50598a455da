import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MappedCheckpoint } from "../../../../../companion-server/engine/child/graphs/mapped-checkpoint.ts";
import { Stopwatch } from "../../../../../companion-server/engine/stopwatch.ts";
import { GraphBuilder } from "../../../../../shared/networks/graph/graph-builder.ts";
import type { Device } from "../../../../../shared/protocol/api.ts";
import { readSafetensorsHeader } from "../../../../../shared/weights/safetensors/read-header.ts";
import { TensorTable } from "../../../../../shared/weights/tensor-table.ts";
import { temporaryFolder } from "../../../../support/temporary-folder.ts";
import { rawHeader } from "../../../../support/weight-files.ts";

const GIBIBYTE = 2 ** 30;
const FILE = "model.safetensors";
const values = [1.5, -2.25, 0.09375, -1024];
/** The same values in each type's bits. */
const bits = {
  F32: Buffer.from(Float32Array.from(values).buffer),
  F16: Buffer.from(Uint16Array.of(0x3e00, 0xc080, 0x2e00, 0xe400).buffer),
  BF16: Buffer.from(Uint16Array.of(0x3fc0, 0xc010, 0x3dc0, 0xc480).buffer),
};
const stored = [
  { name: "first", type: "F32", begin: 0 },
  { name: "past 2 GiB", type: "F32", begin: 2 * GIBIBYTE + 4 },
  { name: "past 4 GiB, at an odd byte", type: "F16", begin: 4 * GIBIBYTE + 7 },
  { name: "near the end", type: "BF16", begin: Math.floor(5.9 * GIBIBYTE) },
] as const;

/** A file of 6 GiB, nearly all of it a hole that takes no disk. */
async function writeSparseFile(path: string): Promise<void> {
  const entries = stored.map(({ name, type, begin }) => {
    const offsets = [begin, begin + bits[type].length];
    return [name, { dtype: type, shape: [values.length], data_offsets: offsets }];
  });
  const text = JSON.stringify(Object.fromEntries(entries));
  // Not a multiple of 8, so that nothing is aligned.
  const header = rawHeader(text.padEnd(Math.ceil(text.length / 8) * 8 + 3));
  const file = await open(path, "w");
  try {
    await file.write(header);
    for (const { type, begin } of stored) await file.write(bits[type], 0, bits[type].length, header.length + begin);
    await file.truncate(6 * GIBIBYTE);
  } finally {
    await file.close();
  }
}

test("maps weights exactly wherever they lie in a file of 6 GiB", async () => {
  await using folder = await temporaryFolder();
  await writeSparseFile(join(folder.path, FILE));
  const stopwatch = new Stopwatch();
  const checkpoint = new MappedCheckpoint(
    { folder: folder.path, file: FILE },
    { device: "cpu", stopwatch: () => stopwatch },
  );
  const { tensors } = await readSafetensorsHeader(checkpoint, FILE);

  const graph = new GraphBuilder(new TensorTable(tensors));
  const x = graph.floatInput("x", [values.length]);
  for (const { name } of stored)
    graph.floatOutput(`sum ${name}`, graph.add(x, graph.weight(name, [values.length])), [values.length]);
  const session = await checkpoint.openGraph("sums", graph.build());
  try {
    const sums = await session.run({ x: { type: "float32", dims: [4], data: Float32Array.of(1, 2, 4, 8) } });
    for (const { name } of stored)
      expect([...(sums[`sum ${name}`]?.data ?? [])], name).toEqual([2.5, -0.25, 4.09375, -1016]);
  } finally {
    await session.release();
  }
});

test("offers graphs to be packed on the processor alone, where packed ones are taken", async () => {
  await using folder = await temporaryFolder();
  const entry = { kernel: { dtype: "F32", shape: [1, 1, 1, 1], data_offsets: [0, 4] } };
  const kernel = new Uint8Array(Float32Array.of(2).buffer);
  await writeFile(join(folder.path, FILE), Buffer.concat([rawHeader(JSON.stringify(entry)), kernel]));
  const packable = async (device: Device) => {
    const checkpoint = new MappedCheckpoint(
      { folder: folder.path, file: FILE },
      { device, stopwatch: () => new Stopwatch() },
    );
    const { tensors } = await readSafetensorsHeader(checkpoint, FILE);
    const graph = new GraphBuilder(new TensorTable(tensors));
    const shape = [1, 1, 2, 2];
    graph.floatOutput(
      "y",
      graph.op("Conv", [graph.floatInput("x", shape), graph.weight("kernel", [1, 1, 1, 1])]),
      shape,
    );
    // Whether this machine has the device or not.
    const session = await checkpoint.openGraph("net", graph.build()).catch(() => undefined);
    await session?.release();
    return checkpoint.packable.map(({ name }) => name);
  };
  expect(await packable("cpu")).toEqual(["net"]);
  expect(await packable("webgpu")).toEqual([]);
});
