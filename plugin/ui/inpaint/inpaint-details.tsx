import { NumberField } from "../controls/number-field.tsx";
import { PercentSlider } from "../controls/percent-slider.tsx";
import { usePanel } from "../panel-context.ts";

/** As the request allows them, in pixels of the picture. */
const MAX_EDGE = 499;

/** How much of what is there stays, and how the repainted area ends. What is left empty, the plan decides. */
export function InpaintDetails() {
  const { strength, grow, feather } = usePanel().settings.inpaint;
  const limits = { min: 0, max: MAX_EDGE, step: 1, placeholder: "Auto" };
  return (
    <>
      <div class="where-no-room">
        <PercentSlider label="Strength" value={strength} min={5} />
      </div>
      <div class="advanced-grid">
        <NumberField
          label="Grow, px"
          value={grow.value}
          {...limits}
          onChange={(value) => {
            grow.value = value;
          }}
        />
        <NumberField
          label="Feather, px"
          value={feather.value}
          {...limits}
          onChange={(value) => {
            feather.value = value;
          }}
        />
      </div>
    </>
  );
}
