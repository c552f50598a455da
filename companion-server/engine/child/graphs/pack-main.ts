import { constants, setPriority } from "node:os";
import { PackedGraphs } from "../../../models/caches/packed-graphs.ts";
import type { PackOrder } from "./graph-packer.ts";
import { packGraph } from "./packable-graph.ts";

/** The packing process: writes one graph and ends. Nothing waits for it; what it leaves unfinished is swept away. */
process.once("message", async (message) => {
  const { folder, graph } = message as PackOrder;
  setPriority(constants.priority.PRIORITY_LOW);
  await packGraph(new PackedGraphs(folder), graph);
  process.exit();
});
// The engine is gone, however it ended, or wants the processor for itself.
process.once("disconnect", () => process.exit());
