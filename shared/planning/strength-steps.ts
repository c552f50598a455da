/** Below this many real steps a run has no chance to draw anything. */
const MIN_REAL_STEPS = 4;
/** Schedules get no finer than this: it is the most a request may ask for, and less than any model was trained on. */
const MAX_STEPS = 150;
/** Schedules of consistency models choose among this many timesteps. */
const MAX_DISTILLED_STEPS = 50;

export interface StrengthSteps {
  /** Steps of the whole schedule. */
  readonly steps: number;
  /** Of which this share runs, the last ones. Above the wanted strength only where even the finest schedule is too coarse. */
  readonly strength: number;
}

/**
 * Makes a run begin where the strength says, and yet have enough steps: `strength`·`wanted` of them, at least
 * four. A finer schedule makes up for what a low strength leaves out, so that each position of a slider draws
 * something else.
 *
 * @param wanted steps a run of strength 1 would have
 */
export function strengthSteps(wanted: number, strength: number, isDistilled: boolean): StrengthSteps {
  const most = isDistilled ? MAX_DISTILLED_STEPS : MAX_STEPS;
  const real = Math.max(Math.round(wanted * strength), Math.min(MIN_REAL_STEPS, wanted));
  const reached = Math.max(strength, real / most);
  return { steps: Math.min(most, Math.ceil(real / reached)), strength: reached };
}
