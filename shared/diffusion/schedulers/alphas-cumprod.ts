/** The fields of a scheduler's configuration that say how noise grows over the training timesteps. */
export interface BetaSchedule {
  readonly num_train_timesteps: number;
  readonly beta_start: number;
  readonly beta_end: number;
  readonly beta_schedule: "linear" | "scaled_linear" | "squaredcos_cap_v2" | "exp";
  readonly trained_betas: readonly number[] | null;
  readonly rescale_betas_zero_snr?: boolean | undefined;
}

/** The cosine schedule ends just short of a beta of 1, which would leave nothing of the sample. */
const MAX_BETA = 0.999;

/**
 * ᾱ[t] = Π (1 − β[s]), s ≤ t: the share of the clean sample's variance left at training timestep t, in float32 as
 * diffusers computes it.
 */
export function alphasCumprod(schedule: BetaSchedule): Float32Array {
  const betas = betasOf(schedule);
  return cumulativeProduct(schedule.rescale_betas_zero_snr ? rescaleZeroTerminalSnr(betas) : betas);
}

function betasOf(schedule: BetaSchedule): Float32Array {
  if (schedule.trained_betas) return Float32Array.from(schedule.trained_betas);
  const { num_train_timesteps: count, beta_start: start, beta_end: end } = schedule;
  switch (schedule.beta_schedule) {
    case "linear":
      return linspaceFloat32(start, end, count);
    case "scaled_linear":
      return linspaceFloat32(Math.sqrt(start), Math.sqrt(end), count).map((root) => root * root);
    case "squaredcos_cap_v2":
      // Nichol and Dhariwal, "Improved Denoising Diffusion Probabilistic Models", 2021, formula (17).
      return betasForAlphaBar(count, (t) => Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2);
    case "exp":
      return betasForAlphaBar(count, (t) => Math.exp(t * -12));
  }
}

function betasForAlphaBar(count: number, alphaBar: (t: number) => number): Float32Array {
  const betas = new Float32Array(count);
  for (let i = 0; i < count; i++) betas[i] = Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), MAX_BETA);
  return betas;
}

/** `torch.linspace` in float32, which works from both ends to the middle. */
function linspaceFloat32(start: number, end: number, count: number): Float32Array {
  const values = new Float32Array(count);
  const step = Math.fround(Math.fround(Math.fround(end) - Math.fround(start)) / (count - 1));
  for (let i = 0; i < count; i++)
    values[i] = i < Math.floor(count / 2) ? start + step * i : end - step * (count - 1 - i);
  return values;
}

/** `torch.cumprod` of 1 − β: accumulated in double precision, stored in float32. */
function cumulativeProduct(betas: Float32Array): Float32Array {
  const products = new Float32Array(betas.length);
  let product = 1;
  for (let t = 0; t < betas.length; t++) {
    product *= Math.fround(1 - betas[t]!);
    products[t] = product;
  }
  return products;
}

/**
 * Shifts and scales √ᾱ so that the last timestep is pure noise.
 *
 * Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed", 2023, algorithm 1.
 */
function rescaleZeroTerminalSnr(betas: Float32Array): Float32Array {
  const roots = cumulativeProduct(betas).map(Math.sqrt);
  const first = roots[0]!;
  const last = roots[roots.length - 1]!;
  const scale = Math.fround(first / Math.fround(first - last));
  const alphaBars = roots.map((root) => Math.fround(Math.fround(root - last) * scale) ** 2);
  return alphaBars.map((alphaBar, t) => 1 - (t === 0 ? alphaBar : Math.fround(alphaBar / alphaBars[t - 1]!)));
}
