import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { parseRequest } from "../../shared/protocol/parse-request.ts";
import { type SelectionRequest, selectionRequestSchema } from "../../shared/protocol/selection.ts";
import { chooseDevices } from "../engine/choose-devices.ts";
import type { DeviceWish } from "../engine/device-wish.ts";
import { EngineProcess } from "../engine/engine-process.ts";
import { probeDevice } from "../engine/probe-device.ts";
import { inspectImage } from "../images/inspect-image.ts";
import { cacheFolders } from "../models/caches/cache-folders.ts";
import { openCatalog } from "../models/model-catalog.ts";
import { hashCacheIn } from "../models/model-store.ts";
import { untilInterrupted } from "./draw-to-files.ts";
import { NamedModels } from "./named-models.ts";
import { dataOption, deviceOption, jsonOption, type OutputOptions, outputOption } from "./options.ts";
import { outputFiles, writeOutput } from "./output-files.ts";

interface MaskOptions extends OutputOptions {
  readonly point?: readonly Place[];
  readonly notPoint?: readonly Place[];
  readonly subject?: true;
  readonly model?: string;
  readonly device: DeviceWish;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

export function maskCommand(): Command {
  return new Command("mask")
    .description("find what a point of a picture shows, or what the picture is of, and write it as a mask")
    .argument("<image>")
    .addOption(
      new Option("--point <x,y>", "a pixel of what is wanted; may be repeated")
        .argParser(addPlace)
        .conflicts("subject"),
    )
    .addOption(
      new Option("--not-point <x,y>", "a pixel that must not be part; may be repeated")
        .argParser(addPlace)
        .conflicts("subject"),
    )
    .option("--subject", "what the picture is of")
    .option("--model <id|path>", "a model's id or folder; default: the first that can")
    .addOption(outputOption())
    .addOption(deviceOption())
    .addOption(jsonOption())
    .addOption(dataOption())
    .action(findMask);
}

function addPlace(text: string, before: readonly Place[] = []): readonly Place[] {
  const [, x, y] = /^(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$/.exec(text.trim()) ?? [];
  if (x === undefined || y === undefined) throw new InvalidArgumentError("It is no pixel, as in 120,80.");
  return [...before, { x: Number(x), y: Number(y) }];
}

function findMask(image: string, options: MaskOptions): Promise<void> {
  return untilInterrupted(async (signal) => {
    const size = await inspectImage(image, image);
    const request = requestOf(options);
    const catalog = openCatalog(options.data);
    const named = options.model === undefined ? undefined : await new NamedModels(catalog).model(options.model);
    const model = named ?? (await catalog.findSelector(request));
    const [output = options.output] = await outputFiles(options.output, 1);
    const { reports: _reports, ...devices } = await chooseDevices(options.device, probeDevice);
    const folder = await mkdtemp(join(tmpdir(), "overpaint-"));
    const engine = new EngineProcess();
    const close = () => void engine.close();
    signal.addEventListener("abort", close);
    try {
      const found = join(folder, "mask.png");
      const pictureKey = createHash("sha256")
        .update(await readFile(image))
        .digest("hex");
      const picture = { picture: resolve(image), pictureKey, pictureName: image };
      const machine = {
        ...devices,
        hashCache: hashCacheIn(options.data),
        quantisedWeights: cacheFolders(options.data).quantisedWeights,
      };
      const { device } = await engine.select(
        { id: "once", model, of: request.of, ...picture, ...machine, output: found },
        signal,
      );
      await writeOutput(output, await readFile(found));
      if (options.json) console.log(JSON.stringify({ files: [output], ...size, model: model.id, device }));
    } finally {
      signal.removeEventListener("abort", close);
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
}

function requestOf({ point = [], notPoint = [], subject }: MaskOptions): SelectionRequest {
  if (!subject && point.length === 0)
    throw new OverpaintError(
      "invalid-request",
      "Nothing says what to find.",
      "Name a pixel with --point X,Y, or use --subject.",
    );
  const points = [
    ...point.map((place) => ({ ...place, isPart: true })),
    ...notPoint.map((place) => ({ ...place, isPart: false })),
  ];
  const of = subject ? { type: "subject" } : { type: "object", points };
  return parseRequest(selectionRequestSchema, { of }, "The command's --help describes its options.");
}
