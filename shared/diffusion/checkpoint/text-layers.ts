/** After which layers of its text encoder FLUX.2 klein reads the hidden states. */
const FLUX2_KLEIN_LAYERS = [9, 18, 27];

/**
 * After how many layers the denoiser of a pipeline reads the hidden states of a language model that is its text encoder.
 *
 * References: `text_encoder_out_layers` of diffusers' `Flux2KleinPipeline`; `hidden_states[-2]` in `ZImagePipeline`.
 */
export function textLayersOf(
  pipeline: string,
  { num_hidden_layers: layers }: { readonly num_hidden_layers: number },
): readonly number[] {
  if (pipeline.startsWith("Flux2Klein")) return FLUX2_KLEIN_LAYERS;
  return [layers - 1];
}
