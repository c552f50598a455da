import { constants, setPriority } from "node:os";
import { PackedGraphs } from "../../models/packed-graphs.ts";
import type { PackOrder } from "./graph-packer.ts";
import { writePackedGraph } from "./onnx-session.ts";

/** The packing process: writes one graph and ends. Nothing waits for it; what it leaves unfinished is swept away. */
process.once("message", async (message) => {
  const { folder, graph } = message as PackOrder;
  setPriority(constants.priority.PRIORITY_LOW);
  const { key, name, runtime, sources } = graph;
  const packed = new PackedGraphs(folder);
  await packed.add(key, { graph: name, runtime, sources }, (file) => writePackedGraph(graph.graph, graph.root, file));
  process.exit();
});
// The engine is gone, however it ended, or wants the processor for itself.
process.once("disconnect", () => process.exit());
