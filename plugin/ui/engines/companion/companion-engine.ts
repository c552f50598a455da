import type { Job, JobId, JobPage, ModelSummary } from "../../../../shared/protocol/api.ts";
import { controlParts } from "../../../../shared/protocol/control.ts";
import { type KeptPart, referenceParts } from "../../../../shared/protocol/edit-request.ts";
import { toErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import type { EditEngine, EditInput, EditRun, PictureFile, PictureSelection } from "../edit-engine.ts";
import type { CompanionClient } from "./companion-client.ts";
import { followJob } from "./follow-job.ts";

/** Runs edits as jobs of the companion. */
export class CompanionEngine implements EditEngine {
  readonly place = "companion";
  readonly #client: CompanionClient;
  readonly #onTaken: (id: JobId) => void;
  /** How the companion calls pictures that it was sent, by their bytes. */
  readonly #pictures = new WeakMap<Uint8Array, string>();

  /** @param onTaken is told of every job that the companion takes on */
  constructor(client: CompanionClient, onTaken: (id: JobId) => void = () => {}) {
    this.#client = client;
    this.#onTaken = onTaken;
  }

  models(): Promise<readonly ModelSummary[]> {
    return this.#client.models();
  }

  async start(edit: EditInput): Promise<EditRun> {
    const { request, image, mask, references = [], controls = [], target, fileId } = edit;
    const job = await this.#client.submit(
      { request, target, ...(fileId !== undefined && { fileId }) },
      {
        ...(image && { image: blobOf(image) }),
        ...(mask && { mask: new Blob([mask], { type: "image/png" }) }),
        ...Object.fromEntries(references.map((file, k) => [referenceParts[k], blobOf(file)])),
        ...Object.fromEntries(controls.flatMap((file, k) => (file ? [[controlParts[k], blobOf(file)]] : []))),
      },
    );
    this.#onTaken(job.id);
    return this.attach(job);
  }

  async select({ image, of, model }: PictureSelection): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.#pictures.get(image.bytes);
    if (known !== undefined) {
      try {
        return (await this.#client.select({ model, of, picture: known })).mask;
      } catch (error) {
        // It keeps a few pictures; this one has to be sent again.
        if (toErrorData(error).code !== "not-found") throw error;
      }
    }
    const { mask, picture } = await this.#client.select({ model, of, picture: null }, blobOf(image));
    if (picture !== null) this.#pictures.set(image.bytes, picture);
    return mask;
  }

  /** Jobs whose result nobody has taken yet, newest first: they ran while no panel was open. */
  async unacknowledged(): Promise<readonly Job[]> {
    const jobs: Job[] = [];
    let before: JobId | undefined;
    do {
      const page = await this.#client.jobs({ before, acknowledged: false });
      jobs.push(...page.jobs);
      before = page.next;
    } while (before !== undefined);
    return jobs;
  }

  /** Jobs of all files, newest first, from the newest or behind one on. */
  page(before?: JobId): Promise<JobPage> {
    return this.#client.jobs({ before });
  }

  readPart(id: JobId, part: KeptPart): Promise<Uint8Array<ArrayBuffer>> {
    return this.#client.readPart(id, part);
  }

  /** Takes up a job that exists; its events come again from the first. */
  attach({ id, drawingMs }: Pick<Job, "id" | "drawingMs">): EditRun {
    return {
      place: "companion",
      id,
      drawingMs,
      follow: (onEvent) => followJob(this.#client, id, onEvent),
      cancel: () => this.#client.cancel(id),
      readPart: (part) => this.#client.readPart(id, part),
      readLayer: (variant) => this.#client.readResult(id, variant),
      acknowledge: () => this.#client.acknowledge(id),
    };
  }
}

function blobOf({ bytes, mime }: PictureFile): Blob {
  return new Blob([bytes], { type: mime });
}
