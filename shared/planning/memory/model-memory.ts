import type { MemoryCost, MemoryFacts } from "../../protocol/models/memory-facts.ts";
import type { Precision } from "../../protocol/models/precision.ts";

/**
 * What a model takes of a device, for whoever asks: before it is installed, when it is opened, and when a run is planned.
 */

/** Bytes that each network of a model takes once it is loaded, by its name in diffusers' layout: "text_encoder", "unet", "vae". */
export type LoadedWeights = ReadonlyMap<string, number>;

/** What runtime, pictures and program take beside a model: README's limit. */
export const PROGRAM_BYTES = 0.5 * 1024 ** 3;

const READING = /^(text_encoder|image_encoder|image_projection)/;
const AUTOENCODER = /^(tiny_)?vae/;

/** With every network loaded at once. */
export function heldTogether(weights: LoadedWeights): number {
  return [...weights.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Bytes of the weights that are there at a time where networks take turns: what reads prompts, what denoises, what codes pictures. */
export interface Turns {
  readonly reading: number;
  readonly denoising: number;
  readonly coding: number;
}

/** One after the other read prompts; ControlNets draw with their denoiser. */
export function turnsOf(weights: LoadedWeights): Turns {
  let [reading, denoising, coding] = [0, 0, 0];
  for (const [name, bytes] of weights) {
    if (READING.test(name)) reading = Math.max(reading, bytes);
    else if (AUTOENCODER.test(name)) coding += bytes;
    else denoising += bytes;
  }
  return { reading, denoising, coding };
}

/** What a network computes in where a model is asked for a precision: autoencoders overflow in half and are never rounded. */
export function computedIn(network: string, precision: Precision): Precision {
  return AUTOENCODER.test(network) ? "fp32" : precision;
}

/** Bytes of one evaluation for a picture of so many cells. */
function bytesFor({ perCell, perCellPair }: MemoryCost, cells: number): number {
  return perCell * cells + perCellPair * cells * cells;
}

/** One evaluation of the denoiser, and a picture that is encoded or decoded, in latent cells. */
export interface RunDemand {
  readonly denoisedCells: number;
  readonly codedCells: number;
  /** Pictures in a batch, twice as many where guidance is evaluated together. */
  readonly rows: number;
}

/**
 * Bytes that a run takes at its peak beside what is loaded throughout: denoiser and autoencoder together, because runtimes keep
 * what one evaluation took for the next, and previews are decoded between steps. Where networks take turns, those of the greater
 * turn with its weights: what a network took goes with it, and only a tiny decoder draws previews.
 */
export function runBytes(
  { denoiser, autoencoder }: Pick<MemoryFacts, "denoiser" | "autoencoder">,
  { denoisedCells, codedCells, rows }: RunDemand,
  turns?: Turns,
): number {
  const denoising = rows * bytesFor(denoiser, denoisedCells);
  const coding = bytesFor(autoencoder, codedCells);
  return turns ? Math.max(turns.reading, turns.denoising + denoising, turns.coding + coding) : denoising + coding;
}
