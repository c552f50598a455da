import { mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OverpaintError } from "../shared/protocol/overpaint-error.ts";
import type { SelectionRequest } from "../shared/protocol/selection.ts";
import type { SelectionEngine, SelectionJob } from "./engine/engine.ts";
import { newJobId } from "./jobs/job-queue.ts";
import { hashFile } from "./models/digests/file-digests.ts";
import type { ModelCatalog } from "./models/model-catalog.ts";

export interface SelectionsOptions {
  /** Belongs to these selections, which close it. */
  readonly engine: SelectionEngine;
  readonly models: Pick<ModelCatalog, "findSelector">;
  /** Awaited by every selection: devices take a while to be tried. */
  readonly surroundings: (signal: AbortSignal) => Promise<SelectionSurroundings>;
}

/** What every selection is made with. */
export type SelectionSurroundings = Pick<
  SelectionJob,
  "devices" | "proved" | "card" | "hashCache" | "quantisedWeights"
>;

/** Pictures that are kept, those that were asked about last: a designer goes between a few. */
const KEPT_PICTURES = 4;

/**
 * Finds things in pictures, one request after the other, on an engine of its own: clicks do not wait for what is drawn. A picture is
 * kept under the SHA-256 of its file, so that the next click need not send it.
 */
export class Selections {
  readonly #options: SelectionsOptions;
  readonly #folder: string;
  /** The last one is the newest. */
  #kept: readonly string[] = [];
  readonly #closing = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(options: SelectionsOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
  }

  static async open(options: SelectionsOptions): Promise<Selections> {
    return new Selections(options, await mkdtemp(join(tmpdir(), "overpaint-selections-")));
  }

  /** Where a picture can be put that is to be kept. */
  newFile(): string {
    return join(this.#folder, newJobId());
  }

  /** Keeps a picture, and answers what it is called from now on. */
  async keep(file: string): Promise<string> {
    const picture = await hashFile(file);
    await rename(file, this.#file(picture));
    this.#touch(picture);
    return picture;
  }

  async discard(file: string): Promise<void> {
    await rm(file, { force: true });
  }

  /** The mask as grey PNG. Throws `not-found` for a picture that is not kept, `unknown-model`, and what the engine throws. */
  select(request: SelectionRequest, picture: string): Promise<Uint8Array> {
    const selected = this.#last.then(() => this.#select(request, picture));
    this.#last = selected.catch(() => {});
    return selected;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#options.engine.close();
    await this.#last;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #select(request: SelectionRequest, picture: string): Promise<Uint8Array> {
    const { engine, models, surroundings } = this.#options;
    if (!this.#kept.includes(picture))
      throw new OverpaintError("not-found", "The picture is not kept any more.", "Send it again.");
    this.#touch(picture);
    const model = await models.findSelector(request);
    const output = this.newFile();
    const file = this.#file(picture);
    const job = { id: newJobId(), model, of: request.of, picture: file, pictureKey: picture, output };
    try {
      await engine.select({ ...(await surroundings(this.#closing.signal)), ...job });
      return await readFile(output);
    } finally {
      await this.discard(output);
    }
  }

  #touch(picture: string): void {
    const others = this.#kept.filter((each) => each !== picture);
    const dropped = others.slice(0, -(KEPT_PICTURES - 1));
    for (const each of dropped) void this.discard(this.#file(each));
    this.#kept = [...others.slice(-(KEPT_PICTURES - 1)), picture];
  }

  #file(picture: string): string {
    return join(this.#folder, picture);
  }
}
