import { arch, platform } from "node:os";
import { Command } from "commander";
import { type DeviceReport, deviceName } from "../../shared/protocol/api.ts";
import { formatBytes } from "../../shared/protocol/text/format-bytes.ts";
import { chooseEngines } from "../engine/choose-devices.ts";
import { placeName } from "../engine/device-faults.ts";
import { probeDevice } from "../engine/probe-device.ts";
import { cacheFolders } from "../models/caches/cache-folders.ts";
import { PackedGraphs, packedLimit } from "../models/caches/packed-graphs.ts";
import { modelRoots, openCatalog } from "../models/model-catalog.ts";
import { packageVersion } from "../package-version.ts";
import { describeModel } from "./models/models-command.ts";
import { dataOption, jsonOption } from "./options.ts";

interface DoctorOptions {
  readonly data: string;
  readonly json?: true;
}

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("say what works on this machine and what does not")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(doctor);
}

/** Only reads: whatever is wrong, it is not made worse. Throws `device-unavailable` when nothing can draw here. */
async function doctor({ data, json }: DoctorOptions): Promise<void> {
  // Every card, of which serve without --device uses the first.
  const { engines, reports } = await chooseEngines("all", probeDevice);
  const [
    {
      devices: [device = "cpu"],
      card,
    },
  ] = engines;
  const used = placeName(device, card);
  const models = await openCatalog(data).list();
  const packed = await describePacked(data);
  const facts = { version: packageVersion, node: process.version, system: `${platform()}-${arch()}`, data };
  if (json) return console.log(JSON.stringify({ ...facts, device: used, devices: reports, models, packed }));
  console.log(`Overpaint ${facts.version}, Node ${facts.node}, ${facts.system}, data in ${facts.data}`);
  for (const report of reports) console.log(describeDevice(report, deviceName(report) === used));
  for (const model of models) console.log(describeModel(model));
  if (models.length === 0) console.log(noModels(data));
  console.log(packedLine(packed));
}

async function describePacked(data: string) {
  const folders = cacheFolders(data);
  const graphs = await new PackedGraphs(folders.packedGraphs).list();
  return { graphs: graphs.length, bytes: graphs.reduce((sum, { bytes }) => sum + bytes, 0), limit: packedLimit() };
}

function packedLine({ graphs, bytes, limit }: Awaited<ReturnType<typeof describePacked>>): string {
  if (limit === 0) return "graphs packed for the processor: switched off by OVERPAINT_PACKED";
  return `graphs packed for the processor: ${graphs}, ${formatBytes(bytes)} of at most ${formatBytes(limit)}`;
}

function describeDevice(report: DeviceReport, isUsed: boolean): string {
  const { works, description, memoryBytes, budgetBytes, probeMs, reason, mend, remark } = report;
  const state = isUsed ? "used" : works ? "works" : "does not work";
  const memory = memoryBytes === undefined ? "memory unknown" : `${formatBytes(memoryBytes)} of memory`;
  const budget = budgetBytes && `${memory}, a run may take ${formatBytes(budgetBytes)}`;
  const time = probeMs === undefined ? undefined : `probe ${Math.round(probeMs)} ms`;
  const words = [`device ${deviceName(report)}: ${state}`, description, budget, time, reason, remark]
    .filter(Boolean)
    .join(", ");
  return mend === undefined ? words : `${words}\n  to mend it: ${mend}`;
}

function noModels(data: string): string {
  return `no models: put one into ${modelRoots(data)[0]}`;
}
