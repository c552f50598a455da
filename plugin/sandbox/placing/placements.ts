import type { Penpot } from "@penpot/plugin-types";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { PanelMessage, SandboxMessage, Unmarked } from "../../../shared/protocol/plugin/messages.ts";
import { keepHistory } from "../keeping/history.ts";
import { inUndoBlock } from "./in-undo-block.ts";

/** What the panel is told of an insertion. */
export type Placed = Omit<Extract<Unmarked<SandboxMessage>, { type: "placed" }>, "type" | "requestId">;

/** A change of the document that was made and can be taken back. Both in one go, without waiting for anything. */
export interface Change {
  readonly placed: Placed;
  /** Whether it is still in the document: Penpot's own undo may have taken it back. */
  readonly isThere: () => boolean;
  readonly undo: () => void;
}

/** A request whose file is uploaded: what is kept for undo must not hold on to megabytes. */
export type WithoutFile<Request> = Omit<Request, "bytes">;
export type WithFile<Request> = Request & { readonly bytes: Uint8Array };

/** Makes the change with the picture uploaded; may be called again after it was undone. */
export type Apply = () => Change;

/** What is known of an insertion beside its file. */
export type Made = Pick<Extract<PanelMessage, { type: "place-layer" }>, "placementId" | "job" | "recipe" | "thumbnail">;

interface Known {
  readonly apply: Apply;
  /** The last time it was made. */
  readonly change: Change;
}

/** Insertions kept for undo: each holds on to what the document had before. */
const MAX_KNOWN = 50;

/**
 * Every insertion of this session by its id: none is done twice, and each can be undone and done again. Penpot's own undo is
 * out of a plugin's reach, so both are edits of their own.
 */
export class Placements {
  readonly #penpot: Penpot;
  readonly #running = new Map<string, Promise<Placed>>();
  readonly #known = new Map<string, Known>();

  constructor(penpot: Penpot) {
    this.#penpot = penpot;
  }

  /** `prepare` uploads. An id that is on its way or was inserted already gets the same answer. */
  async place(made: Made, prepare: () => Promise<Apply>): Promise<Placed> {
    const { placementId } = made;
    const running = this.#running.get(placementId);
    if (running !== undefined) return await running;
    const known = this.#known.get(placementId);
    if (known?.change.isThere()) return known.change.placed;
    const placing = prepare().then((apply) => this.#apply(placementId, this.#withHistory(made, apply)));
    this.#running.set(placementId, placing);
    try {
      return await placing;
    } finally {
      this.#running.delete(placementId);
    }
  }

  /** Throws `placement-failed` for an insertion of another session. */
  undo(placementId: string): void {
    const { change } = this.#find(placementId);
    if (change.isThere()) inUndoBlock(this.#penpot, change.undo);
  }

  /** Throws `placement-failed` for an insertion of another session, and what inserting throws. */
  redo(placementId: string): Placed {
    const { change, apply } = this.#find(placementId);
    return change.isThere() ? change.placed : this.#apply(placementId, apply);
  }

  /** The same change with an entry in the file's history, which goes and comes with it. */
  #withHistory({ placementId, job, recipe, thumbnail }: Made, apply: Apply): Apply {
    return () => {
      const change = apply();
      const { shapeId } = change.placed;
      const entry = { id: job ?? placementId, at: Date.now(), recipe, shapeId, ...(thumbnail && { thumbnail }) };
      const forget = orWarn(() => keepHistory(this.#penpot, entry));
      return {
        ...change,
        undo: () => {
          change.undo();
          if (forget) orWarn(forget);
        },
      };
    };
  }

  #apply(placementId: string, apply: Apply): Placed {
    const change = inUndoBlock(this.#penpot, apply);
    this.#known.delete(placementId);
    this.#known.set(placementId, { apply, change });
    for (const oldest of [...this.#known.keys()].slice(0, -MAX_KNOWN)) this.#known.delete(oldest);
    return change.placed;
  }

  #find(placementId: string): Known {
    const known = this.#known.get(placementId);
    if (known !== undefined) return known;
    throw new OverpaintError(
      "placement-failed",
      "The panel was opened anew since this was inserted, and cannot take it back.",
      "Click into the canvas and use Penpot's own undo.",
    );
  }
}

/** A file that keeps no history takes its pictures all the same. */
function orWarn<T>(keep: () => T): T | undefined {
  try {
    return keep();
  } catch (error) {
    console.warn("Overpaint:", error);
    return undefined;
  }
}
