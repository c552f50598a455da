/**
 * diffusers' name for a key of a tiny autoencoder. The original files hold one half each, a row of numbered layers, of which
 * the decoder's first, without weights, has no number in diffusers.
 *
 * Reference: https://github.com/madebyollin/taesd, `AutoencoderTiny` of diffusers.
 */
export function tinyVaeName(key: string, isDecoder: boolean): string | undefined {
  if (/^(encoder|decoder)\.layers\./.test(key)) return key;
  const [, layer, rest] = /^(?:taesd_)?(?:encoder\.|decoder\.)?(\d+)\.(.*)$/.exec(key) ?? [];
  if (layer === undefined) return undefined;
  return isDecoder ? `decoder.layers.${Number(layer) - 1}.${rest}` : `encoder.layers.${layer}.${rest}`;
}
