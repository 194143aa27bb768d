/** One customer: facts, figures that equal the reports', and one timeline of purchases and returns. Opening it is logged. */
import { useLingui } from "@lingui/react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import type { CustomerDetail, CustomerFigures, HistoryEntry } from "../api/types";
import { count, money } from "../format";
import { List, type ListSpec } from "../list/ListPage";
import { Action } from "../parts/Action";
import { Back } from "../parts/Back";
import { Explanation } from "../parts/Explanation";
import { Facts } from "../parts/Facts";
import { NoRight } from "../parts/NoRight";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { StateWord } from "../parts/StateWord";
import { Waiting } from "../parts/Waiting";
import { AmountCell, BranchCell, CountCell, MomentCell } from "../parts/cells";
import { useMay, useSurrounding } from "../surrounding";

export function CustomerPage() {
  const { i18n } = useLingui();
  const { api } = useSurrounding();
  const { id } = useParams({ strict: false });
  const maySeeSales = useMay("see_sales");
  const { data, error, refetch } = useQuery({
    queryKey: ["/customers", id],
    queryFn: ({ signal }) => api.ask<CustomerDetail>(`/customers/${id}`, { signal }),
    // Each opening is written down: looking away and back is not another.
    refetchOnWindowFocus: false,
  });
  return (
    <Page
      title={data?.name ?? i18n._({ id: "customer.one", message: "Customer" })}
      help={i18n._({
        id: "customer.help",
        message: "The customer's card, what they have bought in your branches, and every purchase and return. Figures are those of the reports: before cash rounding, returns apart, currencies never added. That you opened the card is written down.",
      })}
      back={<Back to="/customers" label={i18n._({ id: "nav.customers", message: "Customers" })} />}
    >
      {error && (
        <Explanation problem={error}>
          <Action onClick={() => void refetch()}>{i18n._({ id: "action.again", message: "Try again" })}</Action>
        </Explanation>
      )}
      {!data && !error && <Waiting what={i18n._({ id: "customer.loading", message: "Fetching the customer" })} />}
      {data && <Card customer={data} />}
      {data && (maySeeSales ? <Bought id={data.id} /> : <NoRight right="see_sales" />)}
    </Page>
  );
}

function Card({ customer }: { customer: CustomerDetail }) {
  const { i18n } = useLingui();
  const consents = customer.consents.filter((consent) => consent.is_given).map((consent) => consent.purpose);
  return (
    <Panel title={i18n._({ id: "customer.card", message: "Card" })}>
      <Facts
        facts={[
          [i18n._({ id: "customers.number", message: "Number" }), customer.number],
          [i18n._({ id: "customers.phone", message: "Telephone" }), customer.phones.join(", ") || "-"],
          [i18n._({ id: "customers.cards", message: "Cards" }), customer.cards.join(", ") || "-"],
          [i18n._({ id: "customers.since", message: "Since" }), <MomentCell key="since" at={customer.created_at} />],
          [i18n._({ id: "customer.consents", message: "Consents" }), consents.join(", ") || "-"],
        ]}
      />
    </Panel>
  );
}

function Bought({ id }: { id: string }) {
  const { i18n } = useLingui();
  const { api } = useSurrounding();
  const { data } = useQuery({
    queryKey: ["/customers", id, "figures"],
    queryFn: ({ signal }) => api.ask<CustomerFigures[]>(`/customers/${id}/figures`, { signal }),
  });
  const spec = useMemo(() => historyOf(id), [id]);
  return (
    <>
      {data?.map((figures) => <Figures key={figures.currency} figures={figures} />)}
      <Panel title={i18n._({ id: "customer.timeline", message: "Purchases and returns" })} bare>
        <List spec={spec} />
      </Panel>
    </>
  );
}

function Figures({ figures }: { figures: CustomerFigures }) {
  const { i18n } = useLingui();
  const sum = (minor: number) => money(minor, figures.currency, i18n.locale);
  return (
    <Panel title={i18n._({ id: "customer.bought", message: "Bought, {currency}", values: { currency: figures.currency } })}>
      <Facts
        facts={[
          [i18n._({ id: "customer.net", message: "Less returns" }), sum(figures.net_minor)],
          [i18n._({ id: "customer.purchases", message: "Purchases" }), `${count(figures.sales, i18n.locale)}, ${sum(figures.total_minor)}`],
          [i18n._({ id: "figures.average", message: "Average check" }), figures.average_minor === null ? "-" : sum(figures.average_minor)],
          [i18n._({ id: "nav.returns", message: "Returns" }), `${count(figures.returns, i18n.locale)}, ${sum(figures.returned_minor)}`],
          [i18n._({ id: "customer.first", message: "First" }), <MomentCell key="first" at={figures.first_at} />],
          [i18n._({ id: "customer.last", message: "Last" }), <MomentCell key="last" at={figures.last_at} />],
        ]}
      />
    </Panel>
  );
}

const historyOf = (id: string): ListSpec<HistoryEntry> => ({
  path: `/customers/${id}/history`,
  list: "customer-history",
  right: "see_sales",
  title: (i18n) => i18n._({ id: "customer.timeline", message: "Purchases and returns" }),
  help: () => "",
  searches: (i18n) => i18n._({ id: "customer.search", message: "Number" }),
  empty: (i18n) => i18n._({ id: "customer.nothing", message: "Nothing bought in your branches yet." }),
  filters: [
    {
      kind: "choice",
      name: "kind",
      label: (i18n) => i18n._({ id: "customer.kind", message: "Kind" }),
      none: (i18n) => i18n._({ id: "devices.all", message: "All" }),
      choices: (i18n) => [
        { value: "sale", label: i18n._({ id: "customer.purchases", message: "Purchases" }) },
        { value: "return", label: i18n._({ id: "nav.returns", message: "Returns" }) },
      ],
    },
  ],
  order: { sort: "at", order: "desc" },
  keyOf: (row) => row.id,
  open: (row) => (row.kind === "sale" ? `/sales/${row.id}` : `/returns/${row.id}`),
  columns: [
    { id: "number", label: (i18n) => i18n._({ id: "sales.number", message: "Number" }), sort: "number", cell: (row) => row.number, card: "title" },
    { id: "at", label: (i18n) => i18n._({ id: "sales.at", message: "Time" }), sort: "at", cell: (row) => <MomentCell at={row.at} branch={row.branch} />, card: "line" },
    { id: "kind", label: (i18n) => i18n._({ id: "customer.kind", message: "Kind" }), sort: "kind", cell: (row) => <Kind of={row} />, card: "line" },
    { id: "branch", label: (i18n) => i18n._({ id: "filter.branch", message: "Branch" }), sort: "branch", cell: (row) => <BranchCell id={row.branch} />, card: "line" },
    { id: "lines", label: (i18n) => i18n._({ id: "sales.lines", message: "Lines" }), sort: "line_count", end: true, cell: (row) => <CountCell value={row.line_count} /> },
    { id: "total", label: (i18n) => i18n._({ id: "sales.total", message: "Sum" }), sort: "total_minor", end: true, cell: (row) => <AmountCell minor={row.kind === "sale" ? row.total_minor : -row.total_minor} currency={row.currency} />, card: "end" },
  ],
});

function Kind({ of }: { of: HistoryEntry }) {
  const { i18n } = useLingui();
  if (of.kind === "sale") return <StateWord state="ok">{i18n._({ id: "customer.sale", message: "Bought" })}</StateWord>;
  return <StateWord state="info">{i18n._({ id: "customer.return", message: "Brought back" })}</StateWord>;
}
