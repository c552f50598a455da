import { z } from "zod";

/** ControlNets that take part in one edit together. */
export const MAX_CONTROLS = 4;

/**
 * What a ControlNet is shown of a picture. "canny": its edges. "tile": its colours without detail. "luminance": how bright it
 * is. "outline": the border of what is white in it. "source", "raw": the picture as it is, the edit's own or one that was
 * prepared elsewhere.
 */
export const controlKinds = ["canny", "tile", "luminance", "outline", "source", "raw"] as const;
export type ControlKind = (typeof controlKinds)[number];

/** Words in the names of ControlNets, and what such a one was trained to be shown. */
const kindWords: readonly (readonly [sign: RegExp, kind: ControlKind])[] = [
  [/canny/i, "canny"],
  [/tile/i, "tile"],
  [/brightness|luminance|illumination/i, "luminance"],
];

/** What a ControlNet of this name wants to be shown; undefined where the name does not tell. */
export function controlKindOf(name: string): ControlKind | undefined {
  return kindWords.find(([sign]) => sign.test(name))?.[1];
}

const share = z.number().min(0).max(1);

const controlFields = {
  kind: z.enum(controlKinds),
  /** How far the picture is held to it: 1 as the ControlNet was trained, 0 not at all. */
  strength: z.number().min(0).max(4).default(1),
  /** The shares of the run from and up to which it is held. */
  start: share.default(0),
  end: share.default(1),
};

/** Shown to one ControlNet, in the words of a plan. */
export const plannedControlSchema = z.object(controlFields);
export type PlannedControl = z.output<typeof plannedControlSchema>;

/** The part of a submission that holds the picture of control number k. */
export const controlParts = ["control-0", "control-1", "control-2", "control-3"] as const;
