import { describe, expect, test } from "vitest";
import { readShards } from "../../../../shared/weights/safetensors/read-shards.ts";
import { MemoryFiles, safetensorsFile } from "../../../support/weight-files.ts";

const one = { dims: [1], values: Float32Array.of(1) };
const read = (map: unknown, shards: Readonly<Record<string, Uint8Array>>) =>
  readShards(new MemoryFiles({ "unet/i.json": JSON.stringify({ weight_map: map }), ...shards }), "unet/i.json");

describe("a model divided among files", () => {
  test("is read from all of them", async () => {
    const { tensors } = await read(
      { a: "1.safetensors", b: "2.safetensors" },
      { "unet/1.safetensors": safetensorsFile({ a: one }), "unet/2.safetensors": safetensorsFile({ b: one }) },
    );
    expect([...tensors].map(([name, { file }]) => [name, file])).toEqual([
      ["a", "unet/1.safetensors"],
      ["b", "unet/2.safetensors"],
    ]);
  });

  test.each([
    ["a file is missing", { a: "1.safetensors", b: "2.safetensors" }, /2\.safetensors is missing/],
    ["a file lacks its tensor", { a: "1.safetensors", b: "1.safetensors" }, /expects the tensor "b" in 1\.safetensors/],
    ["a name leads elsewhere", { a: "../1.safetensors" }, /"..\/1\.safetensors", which is not one beside it/],
    ["a name is absolute", { a: "/1.safetensors" }, /not one beside it/],
    ["a name has a drive", { a: "C:\\1.safetensors" }, /not one beside it/],
    ["a name is no safetensors file", { a: "model.bin" }, /not one beside it/],
    ["a name is a number", { a: 3 }, /which file holds the tensor "a"/],
    ["there is no map", undefined, /has no weight_map/],
  ])("is refused when %s", async (_, map, message) => {
    await expect(read(map, { "unet/1.safetensors": safetensorsFile({ a: one }) })).rejects.toThrow(message);
  });

  test("is refused when two files hold the same tensor", async () => {
    const file = safetensorsFile({ a: one });
    const files = { "unet/1.safetensors": file, "unet/2.safetensors": safetensorsFile({ a: one, b: one }) };
    await expect(read({ a: "1.safetensors", b: "2.safetensors" }, files)).rejects.toThrow(/both hold the tensor "a"/);
  });
});
