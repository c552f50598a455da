import { join } from "node:path";
import { Command } from "commander";
import type { ModelSummary } from "../../shared/protocol/api.ts";
import { hashPack } from "../models/hash-pack.ts";
import { inspectPack } from "../models/inspect-pack.ts";
import { ModelCatalog, modelRoots } from "../models/model-catalog.ts";
import { dataOption, jsonOption } from "./options.ts";

interface ModelsOptions {
  readonly data: string;
  readonly json?: true;
}

export function modelsCommand(): Command {
  return new Command("models")
    .description("the installed models")
    .addCommand(
      new Command("list")
        .description("every model, also damaged ones")
        .addOption(dataOption())
        .addOption(jsonOption())
        .action(list),
    )
    .addCommand(
      new Command("verify")
        .description("check a model's files and print their SHA-256")
        .argument("<id|folder>")
        .addOption(dataOption())
        .addOption(jsonOption())
        .action(verify),
    );
}

async function list({ data, json }: ModelsOptions): Promise<void> {
  const models = await new ModelCatalog(modelRoots(data)).list();
  if (json) return console.log(JSON.stringify({ models }));
  for (const model of models) console.log(describeModel(model));
}

async function verify(idOrFolder: string, { data, json }: ModelsOptions): Promise<void> {
  const { id, folder } = await new ModelCatalog(modelRoots(data)).findByIdOrFolder(idOrFolder);
  const { facts } = await inspectPack(folder);
  const files = await hashPack(folder, join(data, "model-hashes.json"));
  if (json) return console.log(JSON.stringify({ id, folder, facts, files }));
  for (const [path, sha256] of Object.entries(files)) console.log(`${sha256}  ${path}`);
}

/** One line about a model, or about why it cannot be used. */
export function describeModel({ id, name, licence, facts, error }: ModelSummary): string {
  if (facts === undefined) return `model ${id}: ${[error?.message, error?.remedy].filter(Boolean).join(" ")}`;
  const size = `${facts.nativeSize} × ${facts.nativeSize}`;
  return [`model ${id}: ${name}`, facts.family, facts.tasks.join(" and "), size, licence].filter(Boolean).join(", ");
}
