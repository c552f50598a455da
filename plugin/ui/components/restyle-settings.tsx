import { useId } from "preact/hooks";
import { stylePresets } from "../../../shared/protocol/style-presets.ts";
import { usePanel } from "../panel-context.ts";
import { PercentSlider } from "./percent-slider.tsx";

const choices = [{ id: null, name: "No style" }, ...stylePresets];

/** In which style, how far from the source, and whether its layout stays. */
export function RestyleSettings() {
  const { settings } = usePanel();
  const id = useId();
  const { style, restyleStrength, keepsLayout } = settings;
  return (
    <>
      <div class="styles" role="radiogroup" aria-label="Style">
        {choices.map((choice) => (
          <label key={choice.id} class="style">
            <input
              type="radio"
              class="visually-hidden"
              name={id}
              checked={style.value === choice.id}
              onChange={() => {
                style.value = choice.id;
              }}
            />
            <span class="style-swatch" data-style={choice.id ?? "none"} />
            <span class="style-name">{choice.name}</span>
          </label>
        ))}
      </div>
      <PercentSlider label="Strength" value={restyleStrength} min={5} />
      <label class="check">
        <input
          type="checkbox"
          checked={keepsLayout.value}
          onChange={(event) => {
            keepsLayout.value = event.currentTarget.checked;
          }}
        />
        Keep layout
      </label>
    </>
  );
}
