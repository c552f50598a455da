import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readSafetensorsHeader } from "../../../../shared/weights/safetensors/read-header.ts";
import { TensorTable } from "../../../../shared/weights/tensor-table.ts";
import { MemoryFiles, rawHeader, safetensorsHeader } from "../../../support/weight-files.ts";

const read = (bytes: Uint8Array, pretended = 0) =>
  readSafetensorsHeader(new MemoryFiles({ "a/model.safetensors": bytes }, pretended), "a/model.safetensors");
const entry = (dims: readonly number[], begin: number, end: number, dtype = "F32") => ({
  dtype,
  shape: dims,
  data_offsets: [begin, end],
});
const header = (tensors: object) => rawHeader(JSON.stringify(tensors));
const text = (content: string) => new TextEncoder().encode(content.padEnd(80));

describe("the header of a safetensors file", () => {
  test("says where each tensor lies, from the start of the file", async () => {
    const file = header({ __metadata__: { format: "pt" }, b: entry([2, 3], 8, 32), a: entry([4], 0, 8, "F16") });
    const { tensors, metadata } = await read(file, 32);
    expect(tensors.get("b")).toEqual({
      file: "a/model.safetensors",
      type: "F32",
      dims: [2, 3],
      offset: file.length + 8,
      length: 24,
    });
    expect(tensors.get("a")).toMatchObject({ type: "F16", length: 8 });
    expect([...metadata]).toEqual([["format", "pt"]]);
  });

  test("may be without metadata, leave gaps, and hold scalars and empty tensors", async () => {
    const { tensors } = await read(header({ a: entry([], 100, 104), b: entry([0, 4], 0, 0) }), 104);
    expect([...tensors.keys()]).toEqual(["a", "b"]);
  });

  test("of a length that reads like a pickle's first bytes is believed where JSON follows", async () => {
    const body = JSON.stringify({ a: entry([1], 0, 4) });
    const { tensors } = await read(rawHeader(body.padEnd(0x0280)), 4);
    expect(tensors.size).toBe(1);
  });

  test("of 100,000 tensors is read in a moment", async () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`block.${i}.weight`, { dims: [2, 2] }]));
    const { bytes, dataBytes } = safetensorsHeader(many);
    // Of the processor, which other tests share.
    const before = process.cpuUsage();
    const { tensors } = await read(bytes, dataBytes);
    expect(tensors.size).toBe(100_000);
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(2);
  }, 30_000);

  test("with types that nothing computes with is read; such a tensor is refused by name when it is needed", async () => {
    const { tensors, unreadable } = await read(header({ a: entry([4], 0, 4, "F8_E4M3"), b: entry([1], 4, 8) }), 8);
    const table = new TensorTable(tensors, unreadable);
    expect(table.find("b")).toBeDefined();
    expect(() => table.find("a")).toThrow(/"a" in a\/model\.safetensors is stored as F8_E4M3/);
  });

  test("takes tensors of any name, those that look like paths or properties, too", async () => {
    const names = ["../../etc/passwd", "__proto__", "constructor", ""];
    const entries = names.map((name, i) => `${JSON.stringify(name)}:${JSON.stringify(entry([1], 4 * i, 4 * i + 4))}`);
    const { tensors } = await read(rawHeader(`{${entries.join(",")}}`), 16);
    expect([...tensors.keys()]).toEqual(names);
  });
});

test("a file whose bytes were changed is read or refused, and never read beyond its end", async () => {
  const file = header({ a: entry([2, 3], 0, 24), b: entry([4], 24, 40), __metadata__: { format: "pt" } });
  const change = fc.record({
    at: fc.nat(file.length - 1),
    byte: fc.nat(255),
    length: fc.integer({ min: 0, max: file.length + 40 }),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ at, byte, length }) => {
      const changed = new Uint8Array(length);
      changed.set(file.subarray(0, length));
      if (at < length) changed[at] = byte;
      // MemoryFiles throws plain errors for bytes that are not there.
      const result = await read(changed).catch((error: unknown) => error);
      if (result instanceof Error) expect(result).toMatchObject({ name: "OverpaintError" });
    }),
    { numRuns: 500 },
  );
});

describe("a file that is no safetensors file, or lies", () => {
  test.each([
    ["is empty", new Uint8Array(), /model\.safetensors is empty/],
    ["ends in its length", Uint8Array.of(1, 2, 3), /ends after 3 bytes/],
    ["has a header longer than itself", rawHeader("{}", 1000), /header takes 1000 bytes of 10/],
    ["has a length beyond any number", rawHeader("{}", Number.MAX_SAFE_INTEGER), /cut short or no safetensors file/],
    ["has a header that is not JSON", rawHeader("{nonsense"), /not JSON/],
    ["has NaN in its header", rawHeader('{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}'), /not JSON/],
    ["lists no tensors", rawHeader("[]"), /lists no tensors/],
    ["is a .ckpt", text("PK\u0003\u0004archive/data.pkl"), /zip archive.*can run any code/],
    ["is a web page", text("<!DOCTYPE html><html>"), /is a web page/],
    ["is a pointer of Git LFS", text("version https://git-lfs.github.com/spec/v1"), /Git LFS/],
    ["is JSON", text('{"model": "x"}'), /is JSON text/],
  ])("is refused when it %s", async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(message);
  });

  // pickle.dumps({"state_dict": {}}, protocol), and torch's magic number as its legacy files begin.
  test.each([
    ["2", "80027d71005801000000737d7101732e"],
    ["4", "8004950d000000000000007d948c01737d9473942e"],
    ["2 of torch.save", "80028a0a6cfc9c46f9206aa850192e"],
  ])("is refused when it is a pickle of protocol %s", async (_, hex) => {
    await expect(read(Buffer.from(hex, "hex"))).rejects.toThrow(/pickle.*can run any code/);
  });

  test.each([0x80, 0x0280, 0x0480])("of %i bytes that is cut short is no pickle", async (length) => {
    const body = rawHeader(JSON.stringify({ a: entry([1], 0, 4) }).padEnd(length));
    await expect(read(body.subarray(0, length / 2))).rejects.toThrow(/cut short/);
  });

  test("of a length like a pickle's first byte, and no JSON, is no pickle", async () => {
    await expect(read(Buffer.from("80ff0000000000003f3f3f3f", "hex"))).rejects.toThrow(
      /cut short or no safetensors file/,
    );
  });

  test.each([
    ["is cut short", { a: entry([100], 0, 400) }, /cut short: the tensor "a" ends at byte/],
    [
      "has more values than bytes",
      { a: entry([100], 0, 4) },
      /lies about the tensor "a": F32 \[100\] takes 400 bytes, not 4/,
    ],
    ["has a size beyond any number", { a: entry([2 ** 40, 2 ** 40], 0, 4) }, /lies about/],
    ["has two tensors in one place", { a: entry([2], 0, 8), b: entry([2], 4, 12) }, /"a" and "b" in the same place/],
    ["has a negative offset", { a: entry([1], -4, 0) }, /wrong type, shape or place for the tensor "a"/],
    ["has a negative dimension", { a: entry([-1], 0, 4) }, /wrong type, shape or place/],
    ["has half a dimension", { a: entry([0.5], 0, 2) }, /wrong type, shape or place/],
    ["ends before it begins", { a: entry([1], 8, 4) }, /end before it begins/],
    ["says nothing of a tensor", { a: null }, /where the tensor "a" lies/],
    ["lacks a type", { a: { shape: [1], data_offsets: [0, 4] } }, /wrong type/],
  ])("is refused when it %s", async (_, tensors, message) => {
    await expect(read(header(tensors), 16)).rejects.toThrow(message);
  });

  test("is missing", async () => {
    await expect(readSafetensorsHeader(new MemoryFiles({}), "x.safetensors")).rejects.toThrow(
      "x.safetensors is missing",
    );
  });
});
