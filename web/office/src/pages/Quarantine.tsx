/** Records that could not be applied: kept whole, with the reason, until a person lets them in again. */
import { useLingui } from "@lingui/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Quarantined } from "../api/types";
import { ListPage, type ListSpec } from "../list/ListPage";
import { branchFilter } from "../list/filters";
import { Action } from "../parts/Action";
import { Explanation } from "../parts/Explanation";
import { BranchCell, MomentCell } from "../parts/cells";
import { useMay, useSurrounding } from "../surrounding";

const spec: ListSpec<Quarantined> = {
  path: "/quarantine",
  right: "see_exceptions",
  title: (i18n) => i18n._({ id: "nav.quarantine", message: "Quarantine" }),
  help: (i18n) =>
    i18n._({ id: "quarantine.help", message: "Records of branches that could not be applied. They are kept whole and the others go on. When the reason is gone, let the record in again: it is applied once, as if it had just come." }),
  empty: (i18n) => i18n._({ id: "quarantine.empty", message: "Nothing is held back." }),
  filters: [branchFilter],
  order: { sort: "received_at", order: "desc" },
  keyOf: (row) => row.id,
  columns: [
    { id: "code", label: (i18n) => i18n._({ id: "exceptions.code", message: "Code" }), sort: "code", cell: (row) => row.code, card: "title" },
    { id: "what", label: (i18n) => i18n._({ id: "exceptions.what", message: "What happened" }), cell: (row) => <What of={row} />, gives: true, card: "line" },
    { id: "branch", label: (i18n) => i18n._({ id: "filter.branch", message: "Branch" }), sort: "branch", cell: (row) => <BranchCell id={row.branch} />, card: "line" },
    { id: "node", label: (i18n) => i18n._({ id: "quarantine.node", message: "Gateway" }), sort: "node", cell: (row) => row.node },
    { id: "at", label: (i18n) => i18n._({ id: "quarantine.at", message: "Came" }), sort: "received_at", cell: (row) => <MomentCell at={row.received_at} branch={row.branch} />, card: "line" },
    { id: "replay", label: (i18n) => i18n._({ id: "quarantine.let-in", message: "Let in" }), cell: (row) => <LetIn of={row} />, card: "end" },
  ],
};

export const QuarantinePage = () => <ListPage spec={spec} />;

const What = ({ of }: { of: Quarantined }) => <span title={of.reason}>{of.reason}</span>;

function LetIn({ of }: { of: Quarantined }) {
  const { i18n } = useLingui();
  const { api } = useSurrounding();
  const queries = useQueryClient();
  const mayLetIn = useMay("manage_devices");
  const { mutate, error, isPending } = useMutation({
    // Refused again: it waits on, and the list shows its reason of now.
    mutationFn: () => api.ask(`/quarantine/${of.id}/replay`, { method: "POST" }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["/quarantine"] }),
  });
  return (
    <>
      <Action disabled={!mayLetIn || isPending} onClick={() => mutate()}>
        {i18n._({ id: "quarantine.let-in", message: "Let in" })}
      </Action>
      {error && <Explanation problem={error} />}
    </>
  );
}
