import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import { IconButton } from "../controls/icon-button.tsx";
import { NumberField } from "../controls/number-field.tsx";
import { PercentSlider } from "../controls/percent-slider.tsx";
import { Segments } from "../controls/segments.tsx";
import { usePanel } from "../panel-context.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import { BrushSize } from "./brush-size.tsx";
import type { MaskChange } from "./change-mask.ts";
import { takeSnapshot } from "./take-snapshot.ts";

/** What the tool in hand can be set to, and what can be done to the whole mask. */
export function MaskOptions({ session }: { readonly session: EditSession }) {
  const { settings, pixels } = usePanel();
  const { mask } = settings;
  const tool = mask.tool.value;
  const isBrush = tool === "brush" || tool === "eraser";
  const change = async (wish: MaskChange) => {
    try {
      const patch = await pixels.changeMask(takeSnapshot(session.mask), wish, session.visible.peek());
      session.applyPatch(patch, "replace");
    } catch (error) {
      session.drafts.inpaint.problem.value = { error: toErrorData(error), fixes: [] };
    }
  };
  const by = mask.step.value;
  const isEmpty = !session.hasMask.value;
  return (
    <div class="mask-options">
      {isBrush && <BrushSize session={session} />}
      {tool === "colour" && <Tolerance />}
      <details class="fold">
        <summary>{isBrush ? "Brush and mask" : "Mask"}</summary>
        <div class="fold-content">
          {isBrush && (
            <>
              <PercentSlider label="Hardness" value={mask.hardness} min={0} />
              <PercentSlider label="Opacity" value={mask.opacity} min={5} />
            </>
          )}
          <Segments
            label="Tools"
            options={[
              { value: "add", label: "Add", title: "Alt subtracts" },
              { value: "subtract", label: "Subtract", title: "Alt adds" },
            ]}
            value={mask.mode.value}
            onChange={(mode) => {
              mask.mode.value = mode;
            }}
          />
          <div class="row mask-changes">
            <NumberField
              label="Edge, px"
              value={by}
              min={1}
              max={256}
              step={1}
              onChange={(value) => {
                if (value !== null) mask.step.value = value;
              }}
            />
            {(["grow", "shrink", "feather"] as const).map((type) => (
              <button
                key={type}
                type="button"
                data-appearance="secondary"
                disabled={isEmpty}
                onClick={() => void change({ type, by })}
              >
                {changeNames[type]}
              </button>
            ))}
          </div>
        </div>
      </details>
      <div class="mask-whole">
        <IconButton icon="contrast" label="Invert mask" shortcut="I" onClick={() => void change({ type: "invert" })} />
        <IconButton
          icon="trash"
          label="Clear mask"
          shortcut="Delete"
          disabled={isEmpty}
          onClick={() => session.clearMask()}
        />
      </div>
    </div>
  );
}

const changeNames = { grow: "Grow", shrink: "Shrink", feather: "Feather" } as const;

/** How far a colour may differ from the one that is clicked. */
function Tolerance() {
  const { tolerance } = usePanel().settings.mask;
  return (
    <div class="row">
      <label class="row-label" for="mask-tolerance">
        Tolerance
      </label>
      <input
        id="mask-tolerance"
        type="range"
        class="slider"
        min={0}
        max={128}
        value={tolerance.value}
        style={{ "--fill": `${(tolerance.value / 128) * 100}%` }}
        onInput={(event) => {
          tolerance.value = event.currentTarget.valueAsNumber;
        }}
      />
      <output class="row-value" for="mask-tolerance">
        {tolerance.value}
      </output>
    </div>
  );
}
