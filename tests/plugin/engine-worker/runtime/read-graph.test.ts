import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readGraph } from "../../../../plugin/engine-worker/runtime/read-graph.ts";
import { inRepository } from "../../../support/repository.ts";

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
  expect(readGraph(bytes).files).toEqual(["model.onnx_data", "more/part-2.bin"]);
});

test("finds none in a graph that holds its weights itself", async () => {
  const bytes = await readFile(inRepository("models/starter/vae_encoder/model.onnx"));
  expect(readGraph(bytes).files).toEqual([]);
});

/** Of 4,809 words by 192 numbers, as onnx's own reader has it. */
const WORD_EMBEDDING = 1_846_656;

test("tells who computes in half precision, and the bytes of the largest weight", async () => {
  const needs = async (path: string) => readGraph(await readFile(inRepository(path)));
  expect(await needs("tests/fixtures/tiny-pack/unet/model.onnx")).toMatchObject({ hasHalf: false });
  expect(await needs("tests/fixtures/tiny-half-pack/unet/model.onnx")).toMatchObject({ hasHalf: true });
  // Its weights are stored in half precision, which the runtime widens.
  const starter = { largestWeight: WORD_EMBEDDING, hasHalf: false };
  expect(await needs("models/starter/text_encoder/model.onnx")).toMatchObject(starter);
});

test("reads sizes that are packed together", () => {
  const halves = [...field(1, [...varint(300), ...varint(4)]), ...varint(16), 10];
  expect(readGraph(model([halves]))).toEqual({ files: [], largestWeight: 2_400, hasHalf: false });
});

test("tells half precision that begins inside a graph", () => {
  const cast = (to: number) => [...field(4, text("Cast")), ...field(5, [...field(1, text("to")), ...varint(24), to])];
  const castsTo = (to: number) => readGraph(Uint8Array.from(field(7, field(1, cast(to))))).hasHalf;
  expect([castsTo(10), castsTo(1)]).toEqual([true, false]);
});

test("rejects a graph that ends too early", () => {
  const bytes = model([tensor("model.onnx_data", "a")]);
  expect(() => readGraph(bytes.subarray(0, bytes.length - 8))).toThrow(RangeError);
});

test("ends with an answer or a RangeError for any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        return Array.isArray(readGraph(bytes).files);
      } catch (error) {
        return error instanceof RangeError;
      }
    }),
  );
});
