/** The names under which a browser reaches this machine itself. */
export const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"] as const;

/** Splits `name[:port]`, or answers undefined for anything else. */
export function parseHost(host: string | undefined): { readonly name: string; readonly port: string } | undefined {
  const parts = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(host ?? "");
  return parts?.[1] ? { name: parts[1].toLowerCase(), port: parts[2] ?? "80" } : undefined;
}
