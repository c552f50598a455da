import { z } from "zod";

/** model_index.json: the pipeline's class, and for each component its library and class. */
export const modelIndexSchema = z.looseObject({
  _class_name: z.string(),
  force_zeros_for_empty_prompt: z.boolean().nullish(),
  requires_aesthetics_score: z.boolean().nullish(),
  is_distilled: z.boolean().nullish(),
  max_noise_level: z.int().nonnegative().nullish(),
});
export type ModelIndex = z.output<typeof modelIndexSchema>;

/** Whether the pack has a component: `[null, null]` stands for none. */
export function listsComponent(index: ModelIndex, name: string): boolean {
  const entry = index[name];
  return Array.isArray(entry) && entry[0] !== null;
}
