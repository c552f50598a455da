import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { externalDataLocations } from "../../../plugin/engine-worker/external-data-locations.ts";
import { inRepository } from "../../support/repository.ts";

const LENGTH_DELIMITED = 2;
const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 128))];
const field = (number: number, body: readonly number[]) => [
  ...varint(number * 8 + LENGTH_DELIMITED),
  ...varint(body.length),
  ...body,
];
const text = (value: string) => [...new TextEncoder().encode(value)];
const entry = (key: string, value: string) => [...field(1, text(key)), ...field(2, text(value))];
const tensor = (location: string | undefined, name: string) => [
  ...[...varint(8), 3], // dims: 3, a varint
  ...field(8, text(name)),
  ...(location === undefined
    ? field(9, Array(300).fill(7)) // raw_data
    : [...field(13, entry("location", location)), ...field(13, entry("offset", "4096"))]),
];
const model = (tensors: readonly (readonly number[])[]) =>
  Uint8Array.from([
    ...[8, 8], // ir_version
    ...field(2, text("exporter")),
    ...field(
      7,
      tensors.flatMap((bytes) => field(5, bytes)),
    ),
    ...field(8, [16, 17]), // opset_import
  ]);

test("names each file of weights once, in the order of the graph", () => {
  const bytes = model([
    tensor("model.onnx_data", "a"),
    tensor(undefined, "b"),
    tensor("more/part-2.bin", "c"),
    tensor("model.onnx_data", "d"),
  ]);
  expect(externalDataLocations(bytes)).toEqual(["model.onnx_data", "more/part-2.bin"]);
});

test("finds none in a graph that holds its weights itself", async () => {
  const bytes = await readFile(inRepository("models/starter/vae_encoder/model.onnx"));
  expect(externalDataLocations(bytes)).toEqual([]);
});

test("rejects a graph that ends too early", () => {
  const bytes = model([tensor("model.onnx_data", "a")]);
  expect(() => externalDataLocations(bytes.subarray(0, bytes.length - 8))).toThrow(RangeError);
});

test("ends with an answer or a RangeError for any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        return Array.isArray(externalDataLocations(bytes));
      } catch (error) {
        return error instanceof RangeError;
      }
    }),
  );
});
