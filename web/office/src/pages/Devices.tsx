/** Devices of all branches; at first only those that are not well. The device and its link are two lights. */
import { useLingui } from "@lingui/react";
import { explain } from "../../../kit/codes";
import type { Device } from "../api/types";
import { ListPage, type ListSpec } from "../list/ListPage";
import { branchFilter } from "../list/filters";
import { StateWord } from "../parts/StateWord";
import { BranchCell, MomentCell } from "../parts/cells";
import { categoryWord } from "../parts/categories";

const spec: ListSpec<Device> = {
  path: "/devices",
  right: "see_devices",
  title: (i18n) => i18n._({ id: "nav.devices", message: "Devices" }),
  help: (i18n) =>
    i18n._({
      id: "devices.help",
      message: "Devices that are not well come first; choose All to see the others. State is the device's own; Link is whether its branch is connected. A bad network is not a bad device: behind a lost link the state is the last one heard.",
    }),
  searches: (i18n) => i18n._({ id: "devices.search", message: "Device or kind" }),
  empty: (i18n) => i18n._({ id: "devices.empty", message: "Every device is well." }),
  filters: [
    branchFilter,
    {
      kind: "choice",
      name: "state",
      label: (i18n) => i18n._({ id: "devices.state", message: "State" }),
      none: (i18n) => i18n._({ id: "devices.not-well", message: "Not well" }),
      choices: (i18n) => [
        { value: "all", label: i18n._({ id: "devices.all", message: "All" }) },
        { value: "stopped", label: i18n._({ id: "device.stopped", message: "Stopped" }) },
        { value: "unknown", label: i18n._({ id: "device.unknown", message: "Never heard" }) },
        { value: "attention", label: i18n._({ id: "device.attention", message: "Wants attention" }) },
        { value: "offline", label: i18n._({ id: "devices.offline", message: "No link" }) },
        { value: "ok", label: i18n._({ id: "device.well", message: "Well" }) },
      ],
    },
  ],
  fixed: { state: "not_well" },
  order: { sort: "state", order: "desc" },
  keyOf: (row) => `${row.branch}/${row.node}/${row.id}`,
  columns: [
    { id: "id", label: (i18n) => i18n._({ id: "devices.device", message: "Device" }), sort: "id", cell: (row) => row.id, card: "title" },
    { id: "branch", label: (i18n) => i18n._({ id: "filter.branch", message: "Branch" }), sort: "branch", cell: (row) => <BranchCell id={row.branch} />, card: "line" },
    { id: "category", label: (i18n) => i18n._({ id: "devices.class", message: "Kind" }), sort: "category", cell: (row) => <Category of={row} /> },
    { id: "health", label: (i18n) => i18n._({ id: "devices.state", message: "State" }), sort: "state", cell: (row) => <Health of={row} />, card: "end" },
    { id: "link", label: (i18n) => i18n._({ id: "devices.link", message: "Link" }), cell: (row) => <Link of={row} />, card: "line" },
    { id: "why", label: (i18n) => i18n._({ id: "devices.why", message: "Why" }), cell: (row) => <Conditions of={row} />, gives: true },
    { id: "model", label: (i18n) => i18n._({ id: "devices.model", message: "Model" }), sort: "model", cell: (row) => row.model ?? "-" },
    { id: "last", label: (i18n) => i18n._({ id: "devices.last", message: "Last event" }), sort: "last_event_at", end: true, cell: (row) => <MomentCell at={row.last_event_at} branch={row.branch} /> },
  ],
};

export const DevicesPage = () => <ListPage spec={spec} />;

function Category({ of }: { of: Device }) {
  const { i18n } = useLingui();
  return categoryWord(i18n, of.category);
}

function Health({ of }: { of: Device }) {
  const { i18n } = useLingui();
  if (of.state === "unknown") return <StateWord state="unknown">{i18n._({ id: "device.unknown", message: "Never heard" })}</StateWord>;
  if (of.health === "ok") return <StateWord state="ok">{i18n._({ id: "device.well", message: "Well" })}</StateWord>;
  if (of.health === "attention") return <StateWord state="attention">{i18n._({ id: "device.attention", message: "Wants attention" })}</StateWord>;
  return <StateWord state="stopped">{i18n._({ id: "device.stopped", message: "Stopped" })}</StateWord>;
}

/** Whether the device's own gateway can be heard. */
function Link({ of }: { of: Device }) {
  const { i18n } = useLingui();
  if (of.is_online === null) return "-";
  return of.is_online ? (
    <StateWord state="ok">{i18n._({ id: "branches.online", message: "Online" })}</StateWord>
  ) : (
    <StateWord state="offline">{i18n._({ id: "devices.offline", message: "No link" })}</StateWord>
  );
}

function Conditions({ of }: { of: Device }) {
  const { i18n } = useLingui();
  const text = of.conditions.map((condition) => `${explain(i18n, String(condition["code"])).what} ${condition["code"]}`).join(" ");
  return text === "" ? "-" : <span title={text}>{text}</span>;
}
