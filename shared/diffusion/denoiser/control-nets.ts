import { PIXELS_PER_CELL } from "../../networks/control-net.ts";
import { isResidual } from "../../networks/unet-2d-condition.ts";
import type { ModelSession, Tensor, ValueInfo } from "../model-session.ts";
import type { controlNetComponents } from "../pack/component.ts";
import { toFloats, toGraphInput } from "../tensors/graph-values.ts";
import { requireFinite } from "../tensors/require-finite.ts";
import type { RunShare } from "./denoiser.ts";

/** How far a ControlNet holds the picture to another one, and when. */
export interface ControlHold {
  /** `controlnet_conditioning_scale` in diffusers: 1 as trained. */
  readonly strength: number;
  /** Shares of the run from and up to which it takes part: `control_guidance_start` and `control_guidance_end`. */
  readonly start: number;
  readonly end: number;
}

/** A ControlNet with the picture it looks at. */
export interface Control extends ControlHold {
  readonly component: (typeof controlNetComponents)[number];
  readonly session: ModelSession;
  /** [3, 8 · height, 8 · width] of the latents, 0 to 1. */
  readonly picture: Float32Array;
}

/** One evaluation of the denoiser, of which ControlNets see the same. */
export interface ControlledEvaluation {
  /** The denoiser's, the extra channels of inpainting models included. */
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** Whether each row is one without the prompt. */
  readonly areNegative: readonly boolean[];
  readonly share: RunShare | undefined;
}

/**
 * What several ControlNets together add to the maps of a denoiser: the sum of what each answers, as in diffusers'
 * `MultiControlNetModel`. One that takes no part adds nothing, and is not run.
 *
 * Zhang, Rao and Agrawala, "Adding Conditional Control to Text-to-Image Diffusion Models", 2023 (arXiv:2302.05543).
 */
export class ControlNets {
  readonly #unet: ModelSession;
  readonly #controls: readonly Control[];
  /** Each control's picture for a number of rows. */
  readonly #pictures = new Map<Control, Tensor>();

  /** @param unet whose inputs take residuals */
  constructor(unet: ModelSession, controls: readonly Control[]) {
    this.#unet = unet;
    this.#controls = controls;
  }

  /** For every input of the denoiser that takes residuals, [rows, channels, height, width]. */
  async residuals(evaluation: ControlledEvaluation): Promise<Readonly<Record<string, Tensor>>> {
    const { feeds, areNegative, share } = evaluation;
    const sum: Record<string, Tensor> = {};
    for (const control of this.#controls) {
      if (control.strength === 0 || !share || share.from < control.start || share.to > control.end) continue;
      const answer = await control.session.run(this.#feedsOf(control, feeds));
      for (const output of control.session.outputs) {
        const { name } = output;
        const residual = answer[name]!; // a graph answers what it declares
        const values = toFloats(residual);
        requireFinite(values, { component: control.component }, [control.picture]);
        const added = { ...residual, type: "float32", data: values } as const;
        if (isPooled(output)) clearRows(values, areNegative);
        sum[name] = sum[name] ? addTensors(sum[name], added) : added;
      }
    }
    return Object.keys(sum).length > 0 ? sum : this.#nothing(areNegative.length);
  }

  #feedsOf(control: Control, feeds: ControlledEvaluation["feeds"]): Record<string, Tensor> {
    const own: Record<string, Tensor> = {};
    const latents = feeds.sample!; // every denoiser takes latents
    const [rows, channels, height, width] = latents.dims as readonly [number, number, number, number];
    for (const input of control.session.inputs) {
      if (input.name === "sample") {
        // Mask and masked picture, which follow the latents, are for the denoiser alone.
        const taken = typeof input.shape[1] === "number" ? input.shape[1] : channels;
        const values = firstChannels(toFloats(latents), rows, channels, taken);
        own.sample = toGraphInput(input, [rows, taken, height, width], values);
      } else if (input.name === "controlnet_cond") own.controlnet_cond = this.#picture(control, rows, height, width);
      else if (input.name === "conditioning_scale") {
        const count = control.session.outputs.length;
        own.conditioning_scale = toGraphInput(input, [count], new Float32Array(count).fill(control.strength));
      } else own[input.name] = feeds[input.name]!; // of the same family: it reads what the denoiser reads
    }
    return own;
  }

  #picture(control: Control, rows: number, height: number, width: number): Tensor {
    const known = this.#pictures.get(control);
    if (known?.dims[0] === rows) return known;
    const data = new Float32Array(rows * control.picture.length);
    for (let row = 0; row < rows; row++) data.set(control.picture, row * control.picture.length);
    const dims = [rows, 3, height * PIXELS_PER_CELL, width * PIXELS_PER_CELL];
    const picture = { type: "float32", dims, data } as const;
    this.#pictures.set(control, picture);
    return picture;
  }

  /** Zeros of one cell a channel, which are added to every cell. */
  #nothing(rows: number): Record<string, Tensor> {
    const inputs = this.#unet.inputs.filter(({ name }) => isResidual(name));
    return Object.fromEntries(
      inputs.map((input) => {
        const channels = Number(input.shape[1]);
        return [input.name, toGraphInput(input, [rows, channels, 1, 1], new Float32Array(rows * channels))];
      }),
    );
  }
}

/** Those that look at a picture as a whole (`global_pool_conditions`) answer one value a channel. */
function isPooled({ shape }: ValueInfo): boolean {
  return shape[2] === 1 && shape[3] === 1;
}

/** They guide what is told the prompt alone, as diffusers has it. */
function clearRows(values: Float32Array, areNegative: readonly boolean[]): void {
  const size = values.length / areNegative.length;
  for (const [row, isNegative] of areNegative.entries()) if (isNegative) values.fill(0, row * size, (row + 1) * size);
}

function firstChannels(values: Float32Array, rows: number, channels: number, taken: number): Float32Array {
  if (taken === channels) return values;
  const plane = values.length / (rows * channels);
  const kept = new Float32Array(rows * taken * plane);
  for (let row = 0; row < rows; row++) {
    const start = row * channels * plane;
    kept.set(values.subarray(start, start + taken * plane), row * taken * plane);
  }
  return kept;
}

/** Sums two residuals, of which one may have a single cell for all of the other's. */
function addTensors(left: Tensor, right: Tensor): Tensor {
  const [larger, smaller] = left.data.length >= right.data.length ? [left, right] : [right, left];
  const [values, others] = [toFloats(larger), toFloats(smaller)];
  const cells = values.length / others.length;
  return { ...larger, data: values.map((value, i) => value + others[Math.floor(i / cells)]!) };
}
