import { Command } from "commander";
import { OverpaintError, toErrorData } from "../../shared/protocol/overpaint-error.ts";
import { isLoopback, LOOPBACK_HOST } from "../door/door.ts";
import { panelPath } from "../door/panel-path.ts";
import type { EnginesWish } from "../engine/device-wish.ts";
import { memorySetting } from "../engine/memory-setting.ts";
import { packedLimit } from "../models/caches/packed-graphs.ts";
import { packageVersion } from "../package-version.ts";
import { describePortHolder } from "../serve/listen.ts";
import { openBrowser } from "../serve/open-browser.ts";
import type { RunningCompanion } from "../serve/start-companion.ts";
import { dataOption, enginesOption, parseNumber, picturesOption, queueOption, warmUpOption } from "./options.ts";

const DEFAULT_PORT = 4417;

interface ServeOptions {
  readonly port: number;
  readonly device: EnginesWish;
  readonly warmUp?: readonly string[];
  readonly queue?: string;
  readonly pictures?: string;
  readonly data: string;
  readonly open: boolean;
  readonly penpotOrigin: readonly string[];
  readonly panelOrigin: readonly string[];
  readonly host: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly behindProxy?: readonly string[];
}

export function serveCommand(): Command {
  return new Command("serve")
    .description("run the companion: the plugin, its panel and the engine")
    .option("--port <number>", "port to listen on", parseNumber, DEFAULT_PORT)
    .addOption(enginesOption())
    .addOption(warmUpOption())
    .addOption(queueOption())
    .addOption(picturesOption())
    .addOption(dataOption())
    .option("--no-open", "do not open the playground in a browser")
    .option(
      "--penpot-origin <url...>",
      "origin of a self-hosted Penpot that may show the panel",
      originsOf(process.env.OVERPAINT_PENPOT_ORIGINS),
    )
    .option(
      "--panel-origin <url...>",
      "origin of another server whose panel may use this companion, with a token",
      originsOf(process.env.OVERPAINT_PANEL_ORIGINS),
    )
    .option(
      "--host <address>",
      "address to listen on; beyond this machine with TLS or a proxy, and tokens",
      LOOPBACK_HOST,
    )
    .option("--tls-cert <file>", "certificate (PEM) that the companion shows")
    .option("--tls-key <file>", "the certificate's key (PEM)")
    .option("--behind-proxy <origin...>", "origins under which a proxy that does TLS serves the companion")
    .action(serve);
}

function originsOf(text = ""): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** Runs until SIGINT or SIGTERM, or until it shows that the device which was asked for does not work. */
async function serve(options: ServeOptions): Promise<void> {
  if (!Number.isInteger(options.port) || options.port < 0 || options.port > 65_535)
    throw new OverpaintError("invalid-request", `${options.port} is no port.`, "Name one from 1 to 65535.");
  if (options.queue !== undefined && (isNamed(options.device) || options.warmUp))
    throw new OverpaintError(
      "invalid-request",
      "With --queue the workers draw, not this machine.",
      `Leave out ${isNamed(options.device) ? "--device" : "--warm-up"} here, and give it to \`overpaint worker\`.`,
    );
  if (options.pictures !== undefined && options.queue === undefined)
    throw new OverpaintError(
      "invalid-request",
      "--pictures is for workers, and there is no --queue.",
      "Give both, or neither.",
    );
  // Read by the engine at its first job; whoever got it wrong is to hear of it now.
  memorySetting(process.env.OVERPAINT_MEMORY);
  packedLimit();
  const stop = stopSignals();
  // Loaded where it is asked for: no other command is to wait for it.
  const { startCompanion } = await import("../serve/start-companion.ts");
  const companion = await startCompanion({
    ...options,
    behindProxy: options.behindProxy?.map(parseOrigin),
    dataFolder: options.data,
    penpotOrigins: options.penpotOrigin.map(parseOrigin),
    panelOrigins: options.panelOrigin.map(parsePanelOrigin),
    token: process.env.OVERPAINT_TOKEN,
  });
  const { port, takenPort, transience, trouble } = companion;
  if (takenPort !== undefined)
    console.error(
      `overpaint: port ${takenPort} is held by ${await describePortHolder(takenPort)}. Using ${port} instead.`,
    );
  if (trouble !== undefined) console.error(`overpaint: ${trouble}`);
  if (transience !== undefined)
    console.error(`overpaint: ${transience}. The jobs of this one are forgotten when it stops.`);
  announce(options, companion);
  const told = companion.where.then(
    (where) => console.log(`Draws on ${where}.`),
    (error) => {
      // Who asked for a device is not to wait for another. Else the panel is of use without one.
      if (isNamed(options.device)) throw error;
      const { message } = toErrorData(error);
      console.error(`overpaint: ${message.replace(/\.?$/, ".")} The panel draws in the browser instead.`);
    },
  );
  try {
    await Promise.race([stop.asked, told.then(() => stop.asked)]);
  } finally {
    await companion.stop(stop.now);
  }
}

/** Whether anything but the best that works was asked for. */
function isNamed(wish: EnginesWish): boolean {
  return wish === "all" || wish[0].device !== "auto";
}

/** How long a stop may take to finish a variant; what is longer is drawn again at the next start. */
const FINISH_LIMIT_MS = 60_000;

/** SIGTERM, a service manager's, lets the variant that is drawn be finished; SIGINT and a second signal do not wait. */
function stopSignals(): { readonly asked: Promise<void>; readonly now: AbortSignal } {
  const now = new AbortController();
  const asked = new Promise<void>((resolve) => {
    process.once("SIGTERM", () => {
      resolve();
      setTimeout(() => now.abort(), FINISH_LIMIT_MS).unref();
      process.once("SIGTERM", () => now.abort());
    });
    process.once("SIGINT", () => {
      resolve();
      now.abort();
    });
  });
  return { asked, now: now.signal };
}

/** The addresses carry the token of whoever runs the companion; others get theirs by `overpaint token add`. */
function announce(
  { host, behindProxy, tlsCert, open, panelOrigin }: ServeOptions,
  { port, token }: RunningCompanion,
): void {
  if (behindProxy !== undefined || tlsCert !== undefined) {
    const where = behindProxy?.join(", ") ?? `the names that ${tlsCert} is for`;
    console.log(`Overpaint ${packageVersion} listens on ${host}:${port} for ${where}.`);
    return;
  }
  const playground = `http://localhost:${port}${panelPath(token)}playground/`;
  console.log(`Overpaint ${packageVersion}. Open ${playground}`);
  const manifest = `http://${LOOPBACK_HOST}:${port}${panelPath(token)}manifest.json`;
  console.log(`In Penpot, install ${manifest}`);
  for (const origin of panelOrigin) console.log(`The panel of ${origin} takes this address too, where edits run.`);
  if (open) openBrowser(playground);
}

/** Only an origin, so that nothing else can slip into the header that names it. */
function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url.origin;
  throw new OverpaintError("invalid-request", `${text} is no origin.`, "Write it like https://penpot.example.org.");
}

/** As `parseOrigin`. What comes unencrypted over a network may be anybody's page. */
function parsePanelOrigin(text: string): string {
  const origin = parseOrigin(text);
  const { protocol, hostname } = new URL(origin);
  if (protocol === "https:" || isLoopback(hostname)) return origin;
  throw new OverpaintError("invalid-request", `${origin} is not encrypted.`, "Serve that panel by https.");
}
