import { useId } from "preact/hooks";
import type { EditSession } from "../pictures/edit-session.ts";

/** Steps of the slider; its ends are one pixel and the largest brush, evenly spread in ratio. */
const STEPS = 100;

/** The brush's diameter in pixels of the picture. */
export function BrushSize({ session }: { readonly session: EditSession }) {
  const id = useId();
  const largest = Math.log(session.maxBrushSize);
  const size = session.brushSize.value;
  const position = Math.round((Math.log(size) / largest) * STEPS);
  return (
    <div class="row">
      <label class="row-label" for={id}>
        Brush
      </label>
      <input
        id={id}
        type="range"
        class="slider"
        min={0}
        max={STEPS}
        value={position}
        style={{ "--fill": `${position}%` }}
        aria-valuetext={`${size} pixels`}
        aria-keyshortcuts="[ ]"
        title="Brush size ([ and ])"
        onInput={(event) => session.setBrushSize(Math.exp((event.currentTarget.valueAsNumber / STEPS) * largest))}
      />
      <output class="row-value" for={id}>
        {size} px
      </output>
    </div>
  );
}
