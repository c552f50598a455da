import { type StylePreset, stylePresets } from "../../../shared/protocol/text/style-presets.ts";

/** The presets that a model draws so that they can be told; all of them where it says nothing. */
export function stylesOf(
  model: { readonly styles?: readonly string[] | undefined } | undefined,
): readonly StylePreset[] {
  const styles = model?.styles;
  return styles === undefined ? stylePresets : stylePresets.filter(({ id }) => styles.includes(id));
}
