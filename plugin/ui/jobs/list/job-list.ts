import { computed, signal } from "@preact/signals";
import type { DrawingTask } from "../../../../shared/protocol/edit-task.ts";
import { tabOf } from "../../app/task-names.ts";
import type { DecodePicture } from "../../pictures/picture.ts";
import type { PixelTools } from "../../pixels/pixel-tools.ts";
import { pictureWith } from "../variants/picture-with.ts";
import type { EditJob, FinishedVariant } from "./edit-job.ts";

/** Decoded variants that stay open at a time, in pixels: 256 MB at four bytes each. Files are kept of all of them. */
const MAX_OPEN_PIXELS = 64_000_000;
/** Jobs whose inputs stay at hand, to run them again as they were. */
const MAX_INPUTS = 24;

type MergingTools = Pick<PixelTools, "composeSource" | "decodeMask" | "mergeResult">;

/** All jobs of this file that the panel knows of, newest first. Queue, results and history are views of it. */
export class JobList {
  readonly all = signal<readonly EditJob[]>([]);
  readonly active = computed(() => this.all.value.filter((job) => job.isActive.value));
  /** Finished while nobody looked. */
  readonly unseen = computed(() =>
    this.all.value.filter(({ isSeen, isOver, isBarren }) => isOver.value && !isBarren.value && !isSeen.value),
  );
  readonly #decode: DecodePicture;
  readonly #pixels: MergingTools;
  /** Variants with an open picture, the one looked at last at the end. */
  #open: { readonly job: EditJob; readonly number: number }[] = [];

  constructor(decode: DecodePicture, pixels: MergingTools) {
    this.#decode = decode;
    this.#pixels = pixels;
  }

  add(job: EditJob): void {
    this.all.value = [job, ...this.all.peek()].sort((a, b) => b.createdAt - a.createdAt);
    for (const old of this.all
      .peek()
      .filter(({ isOver }) => isOver.peek())
      .slice(MAX_INPUTS))
      old.input = undefined;
  }

  /** Those of one picture, whatever its shape shows by now; without a shape, the pictures from nothing. */
  of(task: DrawingTask, shapeId: string | undefined): readonly EditJob[] {
    return this.all.value.filter(
      ({ request, target }) => tabOf(request.task) === task && (shapeId === undefined || target?.shapeId === shapeId),
    );
  }

  /** Puts a variant that has arrived into its job. */
  async receive(job: EditJob, result: FinishedVariant["result"], png: Uint8Array<ArrayBuffer>): Promise<void> {
    const takesAway = result.erases !== undefined || job.target?.takesAway === true;
    const shown = await this.#openPicture(job, { result, png, takesAway });
    // One that is drawn again, after its engine was lost, may be in the document already.
    const before = job.variants.peek().find((each) => each.result.variant === result.variant);
    const { placedAs, insertions = [] } = before ?? {};
    this.#closePicture(job, result.variant);
    job.keep({ result, png, takesAway, ...shown, thumbnail: shown.picture.thumbnail, insertions, placedAs });
    this.#touch(job, result.variant);
  }

  /** Decodes a variant again that was put aside. */
  async open(job: EditJob, number: number): Promise<void> {
    const variant = job.variants.peek().find(({ result }) => result.variant === number);
    if (variant === undefined) return;
    if (variant.picture === undefined) {
      const shown = await this.#openPicture(job, variant);
      const now = job.variants.peek().find(({ result }) => result.variant === number);
      if (now?.picture !== undefined) shown.picture.close();
      else job.keep({ ...(now ?? variant), ...shown });
    }
    this.#touch(job, number);
  }

  /** Lets go of what a job brought, for good: what stays is how it was made, and a thumbnail. */
  release(job: EditJob): void {
    const [first] = job.variants.peek();
    this.close(job);
    if (first !== undefined) job.remains.value = { result: first.result, thumbnail: first.thumbnail };
    job.variants.value = [];
    job.missing.value = [];
    job.input = undefined;
  }

  /** Puts all variants of a job aside: their files stay. */
  close(job: EditJob): void {
    for (const { result } of job.variants.peek()) this.#closePicture(job, result.variant);
    this.#open = this.#open.filter((each) => each.job !== job);
  }

  /** What there is to look at of a variant. */
  async #openPicture(job: EditJob, variant: Pick<FinishedVariant, "result" | "png" | "takesAway">) {
    const { png, takesAway } = variant;
    // Where the source is not kept any more, the layer has to do.
    const whole = takesAway ? await pictureWith(job, variant, this.#pixels).catch(() => undefined) : undefined;
    const { bytes, mime } = whole ?? { bytes: png, mime: "image/png" };
    return { picture: await this.#decode(bytes, mime), isWhole: whole !== undefined };
  }

  #touch(job: EditJob, number: number): void {
    this.#open = [...this.#open.filter((each) => each.job !== job || each.number !== number), { job, number }];
    let pixels = 0;
    const firstKept = this.#open.findLastIndex((each) => {
      const size = each.job.variants.peek().find(({ result }) => result.variant === each.number)?.result.pixels;
      pixels += size === undefined ? 0 : size.width * size.height;
      return pixels > MAX_OPEN_PIXELS;
    });
    // The one looked at now stays open however large it is.
    const end = Math.min(firstKept + 1, this.#open.length - 1);
    for (const each of this.#open.slice(0, end)) this.#closePicture(each.job, each.number);
    this.#open = this.#open.slice(end);
  }

  #closePicture(job: EditJob, number: number): void {
    const variant = job.variants.peek().find(({ result }) => result.variant === number);
    if (variant?.picture === undefined) return;
    job.keep({ ...variant, picture: undefined });
    variant.picture.close();
  }
}
