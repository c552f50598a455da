import { once } from "node:events";
import { Command } from "commander";
import type { EnginesWish } from "../engine/device-wish.ts";
import { memorySetting } from "../engine/memory-setting.ts";
import { packedLimit } from "../models/caches/packed-graphs.ts";
import { dataOption, enginesOption, picturesOption, queueOption, warmUpOption } from "./options.ts";

interface WorkerCommandOptions {
  readonly queue: string;
  readonly pictures?: string;
  readonly device: EnginesWish;
  readonly warmUp?: readonly string[];
  readonly models?: readonly string[];
  readonly data: string;
}

export function workerCommand(): Command {
  return new Command("worker")
    .description("draw for the companions that serve with the same --queue, on this machine")
    .addOption(queueOption().makeOptionMandatory())
    .addOption(picturesOption())
    .addOption(enginesOption())
    .addOption(warmUpOption())
    .option("--models <id...>", "draw with these alone; default: with everything installed")
    .addOption(dataOption())
    .action(work);
}

/** Runs until the first SIGINT or SIGTERM, and until the variant that is drawn then is finished; a second one does not wait. */
async function work({ queue, pictures, device, warmUp, models, data }: WorkerCommandOptions): Promise<void> {
  // Read by the engine at its first job; whoever got it wrong is to hear of it now.
  memorySetting(process.env.OVERPAINT_MEMORY);
  packedLimit();
  const stopAsked = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  const onTrouble = (what: string) => console.error(`overpaint: ${what}`);
  // Loaded where it is asked for: no other command is to wait for it.
  const { startWorker } = await import("../serve/start-worker.ts");
  const worker = await startWorker({ queue, pictures, device, warmUp, models, dataFolder: data, onTrouble });
  console.log(`${worker.name} draws with ${worker.models.join(", ") || "nothing yet"} for ${worker.shown}.`);
  await stopAsked;
  await worker.stop();
}
