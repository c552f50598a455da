import { effect } from "@preact/signals";
import type { Watched } from "../../../shared/protocol/plugin/messages.ts";
import type { InsertedAs } from "../jobs/list/edit-job.ts";
import type { JobList } from "../jobs/list/job-list.ts";
import type { SandboxLink, Watches } from "../sandbox-link/sandbox-link.ts";
import type { Draft, Placed } from "./draft.ts";
import type { Sessions } from "./sessions.ts";

export interface WatchDocumentOptions {
  readonly sessions: Sessions;
  readonly jobs: JobList;
  readonly sandbox: Pick<SandboxLink, "watch">;
}

const PLACED = "placed/";
/** Insertions of one variant that are followed: who inserts it anew has no use for older ones. */
const MAX_FOLLOWED = 4;

/** Follows undo, redo and other changes of the document: what the picture looks like, its mask's shapes, and what was inserted. */
export class WatchDocument {
  readonly #options: WatchDocumentOptions;
  /** What was said of the insertions that the document's own undo took away last. */
  readonly #takenBack = new WeakMap<Draft, Placed>();

  constructor(options: WatchDocumentOptions) {
    this.#options = options;
  }

  /** Asks to be told of what is shown, whenever that changes. */
  start(): void {
    const { sessions, jobs, sandbox } = this.#options;
    let asked = "";
    effect(() => {
      const session = sessions.current.value;
      // Also those that are gone: the document's redo brings them back.
      const placed = new Set(
        jobs.all.value.flatMap(({ variants }) =>
          variants.value.flatMap(({ insertions }) => insertions.slice(-MAX_FOLLOWED).map(({ shapeId }) => shapeId)),
        ),
      );
      const watches: Watches = [
        ...(session === undefined
          ? []
          : [
              {
                key: session.key,
                shapeId: session.shape.value.shapeId,
                maskShapeIds: [...(session.maskShapes.value?.shapeIds ?? [])],
                ...(session.maskShapes.value && { maskBy: session.maskShapes.value.by }),
              },
            ]),
        ...[...placed].map((shapeId) => ({ key: `${PLACED}${shapeId}`, shapeId, maskShapeIds: [] })),
      ];
      const words = JSON.stringify(watches);
      if (words === asked) return;
      asked = words;
      sandbox.watch(watches);
    });
  }

  tell(watched: readonly Watched[]): void {
    for (const each of watched) {
      if (each.key.startsWith(PLACED)) this.#tellPlaced(each);
      else this.#tellPicture(each);
    }
  }

  #tellPicture({ key, exists, version, maskVersion }: Watched): void {
    const session = this.#options.sessions.current.peek();
    if (session?.key !== key || !exists) return;
    const shapes = session.maskShapes.peek();
    if (shapes !== undefined) session.maskShapes.value = { ...shapes, isStale: shapes.version !== maskVersion };
    // An unreadable moment of the document is told of when somebody starts an edit.
    if (version !== undefined) void this.#options.sessions.follow(session, version);
  }

  /** An insertion that was undone can be inserted anew; one that was redone is in the document again. */
  #tellPlaced({ key, exists, mediaId }: Watched): void {
    const shapeId = key.slice(PLACED.length);
    const shows = (at: InsertedAs) => exists && at.shapeId === shapeId && at.mediaId === mediaId;
    const { jobs, sessions } = this.#options;
    const drafts = [sessions.creation, ...Object.values(sessions.current.peek()?.drafts ?? {})];
    for (const job of jobs.all.peek())
      for (const variant of job.variants.peek()) {
        const isHere = variant.insertions.some(shows);
        if (isHere === (variant.placedAs === shapeId)) continue;
        if (isHere) job.keep({ ...variant, placedAs: shapeId });
        else if (variant.placedAs === shapeId) job.keep({ ...variant, placedAs: undefined });
      }
    for (const draft of drafts) {
      const { placed } = draft;
      const now = placed.peek();
      if (now?.shapeId === shapeId && !shows(now)) {
        this.#takenBack.set(draft, now);
        placed.value = undefined;
      }
      const before = this.#takenBack.get(draft);
      if (before !== undefined && shows(before)) {
        this.#takenBack.delete(draft);
        placed.value ??= before;
      }
    }
  }
}
