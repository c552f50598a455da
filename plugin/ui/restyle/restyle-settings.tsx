import { PercentSlider } from "../controls/percent-slider.tsx";
import { fittingModels, layoutControl, modelFor } from "../models/model-for.ts";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import { StylePictures } from "./style-pictures.tsx";
import { StylePresets } from "./style-presets.tsx";

/** In which style, how far from the source, and whether its layout stays. */
export function RestyleSettings({ draft }: { readonly draft: Draft }) {
  const { settings, engines } = usePanel();
  const { restyleStrength, keepsLayout } = settings;
  const keeper = layoutControl(fittingModels(engines.models.value, modelFor("restyle", settings)));
  return (
    <>
      <StylePresets draft={draft} />
      <PercentSlider label="Strength" value={restyleStrength} min={5} />
      <StylePictures draft={draft}>
        <label class="check" title={keeper && `By the ControlNet ${keeper.model}`}>
          <input
            type="checkbox"
            checked={keepsLayout.value}
            onChange={(event) => {
              keepsLayout.value = event.currentTarget.checked;
            }}
          />
          Keep layout
        </label>
      </StylePictures>
    </>
  );
}
