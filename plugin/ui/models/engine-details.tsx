import { Icon } from "../controls/icon.tsx";
import { usePanel } from "../panel-context.ts";
import { deviceName } from "./describe-engine.ts";
import { SHELF_ID } from "./shelf/shelf-popover.tsx";

/** Why edits run where they run. */
export function EngineDetails() {
  const { engines, engineCopy } = usePanel();
  const companion = engines.companion.value;
  const browser = engines.browser.value;
  return (
    <>
      <fieldset class="choices">
        <legend>Where edits run</legend>
        <EngineOption
          value="automatic"
          title="Companion when it runs, else this browser"
          text={
            companion.type === "up"
              ? `The companion runs on this machine (${deviceName(companion.status.device)}).`
              : companion.type === "checking"
                ? "Looking for the companion…"
                : `${companion.error.message} ${companion.error.remedy ?? ""}`
          }
        />
        <EngineOption
          value="browser"
          title="Always this browser"
          text={
            browser.type === "ready"
              ? `Runs in this tab on ${browser.device.device === "webgpu" ? "WebGPU" : "WASM"}.${browser.device.reason === undefined ? "" : ` ${browser.device.reason}`}`
              : browser.type === "failed"
                ? browser.error.message
                : "Runs in this tab, with the starter model, when there is no companion."
          }
        />
      </fieldset>
      {companion.type === "up" && companion.status.devices.length > 0 && (
        <ul class="devices" aria-label="Devices of this machine">
          {companion.status.devices.map(({ device, works, description, reason }) => (
            <li key={device} data-works={works}>
              <Icon name={works ? "check" : "x"} />
              <span>
                {deviceName(device)}
                {description !== undefined && ` · ${description}`}
                {!works && reason !== undefined && <small>{reason}</small>}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p class="popover-note">
        Pictures and prompts stay on this machine either way.
        {engineCopy.value === "ready" && " Should the companion stop, edits go on in this browser."}
      </p>
      {companion.type === "up" && (
        <button type="button" data-appearance="secondary" popovertarget={SHELF_ID}>
          <Icon name="layers" /> Models
        </button>
      )}
      {companion.type === "down" && (
        <button type="button" data-appearance="secondary" onClick={() => void engines.prefer("automatic")}>
          <Icon name="refresh" /> Look for the companion again
        </button>
      )}
    </>
  );
}

interface EngineOptionProps {
  readonly value: "automatic" | "browser";
  readonly title: string;
  readonly text: string;
}

function EngineOption({ value, title, text }: EngineOptionProps) {
  const { engines } = usePanel();
  return (
    <label class="choice">
      <input
        type="radio"
        name="engine"
        value={value}
        checked={engines.preference.value === value}
        onChange={() => void engines.prefer(value)}
      />
      <span>
        <b>{title}</b>
        <small>{text}</small>
      </span>
    </label>
  );
}
