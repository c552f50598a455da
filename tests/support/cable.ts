import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Cable extends AsyncDisposable {
  readonly port: number;
  /** Ends every connection and lets no other through. */
  unplug(): void;
  plugIn(): void;
}

/** A way to a port of this machine that can be interrupted. */
export async function cableTo(port: number): Promise<Cable> {
  const sockets = new Set<Socket>();
  let isPlugged = true;
  const server = createServer((near) => {
    if (!isPlugged) return void near.destroy();
    const far = connect(port, "127.0.0.1");
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(socket);
          other.destroy();
        });
      socket.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const unplug = () => {
    isPlugged = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port, // a TCP server that listens has one
    unplug,
    plugIn() {
      isPlugged = true;
    },
    async [Symbol.asyncDispose]() {
      unplug();
      server.close();
      await once(server, "close");
    },
  };
}
