import { type Endpoint, expose, transferHandlers } from "comlink";
import { toErrorData } from "../../shared/protocol/overpaint-error.ts";

/** As comlink writes an error. The other side makes an error of these words with everything else as its properties. */
interface WrittenError {
  readonly isError: true;
  readonly value: { readonly name: string; readonly message: string; readonly stack?: string | undefined };
}

/** Answers the panel with an API whose errors arrive with their code and remedy, both of which comlink leaves out. */
export function exposeEngine(api: object, endpoint?: Endpoint): void {
  const thrown = transferHandlers.get("throw");
  if (thrown === undefined) throw new Error("comlink writes errors in another way");
  transferHandlers.set("throw", {
    ...thrown,
    serialize: (what) => {
      const { value } = what as { readonly value: unknown };
      const stack = value instanceof Error ? value.stack : undefined;
      const written: WrittenError = { isError: true, value: { name: "OverpaintError", stack, ...toErrorData(value) } };
      return [written, []];
    },
  });
  expose(api, endpoint);
}
