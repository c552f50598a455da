import { signal } from "@preact/signals";
import type { EditRequest } from "../../../shared/protocol/edit-request.ts";
import type { SchedulerName } from "../../../shared/protocol/models/model-facts.ts";
import type { OfferedPrecision, RequestedPrecision } from "../../../shared/protocol/models/precision.ts";

/** What is set rarely, in the request's own terms. `null` leaves a value to the model. */
export class DrawingDetails {
  readonly scheduler = signal<SchedulerName | null>(null);
  /** φ of guidance rescale, 0 to 1. */
  readonly guidanceRescale = signal(0);
  readonly clipSkip = signal(0);
  /** η of DDIM and TCD, 0 to 1. */
  readonly eta = signal(0);
  /** Noise that an upscaler puts on the small picture. */
  readonly noiseLevel = signal<number | null>(null);
  /** Used with the models that offer it; others choose their own. */
  readonly precision = signal<RequestedPrecision>("auto");

  /** As a request of any task has them, for a model that offers these precisions. */
  fields(
    offered: readonly OfferedPrecision[],
  ): Pick<EditRequest, "scheduler" | "guidanceRescale" | "clipSkip" | "eta" | "precision"> {
    const { scheduler, guidanceRescale, clipSkip, eta } = this;
    return {
      scheduler: scheduler.peek(),
      guidanceRescale: guidanceRescale.peek(),
      clipSkip: clipSkip.peek(),
      eta: eta.peek(),
      precision: this.precisionOf(offered),
    };
  }

  /** The chosen precision where it is offered, else `auto`. */
  precisionOf(offered: readonly OfferedPrecision[]): RequestedPrecision {
    return offered.find(({ precision }) => precision === this.precision.value)?.precision ?? "auto";
  }

  /** Takes over what a job asked for. */
  restore(request: EditRequest): void {
    this.scheduler.value = request.scheduler;
    this.guidanceRescale.value = request.guidanceRescale;
    this.clipSkip.value = request.clipSkip;
    this.eta.value = request.eta;
    this.precision.value = request.precision;
    if (request.task === "upscale") this.noiseLevel.value = request.noiseLevel;
  }
}

/** As "int8, 42 dB, 1.8× as fast": decibels from single precision and speed against it, as far as they were measured. */
export function describePrecision(
  { precision, seconds, decibels }: OfferedPrecision,
  all: readonly OfferedPrecision[],
): string {
  const exact = all.find((each) => each.precision === "fp32")?.seconds;
  if (precision === "fp32" || exact === undefined || seconds === undefined || decibels === undefined) return precision;
  const loss = decibels === null ? "the same pixels" : `${decibels.toFixed(0)} dB`;
  return `${precision}, ${loss}, ${(exact / seconds).toFixed(1)}× as fast`;
}
