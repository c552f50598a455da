import { Icon } from "../controls/icon.tsx";
import { Segments } from "../controls/segments.tsx";
import { sizeWords } from "../jobs/run/action-name.ts";
import { usePanel } from "../panel-context.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import { MATCH_DENSITY, upscaleChoices, upscaleSize } from "./upscale-size.ts";

/** How much larger, and whether the result takes the picture's place. */
export function UpscaleSettings({ session }: { readonly session: EditSession }) {
  const { settings } = usePanel();
  const source = session.upscaleSource.value;
  return (
    <>
      <p class="sizes">
        <span class="size">
          <small>now</small> {sizeWords(source.image)}
        </span>
        <Icon name="arrow-right" />
        <span class="size" data-new>
          <small>new</small> {sizeWords(upscaleSize(source, settings.upscale.value))}
        </span>
      </p>
      <Segments
        label="Size"
        isLabelShown={false}
        options={upscaleChoices.map((value) => ({
          value,
          label: value === "match" ? `Match shape @${MATCH_DENSITY}x` : `${value}×`,
        }))}
        value={settings.upscale.value}
        onChange={(value) => {
          settings.upscale.value = value;
        }}
      />
      <Segments
        label="Result"
        isLabelShown={false}
        options={[
          { value: "replace", label: "Replace fill in place" },
          { value: "layer", label: "New layer" },
        ]}
        value={settings.replacesFill.value ? "replace" : "layer"}
        onChange={(value) => {
          settings.replacesFill.value = value === "replace";
        }}
      />
    </>
  );
}
