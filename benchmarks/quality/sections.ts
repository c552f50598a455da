import type { QualitySection } from "./quality-section.ts";
import { inpaintSection } from "./sheets/inpaint.ts";
import { outpaintSection } from "./sheets/outpaint.ts";
import { removeSection } from "./sheets/remove.ts";
import { restyleSection } from "./sheets/restyle.ts";
import { inpaintSeamsSection } from "./tables/inpaint-seams.ts";
import { outpaintSeamsSection } from "./tables/outpaint-seams.ts";
import { upscalingSection } from "./tables/upscaling.ts";

/** Every part of the report, in its order. */
export const sections: readonly QualitySection[] = [
  inpaintSeamsSection,
  outpaintSeamsSection,
  inpaintSection,
  removeSection,
  outpaintSection,
  restyleSection,
  upscalingSection,
];
