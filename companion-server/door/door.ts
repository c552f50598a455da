import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP, isIPv4 } from "node:net";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/** How people come in, and under which names the companion answers them. */
export type Door =
  /** This machine's own names, without encryption: nothing leaves the machine. */
  | { readonly type: "loopback" }
  /** The names and addresses that the certificate was made for. */
  | {
      readonly type: "tls";
      readonly certificate: string;
      readonly key: string;
      readonly covers: (name: string) => boolean;
    }
  /** The origins that a proxy serves to browsers; it ends TLS and passes Host on. */
  | { readonly type: "proxy"; readonly origins: readonly string[] };

export interface DoorOptions {
  /** The address to listen on. */
  readonly host: string;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** Origins, as browsers see them. */
  readonly behindProxy?: readonly string[] | undefined;
  /** How many tokens were given out by name. */
  readonly tokens: number;
}

export const LOOPBACK_HOST = "127.0.0.1";

/**
 * Reads what the door is made of. Throws OverpaintError `invalid-request` for half of one: beyond this machine the companion
 * listens only with tokens given out by name, and only encrypted or behind a proxy that encrypts.
 */
export async function openDoor({ host, tlsCert, tlsKey, behindProxy = [], tokens }: DoorOptions): Promise<Door> {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw refusal("--tls-cert and --tls-key belong together.", "Give both, each a file in PEM.");
  if (tlsCert !== undefined && behindProxy.length > 0)
    throw refusal("--tls-cert and --behind-proxy exclude each other.", "Let either the companion or the proxy do TLS.");
  const door = await doorOf(tlsCert, tlsKey, behindProxy);
  const isOpenToOthers = !isLoopback(host) || door.type !== "loopback";
  if (isOpenToOthers && door.type === "loopback")
    throw refusal(
      `${host} can be reached from other machines, and tokens and pictures would cross the network unencrypted.`,
      "Add --tls-cert and --tls-key, or --behind-proxy https://NAME behind a proxy that does TLS.",
    );
  if (isOpenToOthers && tokens === 0)
    throw refusal(
      "Others would share the owner's token: none was given out by name.",
      "Give each person one first: `overpaint token add NAME`.",
    );
  return door;
}

async function doorOf(
  certFile: string | undefined,
  keyFile: string | undefined,
  origins: readonly string[],
): Promise<Door> {
  if (origins.length > 0) return { type: "proxy", origins };
  if (certFile === undefined || keyFile === undefined) return { type: "loopback" };
  const [certificate, key] = [await readPem(certFile), await readPem(keyFile)];
  try {
    const parsed = new X509Certificate(certificate);
    const covers = (name: string) => {
      const bare = name.replace(/^\[|\]$/g, "");
      return (isIP(bare) ? parsed.checkIP(bare) : parsed.checkHost(bare)) !== undefined;
    };
    return { type: "tls", certificate, key, covers };
  } catch (cause) {
    throw refusal(
      `${certFile} holds no certificate.`,
      "Name a file in PEM, the server's own certificate first.",
      cause,
    );
  }
}

async function readPem(file: string): Promise<string> {
  return await readFile(file, "utf8").catch((cause) => {
    throw refusal(`${file} cannot be read.`, "Check its name, and that you may read it.", cause);
  });
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

function refusal(message: string, remedy: string, cause?: unknown): OverpaintError {
  return new OverpaintError("invalid-request", message, remedy, { cause });
}
