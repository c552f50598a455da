import type { QualitySection } from "./quality-section.ts";
import { outpaintSection } from "./sheets/outpaint.ts";
import { inpaintSeamsSection } from "./tables/inpaint-seams.ts";
import { upscalingSection } from "./tables/upscaling.ts";

/** Every part of the report, in its order. */
export const sections: readonly QualitySection[] = [inpaintSeamsSection, outpaintSection, upscalingSection];
