import { useId } from "preact/hooks";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import { IconButton } from "../controls/icon-button.tsx";
import { NumberField } from "../controls/number-field.tsx";
import { PercentSlider } from "../controls/percent-slider.tsx";
import { Segments } from "../controls/segments.tsx";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import { BrushSize } from "./brush-size.tsx";
import type { MaskChange } from "./change-mask.ts";
import { takeSnapshot } from "./take-snapshot.ts";

type ChangeMask = (change: MaskChange) => Promise<void>;

/** What the tool in hand can be set to, and what can be done to the whole mask: one row, whatever the tool. */
export function MaskOptions({ session, draft }: { readonly session: EditSession; readonly draft: Draft }) {
  const { settings, pixels } = usePanel();
  const { tool } = settings.mask;
  const isBrush = tool.value === "brush" || tool.value === "eraser";
  const change: ChangeMask = async (wish) => {
    try {
      const patch = await pixels.changeMask(takeSnapshot(session.mask), wish, session.visible.peek());
      session.applyPatch(patch, "replace");
    } catch (error) {
      draft.problem.value = { error: toErrorData(error), fixes: [] };
    }
  };
  return (
    <div class="mask-options">
      {isBrush ? <BrushSize session={session} /> : tool.value === "colour" ? <Tolerance /> : <AddOrSubtract />}
      <MaskPopover session={session} change={change} />
      <IconButton icon="contrast" label="Invert mask" shortcut="I" onClick={() => void change({ type: "invert" })} />
      <IconButton
        icon="trash"
        label="Clear mask"
        shortcut="Delete"
        disabled={!session.hasMask.value}
        onClick={() => session.clearMask()}
      />
    </div>
  );
}

interface MaskPopoverProps {
  readonly session: EditSession;
  readonly change: ChangeMask;
}

/** What is set more rarely: how the brush covers, and changes of the mask's edge. */
function MaskPopover({ session, change }: MaskPopoverProps) {
  const { mask } = usePanel().settings;
  const id = useId();
  const by = mask.step.value;
  return (
    <>
      <IconButton icon="sliders" label="Brush and edge" opens={id} />
      <div id={id} popover="auto" class="popover" role="dialog" aria-label="Brush and edge">
        <PercentSlider label="Hardness" value={mask.hardness} min={0} />
        <PercentSlider label="Opacity" value={mask.opacity} min={5} />
        <AddOrSubtract />
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
          {changes.map(({ type, name }) => (
            <button
              key={type}
              type="button"
              data-appearance="secondary"
              disabled={!session.hasMask.value}
              onClick={() => void change({ type, by })}
            >
              {name}
            </button>
          ))}
        </div>
      </div>
    </>
  );
}

const changes = [
  { type: "grow", name: "Grow" },
  { type: "shrink", name: "Shrink" },
  { type: "feather", name: "Feather" },
] as const;

/** Whether tools add to the mask or take away from it. */
function AddOrSubtract() {
  const { mode } = usePanel().settings.mask;
  return (
    <Segments
      label="Mask"
      options={[
        { value: "add", label: "Add", title: "Alt subtracts" },
        { value: "subtract", label: "Subtract", title: "Alt adds" },
      ]}
      value={mode.value}
      onChange={(value) => {
        mode.value = value;
      }}
    />
  );
}

/** How far a colour may differ from the one that is clicked. */
function Tolerance() {
  const { tolerance } = usePanel().settings.mask;
  const id = useId();
  return (
    <div class="row">
      <label class="row-label" for={id}>
        Tolerance
      </label>
      <input
        id={id}
        type="range"
        class="slider"
        min={0}
        max={MAX_TOLERANCE}
        value={tolerance.value}
        style={{ "--fill": `${(tolerance.value / MAX_TOLERANCE) * 100}%` }}
        onInput={(event) => {
          tolerance.value = event.currentTarget.valueAsNumber;
        }}
      />
      <output class="row-value" for={id}>
        {tolerance.value}
      </output>
    </div>
  );
}

/** Of 255: more takes everything. */
const MAX_TOLERANCE = 128;
