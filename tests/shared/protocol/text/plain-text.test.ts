import { expect, test } from "vitest";
import { OverpaintError, toErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import { plainText } from "../../../../shared/protocol/text/plain-text.ts";

test.each([
  ["colours of a terminal", "\u001b[31mred\u001b[0m", "\ufffd[31mred\ufffd[0m"],
  ["a title of a window", "\u001b]0;owned\u0007", "\ufffd]0;owned\ufffd"],
  ["a cursor that goes back", "safe\r\bowned", "safe\ufffd\ufffdowned"],
  ["C1 codes", "\u009b2J", "\ufffd2J"],
  ["another direction", "model\u202egnp.exe", "model\ufffdgnp.exe"],
  ["what does not show", "a\u200bb\ufeff", "a\ufffdb\ufffd"],
])("shows %s and does not obey it", (_what, text, shown) => {
  expect(plainText(text)).toBe(shown);
});

test.each(["Größe – 模型 🎨 é", "two\nlines\tand a tab"])("leaves %j as it is", (text) => {
  expect(plainText(text)).toBe(text);
});

test("errors that quote a model's files are plain wherever they are shown", () => {
  const error = new OverpaintError("unsupported-model", "The class \u001b[2J is unknown.", "Use \u0007 another.");
  expect(toErrorData(error)).toMatchObject({
    message: "The class \ufffd[2J is unknown.",
    remedy: "Use \ufffd another.",
  });
});
