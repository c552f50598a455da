/** Names inside an autoencoder that only have other words for the same. */
const renamed: readonly (readonly [original: RegExp, diffusers: string])[] = [
  [/\.norm_out\./, ".conv_norm_out."],
  [/\.nin_shortcut\./, ".conv_shortcut."],
  [/\.mid\.block_1\./, ".mid_block.resnets.0."],
  [/\.mid\.block_2\./, ".mid_block.resnets.1."],
  [/\.mid\.attn_1\.norm\./, ".mid_block.attentions.0.group_norm."],
  [/\.mid\.attn_1\.([qkv])\./, ".mid_block.attentions.0.to_$1."],
  [/\.mid\.attn_1\.proj_out\./, ".mid_block.attentions.0.to_out.0."],
  [/^encoder\.down\.(\d+)\.block\./, "encoder.down_blocks.$1.resnets."],
  [/^encoder\.down\.(\d+)\.downsample\./, "encoder.down_blocks.$1.downsamplers.0."],
];

/** The decoder's levels are counted from the finest in the original code, from the coarsest in diffusers. */
const decoderLevel = /^decoder\.up\.(\d+)\.(block|upsample)\./;
const encoderOrDecoder = /^(encoder|decoder|quant_conv|post_quant_conv)\./;

/** Attention of an autoencoder in diffusers before 0.16. */
const oldAttention: readonly (readonly [old: RegExp, now: string])[] = [
  [/(\.attentions\.\d+\.)query\./, "$1to_q."],
  [/(\.attentions\.\d+\.)key\./, "$1to_k."],
  [/(\.attentions\.\d+\.)value\./, "$1to_v."],
  [/(\.attentions\.\d+\.)proj_attn\./, "$1to_out.0."],
];

/**
 * diffusers' names for the keys of an autoencoder, original or diffusers', old or new, without prefix. Keys of anything else
 * (`loss`, the model's own averages) are left out.
 *
 * Reference: `Encoder` and `Decoder` of CompVis' latent-diffusion, `AutoencoderKL` of diffusers.
 */
export function vaeNames(keys: Iterable<string>): ReadonlyMap<string, string> {
  const own = [...keys].filter((key) => encoderOrDecoder.test(key));
  const levels = own.reduce((count, key) => Math.max(count, Number(decoderLevel.exec(key)?.[1] ?? -1) + 1), 0);
  return new Map(own.map((key) => [key, vaeName(key, levels)]));
}

function vaeName(key: string, levels: number): string {
  const turned = key.replace(decoderLevel, (_, level: string, kind: string) => {
    const block = `decoder.up_blocks.${levels - 1 - Number(level)}`;
    return kind === "block" ? `${block}.resnets.` : `${block}.upsamplers.0.`;
  });
  return [...renamed, ...oldAttention].reduce((name, [from, to]) => name.replace(from, to), turned);
}
