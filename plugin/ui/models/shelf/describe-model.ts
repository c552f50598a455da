import type { ModelSummary } from "../../../../shared/protocol/api.ts";
import type { DrawingTask } from "../../../../shared/protocol/edit-task.ts";
import type { CatalogAnswer, CatalogTask, OfferedModel } from "../../../../shared/protocol/models/model-catalog.ts";
import type { ModelTask } from "../../../../shared/protocol/models/model-task.ts";
import type { FoundUpdate } from "../../../../shared/protocol/models/model-update.ts";
import { formatBytes } from "../../../../shared/protocol/text/format-bytes.ts";
import { taskNames } from "../../app/task-names.ts";
import { formatDuration } from "../../jobs/progress/format-duration.ts";
import type { Outcome } from "./model-shelf.ts";

/** Whether a model runs here and what it takes, in words; undefined where nothing tells. */
export function describeVerdict(
  { verdict, needs, bytes }: Pick<OfferedModel, "verdict" | "needs" | "bytes">,
  { memory, storage }: Pick<CatalogAnswer["machine"], "memory" | "storage">,
): string | undefined {
  if (storage !== undefined && bytes > storage)
    return `Too large for this browser, which has room for ${formatBytes(storage)}`;
  const amounts = Object.values(needs);
  const least = amounts.length === 0 ? undefined : Math.min(...amounts);
  const needed = least === undefined ? "" : `: takes ${formatBytes(least)} of ${formatBytes(memory)}`;
  switch (verdict) {
    case "runs":
      return `Runs on this machine${needed}`;
    case "runs-slowly":
      return `Runs, slowly${needed}`;
    case "too-large":
      return least === undefined
        ? "Too large for this machine"
        : `Too large for this machine: takes ${formatBytes(least)}, there are ${formatBytes(memory)}`;
    case undefined:
      return undefined;
  }
}

/** What a designer asks first of a licence. */
export function describeLicence({ commercial }: OfferedModel["licence"]): string {
  if (commercial === null) return "Commercial use: it depends";
  return commercial ? "Commercial use allowed" : "No commercial use";
}

/** The order of a list: what is recommended first, then what runs; what is too large comes last. */
export function byUse(task: CatalogTask | undefined) {
  const rank = ({ recommendedFor, verdict }: OfferedModel) => {
    const isRecommended = task === undefined ? recommendedFor.length > 0 : recommendedFor.includes(task);
    return (isRecommended ? 0 : 3) + (verdict === "too-large" ? 2 : verdict === "runs-slowly" ? 1 : 0);
  };
  return (a: OfferedModel, b: OfferedModel) => rank(a) - rank(b) || a.bytes - b.bytes;
}

/** `3.1 GiB of 6.9 GiB · 41.2 MiB/s · 1 min 32 s left`. */
export function describeTransfer({ state, progress }: Pick<ModelTask, "state" | "progress">): string {
  // What is not known before the hub has answered counts as nothing.
  if (progress === undefined || progress.total === 0) return state === "paused" ? "Paused" : "Asking the hub…";
  const { done, total, bytesPerSecond, secondsLeft } = progress;
  const parts = [`${formatBytes(done)} of ${formatBytes(total)}`];
  if (state === "paused") parts.push("paused");
  else if (bytesPerSecond > 0) parts.push(`${formatBytes(bytesPerSecond)}/s`);
  if (state === "running" && secondsLeft !== undefined) parts.push(`${formatDuration(secondsLeft * 1000)} left`);
  return parts.join(" · ");
}

/** What a verification found damaged. */
export function damagedFiles({ files = [] }: Pick<ModelTask, "files">): readonly string[] {
  return files.filter(({ state }) => state !== "whole").map(({ name }) => name);
}

/** What the hub has of an installed model by now. */
export function describeUpdate(
  update: Pick<FoundUpdate, "state"> & Partial<Pick<Extract<FoundUpdate, { state: "newer" }>, "files" | "bytes">>,
): string {
  const { state, files = 0, bytes = 0 } = update;
  switch (state) {
    case "current":
      return "There is nothing newer.";
    case "pinned":
      return "It was installed as one version, which stays.";
    case "newer":
      return `A newer one is there: ${files === 1 ? "1 file" : `${files} files`}, ${formatBytes(bytes)} to fetch.`;
    default:
      return state satisfies never;
  }
}

/** How long a picture takes here, as it was measured: `4 s a picture here`; undefined where nothing was. */
export function describeSpeed(
  { drawingMs = {} }: Pick<ModelSummary, "drawingMs">,
  task: DrawingTask,
): string | undefined {
  const spent = drawingMs[task] ?? Object.values(drawingMs)[0];
  if (spent === undefined) return undefined;
  return `${spent < 1_000 ? "under 1 s" : formatDuration(spent)} a picture here`;
}

/** How work on a model ended: `“SDXL” is here; Inpaint draws with it now.` */
export function describeOutcome({ task, usedFor }: Outcome): string {
  const { type, name, remark, replaced } = task;
  switch (type) {
    case "install":
    case "import": {
      const use = usedFor === undefined ? "." : `; ${taskNames[usedFor]} draws with it now.`;
      return [`“${name}” is here${use}`, remark].filter(Boolean).join(" ");
    }
    case "verify": {
      const damaged = damagedFiles(task);
      if (damaged.length === 0) return `“${name}” is whole: all its files were compared.`;
      return `“${name}” is damaged: ${damaged.join(", ")}.`;
    }
    case "repair":
      return replaced?.length ? `“${name}” is repaired: ${replaced.join(", ")}.` : `“${name}” needed no repair.`;
    case "update":
      return replaced?.length ? `“${name}” is updated.` : describeUpdate({ state: "current" });
    default:
      return type satisfies never;
  }
}
