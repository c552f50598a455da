import { Command } from "commander";
import { formatBytes } from "../../shared/protocol/format-bytes.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { connectHub } from "../models/install/hub-connection.ts";
import { installModel, parseWish } from "../models/install/install-model.ts";
import { offerModels } from "../models/install/offer-models.ts";
import { readCatalog } from "../models/install/read-catalog.ts";
import { untilInterrupted } from "./draw-to-files.ts";
import { dataOption, jsonOption } from "./options.ts";
import { ProgressLine } from "./progress-line.ts";

interface DataOptions {
  readonly data: string;
  readonly json?: true;
}

export function catalogCommand(): Command {
  return new Command("catalog")
    .description("models that can be installed, how they fare on this machine, and which to take")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(showCatalog);
}

export function installCommand(): Command {
  return new Command("install")
    .description("fetch a model of the catalog, or a repository of the hub; goes on where it was interrupted")
    .argument("<id|owner/name[@revision]>")
    .option("--file <path>", "the checkpoint that is meant, in a repository of several")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(install);
}

async function showCatalog({ data, json }: DataOptions): Promise<void> {
  const offered = await offerModels(await readCatalog(), data);
  if (json) return console.log(JSON.stringify(offered));
  const { machine, models } = offered;
  console.log(`a run may take ${formatBytes(machine.memory)} here (${machine.device})`);
  for (const model of models) {
    const { id, name, bytes, verdict, licence, about, recommendedFor: tasks, isInstalled, gated } = model;
    const state = isInstalled ? "installed" : verdict && verdictWords[verdict];
    const best = tasks.length > 0 && `recommended for ${tasks.join(", ")}`;
    console.log([`${id}: ${name}`, bytes > 0 && formatBytes(bytes), state, best].filter(Boolean).join(", "));
    console.log(`  ${about}.`);
    console.log(`  ${licence.name}${gated ? ", gated" : ""}: ${licence.terms}`);
  }
}

const verdictWords = { runs: "runs", "runs-slowly": "runs, slowly", "too-large": "too large" } as const;

interface InstallCommandOptions extends DataOptions {
  readonly file?: string;
}

async function install(named: string, { data, json, file }: InstallCommandOptions): Promise<void> {
  const wish = parseWish(named, (await readCatalog()).models, file);
  const line = new ProgressLine(wish.id);
  let kept = 0;
  await untilInterrupted(async (signal) => {
    if (wish.entry && !json) console.error(`${wish.name}, ${wish.entry.licence.name}: ${wish.entry.licence.terms}`);
    const onProgress: Parameters<typeof installModel>[1]["onProgress"] = (progress) => {
      kept = progress.done;
      line.show(progress);
    };
    try {
      const folder = await installModel(wish, { hub: connectHub(), dataFolder: data, signal, onProgress });
      line.end();
      console.log(json ? JSON.stringify({ id: wish.id, folder }) : `${wish.id} is installed in ${folder}`);
    } catch (error) {
      line.end();
      if (!signal.aborted) throw error;
      throw new OverpaintError(
        "cancelled",
        `Paused; ${formatBytes(kept)} are kept.`,
        `To go on: overpaint models install ${named}. To give it up: overpaint models remove ${wish.id}.`,
      );
    }
  });
}
