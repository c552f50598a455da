import { Command } from "commander";
import type { FoundUpdate } from "../../../shared/protocol/models/model-update.ts";
import { formatBytes } from "../../../shared/protocol/text/format-bytes.ts";
import { connectHub } from "../../models/install/hub-connection.ts";
import { putAllBack } from "../../models/install/replace-model.ts";
import { findUpdate, updateModel } from "../../models/install/update-model.ts";
import { ModelStore } from "../../models/model-store.ts";
import { entriesIn } from "../../models/place-at.ts";
import { dataOption, jsonOption } from "../options.ts";
import { sayRetries, watched } from "./progress-line.ts";

interface UpdateCommandOptions {
  readonly data: string;
  readonly json?: true;
}

export function updateCommand(): Command {
  return new Command("update")
    .description("fetch what changed of an installed model at the hub; without an id, say which models changed")
    .argument("[id]")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action((id: string | undefined, options: UpdateCommandOptions) =>
      id === undefined ? findUpdates(options) : update(id, options),
    );
}

async function findUpdates({ data, json }: UpdateCommandOptions): Promise<void> {
  const store = new ModelStore(data);
  const hub = connectHub(process.env, { onRetry: sayRetries(console.error) });
  const found: FoundUpdate[] = [];
  await putAllBack(store);
  for (const { id } of await entriesIn(store.models)) {
    if ((await store.records.find(id))?.source.type !== "hub") continue;
    const update = await findUpdate(id, { hub, store });
    found.push(update);
    if (!json) console.log(describe(update));
  }
  if (json) console.log(JSON.stringify({ models: found }));
  else if (found.length === 0) console.log("no model here was fetched from a hub");
}

function describe(update: FoundUpdate): string {
  const { id, commit } = update;
  switch (update.state) {
    case "current":
      return `${id}: as the hub has it`;
    case "pinned":
      return `${id}: stays at commit ${short(commit)}, by which it was installed`;
    case "newer": {
      const files = update.files === 1 ? "1 file" : `${update.files} files`;
      return `${id}: newer at commit ${short(commit)}, ${files} to fetch, ${formatBytes(update.bytes)}`;
    }
  }
}

function short(commit: string): string {
  return commit.slice(0, 12);
}

async function update(id: string, { data, json }: UpdateCommandOptions): Promise<void> {
  const store = new ModelStore(data);
  await watched(id, "Update it again: what was fetched is kept.", async (watching) => {
    const hub = connectHub(process.env, watching);
    const onWaiting = () => console.error("Another process fetches it already; waiting for that.");
    const changed = await updateModel(id, { hub, store, ...watching, onWaiting });
    const now = changed ? undefined : await findUpdate(id, { hub, store, signal: watching.signal });
    return () => {
      if (json) return console.log(JSON.stringify({ id, ...changed, replaced: changed?.replaced ?? [] }));
      if (now) return console.log(describe(now));
      for (const name of changed?.replaced ?? []) console.log(`${name} is new`);
      console.log(`${id} is updated to commit ${short(changed?.commit ?? "")}`);
    };
  });
}
