import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Drawing } from "../serve/open-jobs.ts";
import { writeWhole } from "../write-whole.ts";
import type { PictureCarrier } from "./pictures/picture-carrier.ts";
import { RedisPictures } from "./pictures/redis-pictures.ts";
import { parseS3Address } from "./pictures/s3-address.ts";
import { S3Pictures } from "./pictures/s3-pictures.ts";
import { parseRedisAddress } from "./redis-address.ts";
import { StudioDrawer } from "./studio-drawer.ts";
import { StudioLink } from "./studio-link.ts";
import { unionOfModels } from "./worker-board.ts";

export interface JoinStudioOptions {
  /** `redis://…` */
  readonly queue: string;
  /** `s3://…`; default: the Redis. */
  readonly pictures?: string | undefined;
  readonly dataFolder: string;
  /** Told in words what goes wrong and is tried again; names no password and no picture. */
  readonly onTrouble: (what: string) => void;
}

const ID_BYTES = 8;

/**
 * Has the workers of a studio draw: connects to its Redis. One that is away is waited for, and said so. Throws `invalid-request` for what is no address and
 * `unauthorized` where it lets nobody in.
 */
export async function joinStudio(options: JoinStudioOptions): Promise<Drawing> {
  const { dataFolder, onTrouble } = options;
  const { link, shown, pictures, close } = await openLink(options);
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
        pictures,
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
    close,
  };
}

export interface OpenedLink {
  readonly link: StudioLink;
  /** Where its Redis is, without the password. */
  readonly shown: string;
  readonly pictures: PictureCarrier;
  close(): void;
}

/** As `joinStudio`, for whoever needs no more than the connection. */
export async function openLink({
  queue,
  pictures: place,
  onTrouble,
}: Pick<JoinStudioOptions, "queue" | "pictures" | "onTrouble">): Promise<OpenedLink> {
  const address = parseRedisAddress(queue);
  const bucket = place === undefined ? undefined : parseS3Address(place, process.env);
  const { shown } = address;
  const link = new StudioLink(address, {
    onChange: (isConnected, reason) =>
      onTrouble(
        isConnected ? `The Redis at ${shown} is there again.` : `The Redis at ${shown} is away (${reason}); trying on.`,
      ),
  });
  const store = bucket && new S3Pictures({ address: bucket, onTrouble });
  const close = () => {
    store?.close();
    link.close();
  };
  try {
    await link.isThere();
    await store?.check();
  } catch (error) {
    close();
    throw error;
  }
  return { link, shown, pictures: store ?? new RedisPictures(link.redis), close };
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
