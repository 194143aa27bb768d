/** One record that could not be applied, whole as it came. That somebody looked at it is written down. */
import { useLingui } from "@lingui/react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { Withheld } from "../api/types";
import { Action } from "../parts/Action";
import { Back } from "../parts/Back";
import { Explanation } from "../parts/Explanation";
import { Facts } from "../parts/Facts";
import { NoRight } from "../parts/NoRight";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { Waiting } from "../parts/Waiting";
import { BranchCell, MomentCell } from "../parts/cells";
import { useMay, useSurrounding } from "../surrounding";
import { Decide } from "./Decide";
import { Outcome } from "./Quarantine";
import css from "./WithheldPage.module.css";

export function WithheldPage() {
  const { i18n } = useLingui();
  const { api } = useSurrounding();
  const { id } = useParams({ strict: false });
  const mayDecide = useMay("manage_devices");
  const { data, error, refetch } = useQuery({
    queryKey: ["/quarantine", id],
    queryFn: ({ signal }) => api.ask<Withheld>(`/quarantine/${id}`, { signal }),
    enabled: mayDecide,
    refetchOnWindowFocus: false,
  });
  return (
    <Page
      title={i18n._({ id: "withheld.title", message: "Withheld record" })}
      help={i18n._({
        id: "withheld.help",
        message: "The record as its gateway sent it, and why it could not be applied. Let it in when the reason is gone; dismiss it when it is no record at all. Your reason and name stay with it. That you opened it is written down, because it may speak of people.",
      })}
      back={<Back to="/quarantine" label={i18n._({ id: "nav.quarantine", message: "Quarantine" })} />}
    >
      {!mayDecide && <NoRight right="manage_devices" />}
      {error && (
        <Explanation problem={error}>
          <Action onClick={() => void refetch()}>{i18n._({ id: "action.again", message: "Try again" })}</Action>
        </Explanation>
      )}
      {mayDecide && !data && !error && <Waiting what={i18n._({ id: "withheld.loading", message: "Fetching the record" })} />}
      {data && <Content record={data} onDone={() => void refetch()} />}
    </Page>
  );
}

function Content({ record, onDone }: { record: Withheld; onDone: () => void }) {
  const { i18n } = useLingui();
  const text = i18n._({ id: "withheld.body", message: "The record as it came" });
  return (
    <>
      <Panel title={record.code} aside={<Outcome of={record.outcome} />}>
        <Facts
          facts={[
            [i18n._({ id: "withheld.reason", message: "Why" }), record.reason],
            [i18n._({ id: "filter.branch", message: "Branch" }), <BranchCell key="branch" id={record.branch} />],
            [i18n._({ id: "quarantine.node", message: "Gateway" }), record.node],
            [i18n._({ id: "withheld.sequence", message: "Number in the journal" }), record.sequence ?? "-"],
            [i18n._({ id: "quarantine.at", message: "Came" }), <MomentCell key="at" at={record.received_at} branch={record.branch} />],
          ]}
        />
        {record.settled_at === null && <Decide ids={[record.id]} done={onDone} />}
      </Panel>
      <Panel title={text}>
        <pre className={css.body} tabIndex={0} role="group" aria-label={text}>
          {readable(record.body)}
        </pre>
      </Panel>
    </>
  );
}

/** In lines where it is JSON; it may be anything. */
function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
