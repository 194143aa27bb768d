/** Every branch with its link, devices and what is still to come from it, live. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import type { BranchFigures } from "../api/types";
import { AsOf } from "../home/AsOf";
import { branchColumns } from "../home/branchColumns";
import { linkOf, worstFirst } from "../home/needs";
import { usePanel } from "../home/usePanel";
import { DataTable } from "../list/DataTable";
import type { Order } from "../list/columns";
import { Action } from "../parts/Action";
import { Explanation } from "../parts/Explanation";
import { Page } from "../parts/Page";
import { Waiting } from "../parts/Waiting";

/** What a column sorts by. All branches are here, so the order is made here. */
const keys: Record<string, (branch: BranchFigures) => string | number> = {
  name: (branch) => branch.name,
  state: linkOf,
  gateways: (branch) => branch.nodes_online - branch.nodes,
  net: (branch) => branch.money?.[0]?.net_minor ?? 0,
  sales: (branch) => branch.money?.[0]?.sales ?? 0,
  returns: (branch) => branch.money?.[0]?.returns ?? 0,
  unsynced: (branch) => branch.unsynced ?? 0,
  devices: (branch) => (branch.devices_stopped ?? 0) * 1_000 + (branch.devices_attention ?? 0),
  exceptions: (branch) => branch.exceptions ?? 0,
  last: (branch) => branch.last_fact_at ?? "",
};

function sorted(branches: BranchFigures[], order: Order | null, language: string): BranchFigures[] {
  if (order === null) return worstFirst(branches, language);
  const key = keys[order.sort]!;
  const sign = order.order === "asc" ? 1 : -1;
  return branches.toSorted((one, other) => {
    const [left, right] = [key(one), key(other)];
    const difference = typeof left === "number" && typeof right === "number" ? left - right : String(left).localeCompare(String(right), language);
    return sign * difference || one.branch.localeCompare(other.branch);
  });
}

export function BranchesPage() {
  const { i18n } = useLingui();
  const { data, error, refetch } = usePanel();
  const [order, setOrder] = useState<Order | null>(null);
  const title = i18n._({ id: "nav.branches", message: "Branches" });
  return (
    <Page
      title={title}
      help={i18n._({
        id: "branches.help",
        message:
          "Every branch with its link, its devices and today's figures. Silent: no gateway of the branch is connected; it goes on selling and sends later. To come: records known to be in the branch and not yet here.",
      })}
      aside={data && <AsOf panel={data} />}
    >
      {error && (
        <Explanation problem={error}>
          <Action onClick={() => void refetch()}>{i18n._({ id: "action.again", message: "Try again" })}</Action>
        </Explanation>
      )}
      {!data && !error && <Waiting what={i18n._({ id: "home.loading", message: "Fetching today's figures" })} />}
      {data && (
        <DataTable label={title} columns={branchColumns} rows={sorted(data.branches, order, i18n.locale)} keyOf={(row) => row.branch} order={order} onOrder={setOrder} fills />
      )}
    </Page>
  );
}
