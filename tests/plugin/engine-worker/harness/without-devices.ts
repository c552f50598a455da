// The engine where adapters exist and every device they are asked for fails, as after a driver's crash.
import "./refuse-devices.ts";
import "../../../../plugin/engine-worker/main.ts";
