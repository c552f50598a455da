import { once } from "node:events";
import { Command } from "commander";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { memorySetting } from "../engine/memory-setting.ts";
import { packedLimit } from "../models/packed-graphs.ts";
import { packageVersion } from "../package-version.ts";
import { describePortHolder } from "../serve/listen-on-loopback.ts";
import { openBrowser } from "../serve/open-browser.ts";
import { startCompanion } from "../serve/start-companion.ts";
import { type DeviceName, dataOption, deviceOption, parseNumber, queueOption } from "./options.ts";

const DEFAULT_PORT = 4417;

interface ServeOptions {
  readonly port: number;
  readonly device: DeviceName;
  readonly queue?: string;
  readonly data: string;
  readonly open: boolean;
  readonly penpotOrigin: readonly string[];
}

export function serveCommand(): Command {
  return new Command("serve")
    .description("run the companion: the plugin, its panel and the engine")
    .option("--port <number>", "port to listen on", parseNumber, DEFAULT_PORT)
    .addOption(deviceOption())
    .addOption(queueOption())
    .addOption(dataOption())
    .option("--no-open", "do not open the playground in a browser")
    .option(
      "--penpot-origin <url...>",
      "origin of a self-hosted Penpot that may show the panel",
      originsFromEnvironment(),
    )
    .action(serve);
}

function originsFromEnvironment(): string[] {
  return (process.env.OVERPAINT_PENPOT_ORIGINS ?? "").split(/[\s,]+/).filter(Boolean);
}

/** Runs until the first SIGINT or SIGTERM; a second one does not wait. */
async function serve(options: ServeOptions): Promise<void> {
  if (!Number.isInteger(options.port) || options.port < 0 || options.port > 65_535)
    throw new OverpaintError("invalid-request", `${options.port} is no port.`, "Name one from 1 to 65535.");
  if (options.queue !== undefined && options.device !== "auto")
    throw new OverpaintError(
      "invalid-request",
      "With --queue the workers draw, not this machine.",
      "Leave out --device here, and give it to `overpaint worker`.",
    );
  // Read by the engine at its first job; whoever got it wrong is to hear of it now.
  memorySetting(process.env.OVERPAINT_MEMORY);
  packedLimit();
  const stopAsked = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  const companion = await startCompanion({
    port: options.port,
    device: options.device,
    queue: options.queue,
    dataFolder: options.data,
    penpotOrigins: options.penpotOrigin.map(parseOrigin),
    token: process.env.OVERPAINT_TOKEN,
  });
  const { port, takenPort, where, transience, trouble } = companion;
  if (takenPort !== undefined)
    console.error(
      `overpaint: port ${takenPort} is held by ${await describePortHolder(takenPort)}. Using ${port} instead.`,
    );
  if (trouble !== undefined) console.error(`overpaint: ${trouble}`);
  if (transience !== undefined)
    console.error(`overpaint: ${transience}. The jobs of this one are forgotten when it stops.`);
  const playground = `http://localhost:${port}/playground/`;
  console.log(`Overpaint ${packageVersion} draws on ${where}. Open ${playground}`);
  if (options.open) openBrowser(playground);
  await stopAsked;
  await companion.stop();
}

/** Only an origin, so that nothing else can slip into the header that names it. */
function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url.origin;
  throw new OverpaintError("invalid-request", `${text} is no origin.`, "Write it like https://penpot.example.org.");
}
