import { API_BASE, statusSchema } from "../../shared/protocol/api.ts";

/** A companion answers in milliseconds, on a machine that is very busy in a second; what does not is something else. */
const ASK_LIMIT_MS = 2_000;

/** Says in words what holds a loopback port. */
export async function describePortHolder(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${API_BASE}/status`, {
      signal: AbortSignal.timeout(ASK_LIMIT_MS),
    });
    const { version } = statusSchema.parse(await response.json());
    return `another Overpaint (${version}), which also works: http://localhost:${port}/playground/`;
  } catch {
    return "another program";
  }
}
