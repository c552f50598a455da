import { basename } from "node:path";
import { Command } from "commander";
import { parseWish } from "../../../shared/hub/install-wish.ts";
import { formatBytes } from "../../../shared/protocol/text/format-bytes.ts";
import { chooseDevices } from "../../engine/choose-devices.ts";
import type { DeviceWish } from "../../engine/device-wish.ts";
import { probeDevice } from "../../engine/probe-device.ts";
import { inspectPack } from "../../models/inspect-pack.ts";
import { connectHub } from "../../models/install/hub-connection.ts";
import { importModel } from "../../models/install/import-model.ts";
import { installModel } from "../../models/install/install-model.ts";
import { offerModelsHere } from "../../models/install/offer-models-here.ts";
import { readCatalog } from "../../models/install/read-catalog.ts";
import { removeModel } from "../../models/install/remove-model.ts";
import { repairModel } from "../../models/install/repair-model.ts";
import { requireWhole, verifyModel } from "../../models/install/verify-model.ts";
import { openCatalog } from "../../models/model-catalog.ts";
import { ModelStore } from "../../models/model-store.ts";
import { NamedModels } from "../named-models.ts";
import { dataOption, deviceOption, jsonOption } from "../options.ts";
import { watched } from "./progress-line.ts";

interface DataOptions {
  readonly data: string;
  readonly json?: true;
}

export function catalogCommand(): Command {
  return new Command("catalog")
    .description("models that can be installed, how they fare on this machine, and which to take")
    .addOption(deviceOption())
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

export function importCommand(): Command {
  return new Command("import")
    .description("take a model of this machine among the installed ones; it stays where it is")
    .argument("<path>", "a .safetensors file, or a folder in the layout of diffusers")
    .option("--copy", "copy it into the data folder")
    .option("--name <name>", "how it is called")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(importPath);
}

export function verifyCommand(): Command {
  return new Command("verify")
    .description("read a model's files whole, compare them with what was installed, and print their SHA-256")
    .argument("<id|path>")
    .option("--accept", "take the files as they are now for right")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(verify);
}

export function repairCommand(): Command {
  return new Command("repair")
    .description("fetch again what of a model differs from what was installed, and nothing else")
    .argument("<id>")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(repair);
}

export function removeCommand(): Command {
  return new Command("remove")
    .description("remove a model, or a download that was given up; imported files stay where they are")
    .argument("<id>")
    .addOption(dataOption())
    .action(async (id: string, { data }: DataOptions) => {
      await removeModel(id, new ModelStore(data));
      console.log(`${id} is removed`);
    });
}

async function showCatalog({ data, json, device }: DataOptions & { readonly device: DeviceWish }): Promise<void> {
  const drawing = await chooseDevices(device, probeDevice).then(
    ({ devices: [first = "cpu"], reports }) => ({ device: first, devices: [...reports] }),
    (error) => {
      if (device.device !== "auto") throw error;
      return undefined; // what may be installed is of use without a device, too
    },
  );
  const offered = await offerModelsHere(await readCatalog(), new ModelStore(data), drawing);
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
  if (wish.entry && !json) console.error(`${wish.name}, ${wish.entry.licence.name}: ${wish.entry.licence.terms}`);
  const goOn = `To go on: overpaint models install ${named}. To give it up: overpaint models remove ${wish.id}.`;
  await watched(wish.id, goOn, async (watching) => {
    const tell = (words: string) => {
      if (!json) console.error(words);
    };
    const folder = await installModel(wish, {
      hub: connectHub(process.env, watching),
      store: new ModelStore(data),
      ...watching,
      onWaiting: () => tell("Another process fetches it already; waiting for that."),
      onListed: (files, { licence, commit }) => {
        const bytes = files.reduce((sum, { size }) => sum + size, 0);
        tell(
          `${files.length === 1 ? "1 file" : `${files.length} files`}, ${formatBytes(bytes)}, of commit ${commit.slice(0, 12)}`,
        );
        if (!wish.entry) tell(`licence: ${licence ?? "none is stated; see the repository's page"}`);
      },
    });
    return () => console.log(json ? JSON.stringify({ id: wish.id, folder }) : `${wish.id} is installed in ${folder}`);
  });
}

interface ImportCommandOptions extends DataOptions {
  readonly copy?: true;
  readonly name?: string;
}

async function importPath(path: string, { data, json, copy, name }: ImportCommandOptions): Promise<void> {
  await watched(basename(path), "Import it again.", async (watching) => {
    const imported = await importModel(path, {
      store: new ModelStore(data),
      how: copy ? "copy" : "refer",
      name,
      ...watching,
    });
    const { id, kind, use } = imported;
    return () => {
      if (json) return console.log(JSON.stringify(imported));
      console.log(use === undefined ? `${id} is imported` : `${basename(path)} is ${kind}, no model: ${use} ${id}`);
    };
  });
}

async function verify(
  idOrPath: string,
  { data, json, accept }: DataOptions & { readonly accept?: true },
): Promise<void> {
  const model = await new NamedModels(openCatalog(data)).model(idOrPath);
  await watched(model.id, "Verify it again.", async (watching) => {
    const verification = await verifyModel(model, {
      store: new ModelStore(data),
      isAccepted: accept === true,
      ...watching,
    });
    return async () => {
      requireWhole(model.id, verification);
      const { name: _name, ...places } = model;
      const { facts } = await inspectPack(places);
      const files = Object.fromEntries(verification.files.map(({ name, sha256 }) => [name, sha256]));
      if (json) return console.log(JSON.stringify({ ...places, facts, files }));
      for (const [path, sha256] of Object.entries(files)) console.log(`${sha256}  ${path}`);
      if (accept) console.log("remembered as they are now");
      else if (verification.isFirst) console.log("remembered as they are: nothing was known of them before");
    };
  });
}

async function repair(id: string, { data, json }: DataOptions): Promise<void> {
  const model = await openCatalog(data).findForRepair(id);
  await watched(id, "Repair it again: what was fetched is kept.", async (watching) => {
    const replaced = await repairModel(model, {
      hub: connectHub(process.env, watching),
      store: new ModelStore(data),
      ...watching,
    });
    return () => {
      if (json) return console.log(JSON.stringify({ id, replaced }));
      for (const name of replaced) console.log(`${name} is restored`);
      if (replaced.length === 0) console.log(`${id} is whole`);
    };
  });
}
