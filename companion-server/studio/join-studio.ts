import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Drawing } from "../serve/open-jobs.ts";
import { writeWhole } from "../write-whole.ts";
import { parseRedisAddress } from "./redis-address.ts";
import { RedisPictures } from "./redis-pictures.ts";
import { StudioDrawer } from "./studio-drawer.ts";
import { StudioLink } from "./studio-link.ts";
import { unionOfModels } from "./worker-board.ts";

export interface JoinStudioOptions {
  /** `redis://…` */
  readonly queue: string;
  readonly dataFolder: string;
  /** Told in words what goes wrong and is tried again; names no password and no picture. */
  readonly onTrouble: (what: string) => void;
}

const ID_BYTES = 8;

/**
 * Has the workers of a studio draw: connects to its Redis. One that is away is waited for, and said so. Throws `invalid-request` for what is no address and
 * `unauthorized` where it lets nobody in.
 */
export async function joinStudio({ queue, dataFolder, onTrouble }: JoinStudioOptions): Promise<Drawing> {
  const { link, shown } = await openLink(queue, onTrouble);
  const companion = await companionId(dataFolder);
  let drawer: StudioDrawer | undefined;
  return {
    where: Promise.resolve(`the workers of ${shown}`),
    readHindrance: () => undefined,
    drawer({ artifacts, isKept }) {
      drawer = new StudioDrawer({
        link,
        // Two companions of one name would take each other's news.
        companion: isKept ? companion : newId(),
        artifacts,
        pictures: new RedisPictures(link.redis),
        onError: (error) => onTrouble(wordsOf(error)),
      });
      return drawer;
    },
    readDevices() {
      const devices = (drawer?.workers ?? []).flatMap((worker) =>
        worker.devices.map((device) => ({ ...device, worker: worker.name })),
      );
      return { device: devices.find(({ works }) => works)?.device ?? "none", devices };
    },
    listModels: async () => unionOfModels(drawer?.workers ?? []),
    close: () => link.close(),
  };
}

/** As `joinStudio`, for whoever needs no more than the connection. */
export async function openLink(
  queue: string,
  onTrouble: (what: string) => void,
): Promise<{ readonly link: StudioLink; readonly shown: string }> {
  const address = parseRedisAddress(queue);
  const { shown } = address;
  const link = new StudioLink(address, {
    onChange: (isConnected, reason) =>
      onTrouble(
        isConnected ? `The Redis at ${shown} is there again.` : `The Redis at ${shown} is away (${reason}); trying on.`,
      ),
  });
  try {
    await link.isThere();
  } catch (error) {
    link.close();
    throw error;
  }
  return { link, shown };
}

/** Errors of the Redis client carry the command that failed, with the password or a picture in it. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : "unknown";
}

/** Under which workers tell this companion, and no other, of its jobs. */
async function companionId(dataFolder: string): Promise<string> {
  const file = join(dataFolder, "studio-id");
  const kept = (await readFile(file, "utf8").catch(() => "")).trim();
  if (/^[0-9a-f]+$/.test(kept)) return kept;
  const id = newId();
  await writeWhole(file, `${id}\n`);
  return id;
}

function newId(): string {
  return randomBytes(ID_BYTES).toString("hex");
}
