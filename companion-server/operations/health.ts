import type { RequestHandler } from "express";

/** `GET /health`: the process answers. Under any name: whoever watches a container knows no other than its address. */
export const getHealth: RequestHandler = (_request, response) => {
  response.set("Cache-Control", "no-store").json({ status: "ok" });
};

/** Why jobs are not taken up now, in a word; undefined where they are. */
export type ReadReadiness = () => "starting" | "no-device" | "stopping" | undefined;

/** `GET /ready`: jobs are taken up. 503 while devices are tried, where none works, and while the companion stops. */
export function getReadiness(read: ReadReadiness): RequestHandler {
  return (_request, response) => {
    const reason = read();
    response
      .status(reason === undefined ? 200 : 503)
      .set("Cache-Control", "no-store")
      .json(reason === undefined ? { status: "ready" } : { status: "not-ready", reason });
  };
}
