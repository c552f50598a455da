import { type IncomingMessage, request as requestByHttp } from "node:http";
import { type RequestOptions, request as requestByHttps } from "node:https";
import { pipeline, Readable } from "node:stream";

/**
 * Asks a web server, and answers as soon as its answer begins; rejects where there is none, or none within `timeout`. By Node's own
 * client: undici 7, and with it `fetch`, ends the process when a server closes the connection of an answer that comes faster than it is
 * read (nodejs/undici#5360).
 *
 * @param options `timeout`: milliseconds of silence after which the connection is cut, also in the middle of the answer; while an agent
 *   makes it, the silence is the agent's to end
 */
export function askByHttp(url: URL, options: RequestOptions, body: string | Readable = ""): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? requestByHttps : requestByHttp;
    const asked = send(url, options)
      .on("response", resolve)
      .on("error", reject)
      .on("timeout", () => asked.destroy(new Error(`no answer within ${options.timeout} ms`)));
    if (body instanceof Readable) pipeline(body, asked, (error) => error && reject(error));
    else asked.end(body);
  });
}

/** The text of an answer. Rejects where it is cut. */
export async function textOf(answer: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of answer) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}
