import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { rowsOf, type TensorRef } from "../../protocol/tensor-ref.ts";
import type { StoredTensors } from "../tensor-table.ts";
import { TensorTable } from "../tensor-table.ts";

/** Names that OpenCLIP and transformers have for the same. */
const renamed: readonly (readonly [open: RegExp, transformers: string])[] = [
  [/^transformer\.resblocks\./, "text_model.encoder.layers."],
  [/^token_embedding\./, "text_model.embeddings.token_embedding."],
  [/^positional_embedding$/, "text_model.embeddings.position_embedding.weight"],
  [/^ln_final\./, "text_model.final_layer_norm."],
  [/\.ln_([12])\./, ".layer_norm$1."],
  [/\.attn\./, ".self_attn."],
  [/\.mlp\.c_fc\./, ".mlp.fc1."],
  [/\.mlp\.c_proj\./, ".mlp.fc2."],
];
const fusedProjection = /\.in_proj_(weight|bias)$/;
const ignored = /(^|\.)(position_ids|logit_scale|attn_mask)$/;
const ownModules = /^(text_model\.)?(embeddings|encoder|final_layer_norm)\./;

/** Whether the keys of a text encoder are OpenCLIP's. */
export function isOpenClip(keys: Iterable<string>): boolean {
  for (const key of keys) if (key.startsWith("transformer.resblocks.")) return true;
  return false;
}

/**
 * A CLIP text encoder by transformers' names, all with the prefix `text_model.`, which transformers from 5.6 on leaves out of
 * `CLIPTextModel`. OpenCLIP's attention holds query, key and value in one matrix, of which each is a third of the rows, and
 * its `text_projection` is stored [in, out].
 */
export function clipWeights(stored: Pick<StoredTensors, "tensors" | "unreadable">): TensorTable {
  const rename = isOpenClip([...stored.tensors.keys(), ...stored.unreadable.keys()]) ? openClipName : clipName;
  const tensors = new Map<string, TensorRef>();
  for (const [key, tensor] of stored.tensors) {
    const name = rename(key);
    if (name === undefined) continue;
    if (fusedProjection.test(name)) for (const entry of thirds(name, tensor)) tensors.set(...entry);
    else if (key === "text_projection") tensors.set(name, { ...tensor, isTransposed: true });
    else tensors.set(name, tensor);
  }
  const unreadable = [...stored.unreadable].map(([key, tensor]) => [rename(key) ?? key, tensor] as const);
  return new TensorTable(tensors, new Map(unreadable.filter(([name]) => !ignored.test(name))));
}

function openClipName(key: string): string | undefined {
  if (key === "text_projection") return "text_projection.weight";
  if (ignored.test(key) || !/^(transformer\.resblocks|token_embedding|positional_embedding|ln_final)/.test(key))
    return undefined;
  return renamed.reduce((name, [from, to]) => name.replace(from, to), key);
}

function clipName(key: string): string | undefined {
  if (ignored.test(key)) return undefined;
  if (key === "text_projection.weight") return key;
  if (!ownModules.test(key)) return undefined;
  return key.startsWith("text_model.") ? key : `text_model.${key}`;
}

function thirds(name: string, tensor: TensorRef): readonly (readonly [string, TensorRef])[] {
  const [rows = 0] = tensor.dims;
  if (rows % 3 !== 0)
    throw new OverpaintError(
      "damaged-model",
      `${tensor.file} has ${rows} rows of query, key and value in "${name}", which is no multiple of 3.`,
      "Download the file again.",
    );
  const count = rows / 3;
  return ["q", "k", "v"].map((which, index) => [
    name.replace(fusedProjection, `.${which}_proj.$1`),
    rowsOf(tensor, { start: index * count, count }),
  ]);
}
