import type { I18n } from "@lingui/core";
import type { DeviceState } from "./protocol";

/** The state of a device in a word. */
export function deviceWord(i18n: I18n, state: DeviceState): string {
  switch (state) {
    case "ok":
      return i18n._({ id: "device.ok", message: "ready" });
    case "attention":
      return i18n._({ id: "device.attention", message: "needs attention" });
    case "stopped":
      return i18n._({ id: "device.stopped", message: "stopped" });
    case "unknown":
      return i18n._({ id: "device.unknown", message: "outcome not known" });
    case "offline":
      return i18n._({ id: "device.offline", message: "not connected" });
  }
}
