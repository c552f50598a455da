/** From here up a mask pixel counts as painted: diffusers binarises masks at one half. */
export const PAINTED_FROM = 128;

/** From here up a mask pixel shows at all: the end of a soft brush, but not the noise of a compressed mask. */
export const FAINT_FROM = 8;
/** From here up it is white: compressed masks have hardly a pure 255. */
const WHITE_FROM = 250;

/** A mask's value without the noise at both its ends. */
export function paintedValue(value: number): number {
  if (value < FAINT_FROM) return 0;
  return value >= WHITE_FROM ? 255 : value;
}
