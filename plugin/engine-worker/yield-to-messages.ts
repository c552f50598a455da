/**
 * Lets the worker handle messages that wait, `cancel` above all: a WASM run keeps the thread busy and leaves only
 * microtasks between two steps. A channel of its own is not throttled as timers are.
 */
export function yieldToMessages(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
