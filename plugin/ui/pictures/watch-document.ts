import { effect } from "@preact/signals";
import type { Watched } from "../../../shared/protocol/plugin/messages.ts";
import type { JobList } from "../jobs/list/job-list.ts";
import type { SandboxLink, Watches } from "../sandbox-link/sandbox-link.ts";
import type { Sessions } from "./sessions.ts";

export interface WatchDocumentOptions {
  readonly sessions: Sessions;
  readonly jobs: JobList;
  readonly sandbox: Pick<SandboxLink, "watch">;
}

const PLACED = "placed/";

/** Follows undo, redo and other changes of the document: what the picture looks like, its mask's shapes, and what was inserted. */
export class WatchDocument {
  readonly #options: WatchDocumentOptions;

  constructor(options: WatchDocumentOptions) {
    this.#options = options;
  }

  /** Asks to be told of what is shown, whenever that changes. */
  start(): void {
    const { sessions, jobs, sandbox } = this.#options;
    let asked = "";
    effect(() => {
      const session = sessions.current.value;
      const placed = jobs.all.value.flatMap(({ variants }) =>
        variants.value.flatMap(({ placedAs }) => (placedAs === undefined ? [] : [placedAs])),
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
        ...placed.map((shapeId) => ({ key: `${PLACED}${shapeId}`, shapeId, maskShapeIds: [] })),
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
    if (version !== undefined && version !== session.source.version)
      void this.#options.sessions.refresh(session).catch(() => {});
  }

  /** An insertion that was undone can be inserted anew. */
  #tellPlaced({ key, exists }: Watched): void {
    if (exists) return;
    const shapeId = key.slice(PLACED.length);
    const { jobs, sessions } = this.#options;
    for (const job of jobs.all.peek())
      for (const variant of job.variants.peek())
        if (variant.placedAs === shapeId) job.keep({ ...variant, placedAs: undefined });
    const drafts = [sessions.creation, ...Object.values(sessions.current.peek()?.drafts ?? {})];
    for (const { placed } of drafts) if (placed.peek()?.shapeId === shapeId) placed.value = undefined;
  }
}
