import { computed, signal } from "@preact/signals";
import type { JobTarget } from "../../../../shared/protocol/api.ts";
import type { EditEvent, EditResult, Preview } from "../../../../shared/protocol/edit-event.ts";
import type { EditRequest } from "../../../../shared/protocol/edit-request.ts";
import type { ErrorData } from "../../../../shared/protocol/error-data.ts";
import type { PixelSize } from "../../../../shared/protocol/geometry.ts";
import type { EditInput, EditRun, EnginePlace } from "../../engines/edit-engine.ts";
import type { TiledMask } from "../../masks/tiled-mask.ts";
import type { Picture } from "../../pictures/picture.ts";
import { randomId } from "./random-id.ts";

/** A variant whose file is here. */
export interface FinishedVariant {
  readonly result: EditResult;
  readonly png: Uint8Array<ArrayBuffer>;
  /** Decoded while it is looked at or was a short time ago; `JobList.open` brings it back. */
  readonly picture: Picture | undefined;
  /** Whether that is the picture as it becomes, not the layer alone: a layer cannot show what it takes away. */
  readonly isWhole: boolean;
  /** Whether it is more transparent somewhere than what the shape shows: a layer on top of that would not do. */
  readonly takesAway: boolean;
  readonly thumbnail: Picture["thumbnail"];
  /** Everything that it was put into the document as, the last one at the end. */
  readonly insertions: readonly InsertedAs[];
  /** Id of the one of these shapes that shows it now. */
  readonly placedAs: string | undefined;
}

/** A shape of the document, and the picture by which it shows a result. */
export interface InsertedAs {
  readonly shapeId: string;
  readonly mediaId: string;
}

/** A variant that an engine has finished and that is not here. */
export interface MissingVariant {
  readonly result: EditResult;
  /** Why it did not arrive. */
  readonly error: ErrorData;
}

/** How far an engine is with a job. */
export type JobState =
  /** On its way to the engine. */
  | { readonly type: "starting" }
  | {
      readonly type: "queued";
      /** Jobs before it. */
      readonly ahead: number;
      /** Why nothing is drawn now, where that is no job's fault. */
      readonly reason?: string | undefined;
    }
  /** What the browser engine lacks is on its way: bytes that are there, and of all. */
  | { readonly type: "fetching"; readonly done: number; readonly total: number }
  /** The model computes in a precision for the first time, which takes sample pictures. */
  | { readonly type: "measuring"; readonly place: EnginePlace; readonly step: number; readonly steps: number }
  | {
      readonly type: "running";
      readonly place: EnginePlace;
      /** Whether the engine said that the model is loaded. */
      readonly isLoaded: boolean;
      readonly progress: { readonly variant: number; readonly step: number; readonly steps: number } | undefined;
      readonly preview: Preview | undefined;
    }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly error: ErrorData }
  | { readonly type: "cancelled" };

export interface EditJobOptions {
  /** The engine's, where it is known by one; else one of our own. */
  readonly id?: string;
  readonly request: EditRequest;
  /** Where the result belongs; absent for a picture that goes onto the page. */
  readonly target: JobTarget | undefined;
  /** The document it was asked for in. */
  readonly fileId?: string | undefined;
  /** Of the picture that is edited, in its pixels; absent where there is none. */
  readonly sourceSize: PixelSize | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** One edit that was asked for: its request, its source, how far it is, and what it brought. */
export class EditJob {
  #id: string;
  /** Whether that is an engine's. */
  #isNamed: boolean;
  readonly request: EditRequest;
  readonly target: JobTarget | undefined;
  readonly fileId: string | undefined;
  readonly sourceSize: PixelSize | undefined;
  readonly createdAt: number;
  readonly state = signal<JobState>({ type: "starting" });
  /** In the order of their numbers. */
  readonly variants = signal<readonly FinishedVariant[]>([]);
  /** Variants that were finished and whose files did not arrive, or not whole. */
  readonly missing = signal<readonly MissingVariant[]>([]);
  /** What is kept once its results were given up for good. */
  readonly remains = signal<Pick<FinishedVariant, "result" | "thumbnail"> | undefined>(undefined);
  /** What it repaints, through which its previews show: known once it is on its way, where it has a mask. */
  readonly mask = signal<TiledMask | undefined>(undefined);
  readonly isCancelling = signal(false);
  /** Whether somebody has looked at what it brought. */
  readonly isSeen = signal(false);
  readonly isDiscarded = signal(false);
  readonly isOver = computed(() => isFinal(this.state.value));
  readonly isActive = computed(() => !this.isOver.value);
  /** True once it is over and brought nothing that could be shown. */
  readonly isBarren = computed(() => this.isOver.value && this.variants.value.length === 0);
  /** What an engine needs to draw it, as long as it is here. */
  input: EditInput | undefined;
  #run: EditRun | undefined;

  constructor({ id, request, target, fileId, sourceSize, createdAt }: EditJobOptions) {
    this.#id = id ?? randomId();
    this.#isNamed = id !== undefined;
    this.request = request;
    this.target = target;
    this.fileId = fileId;
    this.sourceSize = sourceSize;
    this.createdAt = createdAt;
  }

  /** That of the first engine that knew it by one, else one of our own. */
  get id(): string {
    return this.#id;
  }

  /** The engine's own hold of it, once one has taken it on. */
  get run(): EditRun | undefined {
    return this.#run;
  }

  /** An engine has taken it on: another one than before, where that one was lost. */
  begin(run: EditRun): void {
    this.#run = run;
    if (this.#isNamed || run.id === undefined) return;
    this.#id = run.id;
    this.#isNamed = true;
  }

  /** By which the document knows variants of one job, which take each other's place. */
  get documentId(): string {
    return this.target?.redraws ?? this.id;
  }

  /** Puts what an event tells of a job that goes on into its state. */
  tell(event: EditEvent, place: EnginePlace): void {
    const before = this.state.peek();
    if (isFinal(before)) return;
    if (event.type === "queued") this.state.value = { type: "queued", ahead: event.ahead, reason: event.reason };
    if (event.type === "fetching" && event.done < event.total) this.state.value = event;
    if (event.type === "measuring") this.state.value = { ...event, place };
    if (event.type === "started" || (event.type === "fetching" && event.done === event.total)) {
      // The companion starts once the model is loaded, the browser's engine before.
      const isLoaded = place === "companion";
      this.state.value = { type: "running", place, isLoaded, progress: undefined, preview: undefined };
    }
    if (event.type === "step") {
      const { variant, step, steps, preview } = event;
      const running = before.type === "running" ? before : undefined;
      const isSame = running?.progress?.variant === variant;
      const shown = preview ?? (isSame ? running?.preview : undefined);
      this.state.value = { type: "running", place, isLoaded: true, progress: { variant, step, steps }, preview: shown };
    }
  }

  /** Puts a finished variant among the others, in the place of one with its number. */
  keep(variant: FinishedVariant): void {
    if (this.missing.peek().length > 0) this.missing.value = this.#missingBut(variant.result.variant);
    const others = this.variants.peek().filter(({ result }) => result.variant !== variant.result.variant);
    this.variants.value = [...others, variant].sort((a, b) => a.result.variant - b.result.variant);
  }

  /** Remembers a finished variant that did not arrive. */
  miss(missing: MissingVariant): void {
    this.missing.value = [...this.#missingBut(missing.result.variant), missing];
  }

  #missingBut(number: number): readonly MissingVariant[] {
    return this.missing.peek().filter(({ result }) => result.variant !== number);
  }

  variant(number: number | undefined): FinishedVariant | undefined {
    return this.variants.value.find(({ result }) => result.variant === number);
  }

  /** Tells the engine that it need not keep the results any longer. */
  acknowledge(): void {
    this.run?.acknowledge().catch(() => {});
  }
}

function isFinal({ type }: JobState): boolean {
  return type === "done" || type === "failed" || type === "cancelled";
}
