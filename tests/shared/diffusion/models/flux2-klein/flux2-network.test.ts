import { expect, test } from "vitest";
import type { Tensor } from "../../../../../shared/diffusion/model-session.ts";
import { createFlux2Network } from "../../../../../shared/diffusion/models/flux2-klein/flux2-network.ts";
import { parseFlux2TransformerConfig } from "../../../../../shared/networks/transformer-flux2.ts";

const WORDS = 2;
const channels = 2;
/** Two values of a head for each axis: one wave, whose angle is the coordinate itself. */
const config = parseFlux2TransformerConfig({
  in_channels: channels,
  axes_dims_rope: [2, 2, 2, 2],
  attention_head_dim: 8,
  guidance_embeds: false,
});

/** What the transformer is fed for a picture of 2×1 cells and references of 1×2 and 1×1. */
async function feeds(): Promise<Readonly<Record<string, Tensor>>> {
  let seen: Readonly<Record<string, Tensor>> = {};
  const session = {
    run: async (inputs: Readonly<Record<string, Tensor>>) => {
      seen = inputs;
      return { sample: inputs.hidden_states! }; // the network feeds it
    },
  };
  const references = [
    { width: 1, height: 2, latents: Float32Array.of(5, 6, 50, 60) },
    { width: 1, height: 1, latents: Float32Array.of(7, 70) },
  ];
  const network = createFlux2Network(session, config, { batch: 1, width: 2, height: 1, references });
  const prompt = { hidden: new Float32Array(WORDS), tokens: WORDS, width: 1, pooled: undefined };
  const velocity = await network.velocity(Float32Array.of(1, 2, 10, 20), 0.5, prompt, 0);
  expect([...velocity]).toEqual([1, 2, 10, 20]); // the picture's own cells alone
  return seen;
}

test("shows references as tokens behind the picture's", async () => {
  const { hidden_states: tokens } = await feeds();
  expect(tokens?.dims).toEqual([1, 5, channels]);
  expect([...(tokens?.data ?? [])]).toEqual([1, 10, 2, 20, 5, 50, 6, 60, 7, 70]);
});

test("places words along a line, the picture at time 0, and each reference ten later than the one before", async () => {
  const { rotary_sin: sines } = await feeds();
  const positions = [
    [0, 0, 0, 0],
    [0, 0, 0, 1],
    [0, 0, 0, 0],
    [0, 0, 1, 0],
    [10, 0, 0, 0],
    [10, 1, 0, 0],
    [20, 0, 0, 0],
  ];
  expect(sines?.dims).toEqual([positions.length, 4]);
  expect([...(sines?.data ?? [])]).toEqual(positions.flat().map((angle) => Math.fround(Math.sin(angle))));
});
