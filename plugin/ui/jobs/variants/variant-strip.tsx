import { Icon } from "../../controls/icon.tsx";
import type { Draft } from "../../pictures/draft.ts";
import type { EditJob } from "../list/edit-job.ts";
import { VariantThumbnail } from "./variant-thumbnail.tsx";

interface VariantStripProps {
  readonly draft: Draft;
  readonly job: EditJob;
}

/** One tile a variant: finished ones can be looked at and inserted while others run. */
export function VariantStrip({ draft, job }: VariantStripProps) {
  const state = job.state.value;
  const variants = job.variants.value;
  const chosen = draft.chosen.value?.result.variant;
  // A run that ended early has fewer than were asked for.
  const numbers = job.isOver.value
    ? variants.map(({ result }) => result.variant)
    : Array.from({ length: job.request.count }, (_, i) => i);
  return (
    <fieldset class="variants" aria-label="Variants">
      {numbers.map((number) => {
        const finished = job.variant(number);
        const progress = state.type === "running" && state.progress?.variant === number ? state.progress : undefined;
        const isShown = finished !== undefined ? chosen === number : chosen === undefined && progress !== undefined;
        const percent = progress && Math.round((progress.step / progress.steps) * 100);
        const isPlaced = finished?.placedAs !== undefined;
        const words = isPlaced ? "inserted" : finished ? "finished" : progress ? `${percent} %` : "waiting";
        return (
          <button
            key={number}
            type="button"
            class="variant"
            aria-pressed={isShown ? "true" : "false"}
            aria-label={`Variant ${number + 1}, ${words}`}
            disabled={finished === undefined && progress === undefined}
            onClick={() => draft.show(job, finished && number)}
          >
            {finished !== undefined && <VariantThumbnail draft={draft} variant={finished} />}
            {isPlaced && <Icon name="check" />}
            {finished === undefined && <span>{percent === undefined ? "·" : `${percent} %`}</span>}
          </button>
        );
      })}
    </fieldset>
  );
}
