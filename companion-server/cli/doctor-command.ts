import { arch, platform } from "node:os";
import { Command } from "commander";
import type { DeviceReport } from "../../shared/protocol/api.ts";
import { chooseDevices } from "../engine/choose-devices.ts";
import { probeDevice } from "../engine/probe-device.ts";
import { ModelCatalog } from "../models/model-catalog.ts";
import { modelRoots } from "../models/model-roots.ts";
import { packageVersion } from "../package-version.ts";
import { describeModel } from "./describe-model.ts";
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

/** Throws `device-unavailable` when nothing can draw here. */
async function doctor({ data, json }: DoctorOptions): Promise<void> {
  const { devices, reports } = await chooseDevices("auto", probeDevice);
  const models = await new ModelCatalog(modelRoots(data)).list();
  const facts = { version: packageVersion, node: process.version, system: `${platform()}-${arch()}`, data };
  if (json) return console.log(JSON.stringify({ ...facts, device: devices[0], devices: reports, models }));
  console.log(`Overpaint ${facts.version}, Node ${facts.node}, ${facts.system}, data in ${facts.data}`);
  for (const report of reports) console.log(describeDevice(report, report.device === devices[0]));
  for (const model of models) console.log(describeModel(model));
  if (models.length === 0) console.log(noModels(data));
}

function describeDevice({ device, works, description, reason }: DeviceReport, isUsed: boolean): string {
  const state = isUsed ? "used" : works ? "works" : "does not work";
  return [`device ${device}: ${state}`, description, reason].filter(Boolean).join(", ");
}

function noModels(data: string): string {
  return `no models: put one into ${modelRoots(data)[0]}`;
}
