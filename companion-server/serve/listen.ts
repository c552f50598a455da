import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { API_BASE, statusSchema } from "../../shared/protocol/api.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { type Door, isLoopback } from "../door/door.ts";

export interface Listener {
  readonly port: number;
  /** The asked-for port, when something else holds it. */
  readonly takenPort?: number;
  close(): Promise<void>;
}

/** Ports tried before giving up. */
const MAX_TRIES = 20;
/** What a machine without IPv6 answers. */
const NO_IPV6 = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];

/** A client that has not said what it wants by then says it too slowly on purpose. Bodies have limits of their own. */
const HEADERS_LIMIT_MS = 15_000;

/** What answers the requests: with TLS where the door has it. */
export type MakeServer = () => Server;

/**
 * Listens where the door is. On loopback another port will do, beyond it others know the port. Throws as `listenOnLoopback`, and
 * `invalid-request` for an address that is not this machine's.
 */
export async function listenAt(
  handler: RequestListener,
  { port, host, door }: { readonly port: number; readonly host: string; readonly door: Door },
): Promise<Listener> {
  const make = () => serverFor(door, handler);
  if (isLoopback(host)) return await listenOnLoopback(make, port);
  const server = make();
  const failure = await listen(server, port, host);
  if (failure === undefined) return { port: portOf(server), close: () => closeServer(server) };
  if (failure === "EADDRINUSE")
    throw new OverpaintError("port-in-use", `Port ${port} of ${host} is taken.`, "Name another with --port.");
  throw new OverpaintError(
    "invalid-request",
    `The companion cannot listen on ${host} (${failure}).`,
    "Name an address of this machine with --host, or 0.0.0.0 for all of them.",
  );
}

function serverFor(door: Door, handler: RequestListener): Server {
  const limits = { headersTimeout: HEADERS_LIMIT_MS };
  if (door.type !== "tls") return createServer(limits, handler);
  return createTlsServer({ ...limits, cert: door.certificate, key: door.key }, handler);
}

/**
 * Listens on both loopback addresses, because `localhost` may mean either, at the first free port from `port` on; 0 takes
 * whichever port is free. Throws `port-in-use` when all tried ports are taken.
 */
export async function listenOnLoopback(make: MakeServer, port: number): Promise<Listener> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    // 0 asks for any free port, however often.
    const candidate = port === 0 ? 0 : port + attempt;
    const servers = await tryPort(make, candidate);
    const ipv4 = servers?.[0];
    if (servers === undefined || ipv4 === undefined) continue;
    return {
      port: portOf(ipv4),
      ...(candidate === port ? {} : { takenPort: port }),
      close: async () => void (await Promise.all(servers.map(closeServer))),
    };
  }
  throw new OverpaintError(
    "port-in-use",
    `The ports ${port} to ${port + MAX_TRIES - 1} are all taken.`,
    "Name another with --port.",
  );
}

/** The servers of both addresses, or undefined when the port is taken on either. */
async function tryPort(make: MakeServer, port: number): Promise<readonly Server[] | undefined> {
  const ipv4 = make();
  const ipv4Failure = await listen(ipv4, port, "127.0.0.1");
  if (ipv4Failure === "EADDRINUSE") return undefined;
  if (ipv4Failure !== undefined)
    throw new OverpaintError(
      "port-in-use",
      `Port ${port} cannot be used (${ipv4Failure}).`,
      "Name another with --port.",
    );
  const ipv6 = make();
  const ipv6Failure = await listen(ipv6, portOf(ipv4), "::1");
  if (ipv6Failure === undefined) return [ipv4, ipv6];
  if (NO_IPV6.includes(ipv6Failure)) return [ipv4];
  await closeServer(ipv4);
  return undefined;
}

/** Answers the error's code when it fails. */
function listen(server: Server, port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => resolve(undefined));
  });
}

function portOf(server: Server): number {
  // A TCP server that listens has an address object; strings belong to pipes.
  return (server.address() as AddressInfo).port;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Event streams would keep it open until their jobs end.
    server.closeAllConnections();
  });
}

/** A companion answers in milliseconds, on a machine that is very busy in a second; what does not is something else. */
const ASK_LIMIT_MS = 2_000;

/** Says in words what holds a loopback port. */
export async function describePortHolder(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${API_BASE}/status`, {
      signal: AbortSignal.timeout(ASK_LIMIT_MS),
    });
    const { version } = statusSchema.parse(await response.json());
    return `another Overpaint (${version}), which also works under the address that it printed`;
  } catch {
    return "another program";
  }
}
