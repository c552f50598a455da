import { isIP } from "node:net";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/** Where a studio's Redis is. */
export interface RedisAddress {
  readonly options: {
    readonly host: string;
    readonly port: number;
    /** Number of the database. */
    readonly db: number;
    readonly username?: string;
    readonly password?: string;
    readonly tls?: { readonly servername?: string };
  };
  /** Without name and password: for people and logs. */
  readonly shown: string;
}

const DEFAULT_PORT = 6379;
/** Redis has sixteen databases unless it is told otherwise, and no more than this in any configuration. */
const MAX_DATABASE = 9_999;

/**
 * Reads `redis[s]://[name:password@]host[:port][/database]`; `rediss` is TLS, by the authorities that Node trusts
 * (NODE_EXTRA_CA_CERTS adds to them). Throws `invalid-request`, and never repeats what may hold a password.
 */
export function parseRedisAddress(text: string): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, "");
  if (url === undefined || !host || !/^rediss?:$/.test(url.protocol)) throw notAnAddress();
  const database = url.pathname.replace(/^\//, "");
  if (!/^\d{0,4}$/.test(database) || Number(database) > MAX_DATABASE || url.search !== "" || url.hash !== "")
    throw notAnAddress();
  const port = url.port === "" ? DEFAULT_PORT : Number(url.port);
  const [username, password] = [decode(url.username), decode(url.password)];
  return {
    options: {
      host,
      port,
      db: Number(database),
      ...(username && { username }),
      ...(password && { password }),
      // An address is no name of a server's (RFC 6066).
      ...(url.protocol === "rediss:" && { tls: isIP(host) ? {} : { servername: host } }),
    },
    shown: `${url.protocol}//${url.hostname}:${port}${database && `/${database}`}`,
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw notAnAddress();
  }
}

function notAnAddress(): OverpaintError {
  return new OverpaintError(
    "invalid-request",
    "This is no address of a Redis.",
    "Write it like redis://studio-server:6379, or rediss://:PASSWORD@studio-server:6379 with TLS; percent-encode what is not a letter or digit in the password.",
  );
}
