import { request as httpRequest } from "node:http";
import type { TestCompanion } from "./test-companion.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Sends a path and a Host as they are: fetch tidies up the one and does not let its caller name the other. */
export function ask(
  { port }: TestCompanion,
  path: string,
  headers: Record<string, string>,
  method = "GET",
  content?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port, path, method, headers, setHost: false },
      async (response) => {
        let body = "";
        for await (const text of response.setEncoding("utf8")) body += text;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      },
    );
    request.on("error", reject).end(content);
  });
}
