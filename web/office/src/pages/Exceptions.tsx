/** What a person at head office should look at, and settling it with a reason. */
import { useLingui } from "@lingui/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "../../../kit/codes";
import type { Exception } from "../api/types";
import { ListPage, type ListSpec } from "../list/ListPage";
import { branchFilter } from "../list/filters";
import { panelKey } from "../live/Live";
import { Action } from "../parts/Action";
import { Explanation } from "../parts/Explanation";
import { ReasonForm } from "../parts/ReasonForm";
import { StateWord } from "../parts/StateWord";
import { BranchCell, MomentCell } from "../parts/cells";
import { stateOfCode } from "../parts/codes";
import { useMay, useSurrounding } from "../surrounding";
import css from "./Exceptions.module.css";

const spec: ListSpec<Exception> = {
  path: "/exceptions",
  right: "see_exceptions",
  title: (i18n) => i18n._({ id: "nav.exceptions", message: "Exceptions" }),
  help: (i18n) =>
    i18n._({
      id: "exceptions.help",
      message: "What went other than it should: unknown receipts, lost ranges, devices that stopped. Some settle by themselves when a later fact answers them. To settle one, say why; the reason and your name stay with it. Nothing is ever deleted.",
    }),
  searches: (i18n) => i18n._({ id: "exceptions.search", message: "Code or subject" }),
  empty: (i18n) => i18n._({ id: "exceptions.empty", message: "Nothing waits for you" }),
  filters: [
    branchFilter,
    {
      kind: "choice",
      name: "state",
      label: (i18n) => i18n._({ id: "exceptions.state", message: "State" }),
      none: (i18n) => i18n._({ id: "exceptions.open", message: "To settle" }),
      choices: (i18n) => [
        { value: "settled", label: i18n._({ id: "exceptions.settled", message: "Settled" }) },
        { value: "all", label: i18n._({ id: "exceptions.all", message: "All" }) },
      ],
    },
  ],
  fixed: { state: "open" },
  order: { sort: "raised_at", order: "desc" },
  keyOf: (row) => row.id,
  bulk: { right: "manage_devices", act: (rows, done) => <SettleMany rows={rows.filter((row) => row.settled_at === null)} done={done} /> },
  columns: [
    { id: "code", label: (i18n) => i18n._({ id: "exceptions.code", message: "Code" }), sort: "code", cell: (row) => <Code of={row} />, card: "title" },
    { id: "what", label: (i18n) => i18n._({ id: "exceptions.what", message: "What happened" }), cell: (row) => <What of={row} />, gives: true, card: "line" },
    { id: "branch", label: (i18n) => i18n._({ id: "filter.branch", message: "Branch" }), sort: "branch", cell: (row) => <BranchCell id={row.branch} />, card: "line" },
    { id: "subject", label: (i18n) => i18n._({ id: "exceptions.subject", message: "About" }), sort: "subject", cell: (row) => row.subject },
    { id: "raised", label: (i18n) => i18n._({ id: "exceptions.raised", message: "Learnt" }), sort: "raised_at", cell: (row) => <MomentCell at={row.raised_at} branch={row.branch} />, card: "line" },
    { id: "settle", label: (i18n) => i18n._({ id: "exceptions.settle-head", message: "Settle" }), cell: (row) => <Settle of={row} />, card: "end" },
  ],
};

export const ExceptionsPage = () => <ListPage spec={spec} />;

const Code = ({ of }: { of: Exception }) => <StateWord state={stateOfCode(of.code)}>{of.code}</StateWord>;

function What({ of }: { of: Exception }) {
  const { i18n } = useLingui();
  const words = explain(i18n, of.code, of.parameters);
  return <span title={`${words.what} ${words.kept} ${words.do}`}>{words.what}</span>;
}

/** Says how many it will settle before it does. */
function SettleMany({ rows, done }: { rows: Exception[]; done: () => void }) {
  const { i18n } = useLingui();
  const { api } = useSurrounding();
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: (reason: string) => api.ask("/exceptions/settle", { method: "POST", body: { ids: rows.map((row) => row.id), reason } }),
    onSuccess: async () => {
      done();
      await queries.invalidateQueries({ queryKey: ["/exceptions"] });
      await queries.invalidateQueries({ queryKey: panelKey });
    },
  });
  return (
    <ReasonForm
      acts={[{ label: i18n._({ id: "exceptions.settle-many", message: "Settle selected ({count})", values: { count: rows.length } }), look: "primary", act: mutate }]}
      disabled={isPending || rows.length === 0}
      problem={error}
    />
  );
}

function Settle({ of }: { of: Exception }) {
  const { i18n } = useLingui();
  const { api } = useSurrounding();
  const queries = useQueryClient();
  const maySettle = useMay("manage_devices");
  const [isAsking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => api.ask(`/exceptions/${of.id}/settle`, { method: "POST", body: { reason } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["/exceptions"] });
      await queries.invalidateQueries({ queryKey: panelKey });
    },
  });
  if (of.settled_at !== null) return of.reason ?? i18n._({ id: "exceptions.by-itself", message: "by itself" });
  if (!isAsking) {
    return (
      <Action disabled={!maySettle} onClick={() => setAsking(true)} aria-label={i18n._({ id: "exceptions.settle-one", message: "Settle {code}", values: { code: of.code } })}>
        {i18n._({ id: "exceptions.settle", message: "Settle" })}
      </Action>
    );
  }
  return (
    <form
      className={css.settle}
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() !== "") mutate();
      }}
    >
      <label>
        <span className="visually-hidden">{i18n._({ id: "exceptions.reason", message: "Why it is settled" })}</span>
        <input value={reason} onChange={(event) => setReason(event.target.value)} placeholder={i18n._({ id: "exceptions.reason", message: "Why it is settled" })} maxLength={500} required autoFocus />
      </label>
      <Action type="submit" look="primary" disabled={isPending || reason.trim() === ""}>
        {i18n._({ id: "exceptions.settle", message: "Settle" })}
      </Action>
      <Action look="quiet" onClick={() => setAsking(false)}>
        {i18n._({ id: "action.cancel", message: "Cancel" })}
      </Action>
      {error && <Explanation problem={error} />}
    </form>
  );
}
