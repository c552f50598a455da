import { Icon } from "../controls/icon.tsx";
import { usePanel } from "../panel-context.ts";
import type { Edit, EditPhase } from "../pictures/edit.ts";
import { VariantThumbnail } from "./variant-thumbnail.tsx";

interface VariantStripProps {
  readonly edit: Edit;
  readonly phase: Extract<EditPhase, { type: "running" | "result" }>;
}

/** One tile a variant: finished ones can be looked at and inserted while others run. */
export function VariantStrip({ edit, phase }: VariantStripProps) {
  const { flow } = usePanel();
  const isRunning = phase.type === "running";
  // A run that ended early has fewer than were asked for.
  const numbers = isRunning
    ? Array.from({ length: phase.count }, (_, i) => i)
    : phase.variants.map(({ result }) => result.variant);
  return (
    <fieldset class="variants" aria-label="Variants">
      {numbers.map((number) => {
        const finished = phase.variants.find(({ result }) => result.variant === number);
        const progress = isRunning && phase.progress?.variant === number ? phase.progress : undefined;
        const isShown = finished !== undefined ? phase.chosen === number : phase.chosen === undefined && progress;
        const percent = progress && Math.round((progress.step / progress.steps) * 100);
        const state = finished?.isPlaced ? "inserted" : finished ? "finished" : progress ? `${percent} %` : "waiting";
        return (
          <button
            key={number}
            type="button"
            class="variant"
            aria-pressed={isShown ? "true" : "false"}
            aria-label={`Variant ${number + 1}, ${state}`}
            disabled={finished === undefined && progress === undefined}
            onClick={() => flow.choose(edit, finished && number)}
          >
            {finished !== undefined && <VariantThumbnail edit={edit} variant={finished} />}
            {finished?.isPlaced && <Icon name="check" />}
            {finished === undefined && <span>{percent === undefined ? "·" : `${percent} %`}</span>}
          </button>
        );
      })}
    </fieldset>
  );
}
