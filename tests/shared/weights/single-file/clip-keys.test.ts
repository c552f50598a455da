import { expect, test } from "vitest";
import type { TensorRef } from "../../../../shared/protocol/tensor-ref.ts";
import { clipWeights } from "../../../../shared/weights/single-file/clip-keys.ts";

const tensor = (dims: readonly number[], offset = 0): TensorRef => ({
  file: "f",
  type: "F16",
  dims,
  offset,
  length: 2 * dims.reduce((product, dim) => product * dim, 1),
});
const named = (tensors: Readonly<Record<string, TensorRef>>) =>
  clipWeights({ tensors: new Map(Object.entries(tensors)), unreadable: new Map() });

test("OpenCLIP's fused projection is query, key and value, in this order", () => {
  const layer = "transformer.resblocks.3.attn.";
  const weights = named({
    [`${layer}in_proj_weight`]: tensor([12, 4], 100),
    [`${layer}in_proj_bias`]: tensor([12], 500),
  });
  const attention = "text_model.encoder.layers.3.self_attn.";
  for (const [index, name] of ["q", "k", "v"].entries()) {
    expect(weights.find(`${attention}${name}_proj.weight`)).toEqual(tensor([4, 4], 100 + 32 * index));
    expect(weights.find(`${attention}${name}_proj.bias`)).toEqual(tensor([4], 500 + 8 * index));
  }
});

test("OpenCLIP's text projection is stored the other way round", () => {
  const weights = named({ "transformer.resblocks.0.ln_1.bias": tensor([4]), text_projection: tensor([4, 6]) });
  expect(weights.find("text_projection.weight")).toEqual({ ...tensor([4, 6]), isTransposed: true });
});

test("rows that are no three parts are refused", () => {
  expect(() => named({ "transformer.resblocks.0.attn.in_proj_weight": tensor([10, 4]) })).toThrow(/no multiple of 3/);
});

test("CLIP's names get the prefix that new files leave out, and positions are no weights", () => {
  const bare = named({ "encoder.layers.0.mlp.fc1.weight": tensor([4, 4]), "embeddings.position_ids": tensor([1, 77]) });
  expect([...bare.names()]).toEqual(["text_model.encoder.layers.0.mlp.fc1.weight"]);
  const prefixed = named({ "text_model.encoder.layers.0.mlp.fc1.weight": tensor([4, 4]), logit_scale: tensor([]) });
  expect([...prefixed.names()]).toEqual(["text_model.encoder.layers.0.mlp.fc1.weight"]);
});
