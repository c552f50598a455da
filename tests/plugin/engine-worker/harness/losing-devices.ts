// The engine whose graphics device goes away in the middle of an edit, as when its driver is renewed.
import "./lose-devices.ts";
import "../../../../plugin/engine-worker/main.ts";
