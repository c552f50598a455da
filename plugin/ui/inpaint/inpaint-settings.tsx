import { PercentSlider } from "../controls/percent-slider.tsx";
import { Segments } from "../controls/segments.tsx";
import { MaskOptions } from "../masks/mask-options.tsx";
import { ShapesAsMask } from "../masks/shapes/shapes-as-mask.tsx";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import { intents } from "./intents.ts";
import { SubjectActions } from "./subject-actions.tsx";

interface InpaintSettingsProps {
  readonly draft: Draft;
  readonly session: EditSession;
}

/** The tool's settings, and what the edit is for. */
export function InpaintSettings({ draft, session }: InpaintSettingsProps) {
  const { intent, strength } = usePanel().settings.inpaint;
  return (
    <>
      <ShapesAsMask session={session} draft={draft} />
      <MaskOptions session={session} draft={draft} />
      <SubjectActions draft={draft} session={session} />
      <div class="where-room">
        <PercentSlider label="Strength" value={strength} min={5} />
      </div>
      <div class="intents">
        <Segments
          label="Intent"
          isLabelShown={false}
          options={intents}
          value={intent.value}
          onChange={(value) => {
            intent.value = value;
          }}
        />
      </div>
    </>
  );
}
