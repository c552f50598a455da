import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { statfs } from "node:fs/promises";
import { freemem } from "node:os";
import { dirname } from "node:path";
import { makeFolder } from "../../../make-folder.ts";
import { PackedGraphs, packedLimit } from "../../../models/caches/packed-graphs.ts";
import { programFile } from "../../../package-root.ts";
import type { PackableGraph } from "./packable-graph.ts";

const ENTRY = programFile("packer");
/** How long the engine has nothing to do before it packs: who looks at a result often asks for the next at once. */
const IDLE_MS = 3_000;
/** Times the weights in 32 bits: what packing takes of memory (measured, 1.05 for a file of 32 bits and 1.75 for one of 16) … */
const MEMORY_SHARE = 2;
/** … and the result of disk: measured 1.31. Matrices are in it twice, as the runtime writes them. */
const DISK_SHARE = 1.4;
/** Left free on disk for everybody else. */
const DISK_RESERVE = 2 * 1024 ** 3;

/**
 * Packs the graphs of a model that was drawn with, in a process of its own and of the lowest priority, while the engine has
 * nothing to do. They are taken when the model is opened next.
 */
export class GraphPacker {
  #timer: NodeJS.Timeout | undefined;
  #child: ChildProcess | undefined;
  #turn = 0;
  /** What could not be packed is not tried again and again. */
  readonly #failed = new Set<string>();

  /** Begins once the engine has been idle for a while. `keep` has the keys of all graphs of the model. */
  start(folder: string, graphs: readonly PackableGraph[], keep: ReadonlySet<string>): void {
    this.stop();
    const turn = this.#turn;
    this.#timer = setTimeout(() => void this.#pack(folder, graphs, keep, turn).catch(() => {}), IDLE_MS);
  }

  /** Gives way to a job. What was not finished is begun anew the next time. */
  stop(): void {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#child?.kill("SIGKILL");
  }

  async #pack(
    folder: string,
    graphs: readonly PackableGraph[],
    keep: ReadonlySet<string>,
    turn: number,
  ): Promise<void> {
    const store = new PackedGraphs(folder);
    const [runtime] = graphs.map((graph) => graph.runtime);
    await makeFolder(folder);
    await store.sweepFor(runtime);
    for (const graph of graphs) {
      const isThere = (await store.find(graph.key)) !== undefined;
      if (isThere || this.#failed.has(graph.key) || !(await hasRoom(folder, store, graph, keep)) || turn !== this.#turn)
        continue;
      const child = fork(ENTRY, [], {
        serialization: "advanced",
        execArgv: [],
        stdio: ["ignore", "ignore", "ignore", "ipc"],
      });
      this.#child = child;
      child.send({ folder, graph } satisfies PackOrder, () => {});
      await once(child, "exit");
      this.#child = undefined;
      if (turn === this.#turn && (await store.find(graph.key)) === undefined) this.#failed.add(graph.key);
      await store.sweepFor(runtime);
    }
  }
}

/** What the packing process is told. */
export interface PackOrder {
  readonly folder: string;
  readonly graph: PackableGraph;
}

async function hasRoom(
  folder: string,
  store: PackedGraphs,
  { bytes }: PackableGraph,
  keep: ReadonlySet<string>,
): Promise<boolean> {
  const wanted = bytes * DISK_SHARE;
  if (freemem() < bytes * MEMORY_SHARE) return false;
  // Parts of one model do not drive each other out, or they would be packed over and over.
  if (!(await store.makeRoom(wanted, packedLimit(), keep))) return false;
  const { bavail, bsize } = await statfs(dirname(folder));
  return bavail * bsize > wanted + DISK_RESERVE;
}
