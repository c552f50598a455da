import type { BrowserDevice, EngineStorage } from "../../../shared/protocol/engine-worker-api.ts";
import { formatBytes } from "../../../shared/protocol/text/format-bytes.ts";
import { Icon } from "../controls/icon.tsx";
import type { ReadyState } from "../engines/browser/keep-ready.ts";
import { usePanel } from "../panel-context.ts";
import { CompanionField } from "./companion-field.tsx";
import { deviceName } from "./describe-engine.ts";
import { openShelfInstead } from "./shelf/shelf-popover.tsx";

/** Why edits run where they run. */
export function EngineDetails() {
  const { engines, namedCompanion } = usePanel();
  const companion = engines.companion.value;
  const isNoneNamed = namedCompanion !== undefined && namedCompanion.origin === undefined;
  const browser = engines.browser.value;
  const storage = engines.browserStorage.value;
  return (
    <>
      <fieldset class="choices">
        <legend>Where edits run</legend>
        <EngineOption
          value="automatic"
          title="Companion when it runs, else this browser"
          text={
            companion.type === "up"
              ? `The companion runs ${placeWords(namedCompanion?.origin)} (${deviceName(companion.status.device)}).`
              : companion.type === "checking" || engines.isLooking.value
                ? "Looking for the companion…"
                : `${companion.error.message} ${companion.error.remedy ?? ""}`
          }
        />
        <EngineOption
          value="browser"
          title="Always this browser"
          text={
            browser.type === "ready"
              ? runningWords(browser.device, engines.browserStepMs.value)
              : browser.type === "failed"
                ? browser.error.message
                : browser.type === "starting"
                  ? "Starting…"
                  : "Runs in this tab, with the starter model, when there is no companion. It is fetched at the first edit."
          }
        />
      </fieldset>
      {companion.type === "up" && companion.status.devices.length > 0 && (
        <ul class="devices" aria-label={`Devices ${placeWords(namedCompanion?.origin)}`}>
          {companion.status.devices.map(({ device, card, worker, works, description, reason }) => (
            <li key={`${worker} ${device} ${card}`} data-works={works}>
              <Icon name={works ? "check" : "x"} />
              <span>
                {deviceName(device)}
                {card !== undefined && ` ${card}`}
                {description !== undefined && ` · ${description}`}
                {!works && reason !== undefined && <small>{reason}</small>}
              </span>
            </li>
          ))}
        </ul>
      )}
      <KeepReadySwitch />
      {storage !== undefined && <p class="popover-note">{storageWords(storage)}</p>}
      <p class="popover-note">
        {namedCompanion?.origin === undefined
          ? "Pictures and prompts stay on this machine either way."
          : `Pictures and prompts go to ${new URL(namedCompanion.origin).host} alone, or nowhere.`}
      </p>
      {companion.type !== "checking" && (
        <button type="button" data-appearance="secondary" onClick={openShelfInstead}>
          <Icon name="layers" /> Models
        </button>
      )}
      <CompanionField />
      {companion.type === "down" && !isNoneNamed && (
        <button
          type="button"
          data-appearance="secondary"
          disabled={engines.isLooking.value}
          onClick={() => void engines.look()}
        >
          <Icon name="refresh" /> Look for the companion again
        </button>
      )}
    </>
  );
}

/** @param origin of a companion that was named; else the panel came from it */
function placeWords(origin: string | undefined): string {
  return origin === undefined ? "on this machine" : `at ${new URL(origin).host}`;
}

function runningWords(device: BrowserDevice, stepMs: number | undefined): string {
  const seconds = (stepMs ?? 0) / 1_000;
  const pace = stepMs === undefined ? "" : `, ${seconds < 10 ? seconds.toPrecision(2) : Math.round(seconds)} s a step`;
  return `Runs in this tab on ${deviceWords(device)}${pace}.${device.reason === undefined ? "" : ` ${device.reason}`}`;
}

function deviceWords({ device, threads }: BrowserDevice): string {
  if (device === "webgpu") return "WebGPU";
  return threads === undefined ? "WASM" : `WASM with ${threads} threads`;
}

const readyWords = {
  off: "Fetches the engine and its models, 70 MB, ahead of the first edit.",
  waiting: "Waiting until nothing else is to be done.",
  fetching: "Fetching…",
  ready: "Should the companion stop, edits go on in this browser.",
} as const;

function wordsOf(state: ReadyState): string {
  if (state.type !== "failed") return readyWords[state.type];
  return `It could not be fetched. ${state.error.message} Switch it off and on to try again.`;
}

function storageWords({ lasts, bytes, free }: EngineStorage): string {
  if (!lasts)
    return "This browser gives the panel no room to keep the engine's files: they are fetched again at the next opening.";
  const room = free === undefined ? "" : `; it grants ${formatBytes(free)} more`;
  return `The browser keeps ${formatBytes(bytes)} of the engine's files${room}.`;
}

function KeepReadySwitch() {
  const { keepReady } = usePanel();
  return (
    <label class="choice">
      <input
        type="checkbox"
        checked={keepReady.state.value.type !== "off"}
        onChange={({ currentTarget }) => void keepReady.want(currentTarget.checked)}
      />
      <span>
        <b>Keep the browser engine ready</b>
        <small>{wordsOf(keepReady.state.value)}</small>
      </span>
    </label>
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
