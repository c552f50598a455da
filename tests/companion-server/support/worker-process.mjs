// The built worker with a heartbeat of its own choosing, so that its death is found out within a second: QUEUE, DATA.
import { startWorker } from "../../../dist/companion-server/serve/start-worker.js";

const [queue, dataFolder] = process.argv.slice(2);
const worker = await startWorker({
  queue,
  dataFolder,
  device: [{ device: "cpu" }],
  heartbeat: 200,
  onTrouble: console.error,
});
console.log(`${worker.name} draws`);
process.once("SIGTERM", async () => {
  await worker.stop();
  process.exit(0);
});
