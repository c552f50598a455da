import { expose } from "comlink";

/** A worker of this very thread: an API behind a real message port, with its clones and its order. */
export class FakeEngineWorker extends EventTarget {
  readonly #port: MessagePort;
  isTerminated = false;

  constructor(api: object) {
    super();
    const { port1, port2 } = new MessageChannel();
    expose(api, port2);
    this.#port = port1;
    port1.onmessage = ({ data }) => this.dispatchEvent(new MessageEvent("message", { data }));
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    if (!this.isTerminated) this.#port.postMessage(message, transfer);
  }

  /** Dies as a worker does whose script throws or whose memory runs out. */
  crash(message: string): void {
    this.dispatchEvent(Object.assign(new Event("error"), { message }));
  }

  terminate(): void {
    this.isTerminated = true;
    this.#port.close();
  }

  asWorker(): Worker {
    return this as unknown as Worker;
  }
}
