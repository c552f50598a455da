import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import express from "express";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { receiveSubmission } from "../../../companion-server/http/receive-submission.ts";
import { sendError } from "../../../companion-server/http/send-error.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** Sends the head of an upload and what `drip` makes of the connection; answers what came back once it is closed. */
async function upload(limits: { readonly idle: number; readonly total: number }, drip: (socket: Socket) => void) {
  await using folder = await temporaryFolder();
  const app = express();
  app.post(
    "/",
    async (request) => void (await receiveSubmission(request, { partFile: (part) => join(folder.path, part), limits })),
  );
  app.use(sendError(pino({ level: "silent" })));
  const server = createServer(app).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (text) => {
    answer += text;
  });
  socket.on("error", () => {});
  socket.write(
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n",
  );
  socket.write('--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n');
  drip(socket);
  await once(socket, "close");
  return answer;
}

test("cuts an upload that stands still, and the connection with it", async () => {
  const answer = await upload({ idle: 50, total: 60_000 }, () => {});
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(answer).toContain("upload-too-slow");
});

test("cuts an upload that brings a byte now and then", async () => {
  const answer = await upload({ idle: 60_000, total: 100 }, (socket) => {
    const timer = setInterval(() => socket.write("a"), 10);
    socket.once("close", () => clearInterval(timer));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
});
