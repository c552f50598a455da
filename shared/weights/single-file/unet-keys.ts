// Names of a U-Net or ControlNet as the original code numbers them (openaimodel.py of CompVis' latent-diffusion and
// Stability's generative-models), and as diffusers names them:
//
//   time_embed.0, .2                    time_embedding.linear_1, .linear_2
//   label_emb.0.0, .0.2                 add_embedding.linear_1, .linear_2
//   label_emb                           class_embedding
//   input_blocks.0.0                    conv_in
//   input_blocks.i.0, .1                down_blocks.b.resnets.j, .attentions.j
//   input_blocks.i.0.op                 down_blocks.b.downsamplers.0.conv, which ends level b
//   middle_block.0, .1, .2              mid_block.resnets.0, .attentions.0, .resnets.1
//   output_blocks.i.0, .1               up_blocks.b.resnets.j, .attentions.j
//   output_blocks.i.{1|2}.conv          up_blocks.b.upsamplers.0.conv, which ends level b
//   out.0, out.2                        conv_norm_out, conv_out
//   zero_convs.i.0                      controlnet_down_blocks.i
//   middle_block_out.0                  controlnet_mid_block
//   input_hint_block.0, .2k, .14        controlnet_cond_embedding.conv_in, .blocks.k−1, .conv_out
//
// Levels are told by where the samplers are, so that any number of levels and layers is read.

/** Original prefixes of a network's modules, and diffusers' for each; none begins with another. */
export type ModulePrefixes = readonly (readonly [original: string, diffusers: string])[];

const fixed: ModulePrefixes = [
  ["time_embed.0.", "time_embedding.linear_1."],
  ["time_embed.2.", "time_embedding.linear_2."],
  ["time_embed.cond_proj.", "time_embedding.cond_proj."],
  ["label_emb.0.0.", "add_embedding.linear_1."],
  ["label_emb.0.2.", "add_embedding.linear_2."],
  ["label_emb.weight", "class_embedding.weight"],
  ["input_blocks.0.0.", "conv_in."],
  ["out.0.", "conv_norm_out."],
  ["out.2.", "conv_out."],
  ["middle_block_out.0.", "controlnet_mid_block."],
];

/** Inside a residual block; a transformer's names are the same in both. */
const residual: ModulePrefixes = [
  ["in_layers.0.", "norm1."],
  ["in_layers.2.", "conv1."],
  ["emb_layers.1.", "time_emb_proj."],
  ["out_layers.0.", "norm2."],
  ["out_layers.3.", "conv2."],
  ["skip_connection.", "conv_shortcut."],
];

/** The original prefixes of a U-Net's or ControlNet's modules, from its keys without the network's own prefix. */
export function unetPrefixes(keys: Iterable<string>): ModulePrefixes {
  const names = [...keys];
  return [
    ...fixed,
    ...levels(names, "input_blocks", "down_blocks", 1),
    ...middle(names),
    ...levels(names, "output_blocks", "up_blocks", 0),
    ...numbers(names, /^zero_convs\.(\d+)\.0\./).map(
      (i) => [`zero_convs.${i}.0.`, `controlnet_down_blocks.${i}.`] as const,
    ),
    ...hints(names),
  ];
}

/** diffusers' name for an original key; undefined for one that is no part of the network. */
export function unetName(key: string, prefixes: ModulePrefixes): string | undefined {
  const found = prefixes.find(([original]) => key.startsWith(original));
  if (!found) return undefined;
  const [original, diffusers] = found;
  const rest = key.slice(original.length);
  const inside = diffusers.includes(".resnets.") ? residual.find(([name]) => rest.startsWith(name)) : undefined;
  return diffusers + (inside ? inside[1] + rest.slice(inside[0].length) : rest);
}

/** The original name for one of diffusers', the inverse of `unetName`. */
export function originalUnetName(name: string, prefixes: ModulePrefixes): string | undefined {
  const found = prefixes.find(([, diffusers]) => name.startsWith(diffusers));
  if (!found) return undefined;
  const [original, diffusers] = found;
  const rest = name.slice(diffusers.length);
  const inside = diffusers.includes(".resnets.") ? residual.find(([, inner]) => rest.startsWith(inner)) : undefined;
  return original + (inside ? inside[0] + rest.slice(inside[1].length) : rest);
}

function levels(keys: readonly string[], blocks: string, diffusers: string, first: number): ModulePrefixes {
  const parts = partsOfBlocks(keys, blocks);
  const prefixes: [string, string][] = [];
  let level = 0;
  let layer = 0;
  for (const index of [...parts.keys()].filter((i) => i >= first).sort((a, b) => a - b)) {
    let isEnd = false;
    for (const [position, kind] of parts.get(index) ?? []) {
      const original = `${blocks}.${index}.${position}.`;
      if (kind === "downsampler") prefixes.push([`${original}op.`, `${diffusers}.${level}.downsamplers.0.conv.`]);
      else if (kind === "upsampler") prefixes.push([`${original}conv.`, `${diffusers}.${level}.upsamplers.0.conv.`]);
      else prefixes.push([original, `${diffusers}.${level}.${kind}.${layer}.`]);
      isEnd ||= kind === "downsampler" || kind === "upsampler";
    }
    level += isEnd ? 1 : 0;
    layer = isEnd ? 0 : layer + 1;
  }
  return prefixes;
}

type PartKind = "resnets" | "attentions" | "downsampler" | "upsampler";

/** What each part of each numbered block is, by the names inside. */
function partsOfBlocks(keys: readonly string[], blocks: string): ReadonlyMap<number, ReadonlyMap<number, PartKind>> {
  const pattern = new RegExp(`^${blocks}\\.(\\d+)\\.(\\d)\\.(in_layers|op|conv|norm)\\.`);
  const kinds: Readonly<Record<string, PartKind>> = {
    in_layers: "resnets",
    op: "downsampler",
    conv: "upsampler",
    norm: "attentions",
  };
  const parts = new Map<number, Map<number, PartKind>>();
  for (const key of keys) {
    const [, index, position, inside] = pattern.exec(key) ?? [];
    const kind = kinds[inside ?? ""];
    if (kind === undefined) continue;
    const block = parts.get(Number(index)) ?? new Map<number, PartKind>();
    parts.set(Number(index), block.set(Number(position), kind));
  }
  return parts;
}

function middle(keys: readonly string[]): ModulePrefixes {
  const count = { resnets: 0, attentions: 0 };
  return numbers(keys, /^middle_block\.(\d+)\./).map((i) => {
    const kind = keys.some((key) => key.startsWith(`middle_block.${i}.in_layers.`)) ? "resnets" : "attentions";
    return [`middle_block.${i}.`, `mid_block.${kind}.${count[kind]++}.`] as const;
  });
}

/** The picture's way into a ControlNet: convolutions at every second place. */
function hints(keys: readonly string[]): ModulePrefixes {
  const places = numbers(keys, /^input_hint_block\.(\d+)\./);
  return places.map((place, index) => {
    const name = index === 0 ? "conv_in" : index === places.length - 1 ? "conv_out" : `blocks.${index - 1}`;
    return [`input_hint_block.${place}.`, `controlnet_cond_embedding.${name}.`] as const;
  });
}

/** The numbers that a pattern finds in the keys, each once, in order. */
function numbers(keys: readonly string[], pattern: RegExp): readonly number[] {
  const found = keys.flatMap((key) => pattern.exec(key)?.[1] ?? []);
  return [...new Set(found.map(Number))].sort((a, b) => a - b);
}

/** The same prefixes from diffusers' names: where the original code would have each module. */
export function originalPrefixes(names: Iterable<string>): ModulePrefixes {
  const modules = new Set<string>();
  for (const name of names) {
    const [module] =
      /^(down_blocks|up_blocks)\.\d+\.(resnets|attentions|downsamplers|upsamplers)\.\d+\./.exec(name) ?? [];
    if (module !== undefined) modules.add(module);
  }
  return [
    ...fixed,
    ...originalLevels(modules, "down_blocks", "input_blocks", 1),
    ["middle_block.0.", "mid_block.resnets.0."],
    ["middle_block.1.", "mid_block.attentions.0."],
    ["middle_block.2.", "mid_block.resnets.1."],
    ...originalLevels(modules, "up_blocks", "output_blocks", 0),
  ];
}

function originalLevels(
  modules: ReadonlySet<string>,
  diffusers: string,
  blocks: string,
  first: number,
): ModulePrefixes {
  const prefixes: [string, string][] = [];
  let index = first;
  for (let level = 0; modules.has(`${diffusers}.${level}.resnets.0.`); level++) {
    const inLevel = `${diffusers}.${level}.`;
    let hasAttention = false;
    for (let layer = 0; modules.has(`${inLevel}resnets.${layer}.`); layer++) {
      prefixes.push([`${blocks}.${index}.0.`, `${inLevel}resnets.${layer}.`]);
      hasAttention = modules.has(`${inLevel}attentions.${layer}.`);
      if (hasAttention) prefixes.push([`${blocks}.${index}.1.`, `${inLevel}attentions.${layer}.`]);
      index++;
    }
    if (modules.has(`${inLevel}downsamplers.0.`))
      prefixes.push([`${blocks}.${index++}.0.op.`, `${inLevel}downsamplers.0.conv.`]);
    // An up-sampler is part of the level's last block.
    if (modules.has(`${inLevel}upsamplers.0.`))
      prefixes.push([`${blocks}.${index - 1}.${hasAttention ? 2 : 1}.conv.`, `${inLevel}upsamplers.0.conv.`]);
  }
  return prefixes;
}
