/** One return: what came back and why, how the money went back, which fiscal documents it has. */
import { useLingui } from "@lingui/react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReturnDetail, ReturnLine } from "../api/types";
import { money } from "../format";
import type { Column } from "../list/columns";
import { Action } from "../parts/Action";
import { Back } from "../parts/Back";
import { Explanation } from "../parts/Explanation";
import { Facts } from "../parts/Facts";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { StateWord } from "../parts/StateWord";
import { Waiting } from "../parts/Waiting";
import { AmountCell, BranchCell, MomentCell, QuantityCell } from "../parts/cells";
import { useSurrounding } from "../surrounding";
import { Part, paymentColumns, receiptColumns } from "./documentParts";

export function ReturnPage() {
  const { i18n } = useLingui();
  const { api } = useSurrounding();
  const { id } = useParams({ strict: false });
  const { data, error, refetch } = useQuery({
    queryKey: ["/returns", id],
    queryFn: ({ signal }) => api.ask<ReturnDetail>(`/returns/${id}`, { signal }),
  });
  return (
    <Page
      title={data ? i18n._({ id: "return.title", message: "Return {number}", values: { number: data.number } }) : i18n._({ id: "return.one", message: "Return" })}
      help={i18n._({
        id: "return.help",
        message: "Goods that came back, with the reason of each line and whether they can be sold again. Money goes back by the forms it came by. A return of another branch's sale that the gateway did not know waits to be confirmed.",
      })}
      back={<Back to="/returns" label={i18n._({ id: "nav.returns", message: "Returns" })} />}
    >
      {error && (
        <Explanation problem={error}>
          <Action onClick={() => void refetch()}>{i18n._({ id: "action.again", message: "Try again" })}</Action>
        </Explanation>
      )}
      {!data && !error && <Waiting what={i18n._({ id: "return.loading", message: "Fetching the return" })} />}
      {data && <Content back={data} />}
    </Page>
  );
}

function Content({ back }: { back: ReturnDetail }) {
  const { i18n } = useLingui();
  const sum = (minor: number) => money(minor, back.currency, i18n.locale);
  return (
    <>
      <Panel title={sum(back.total_minor)} aside={back.is_to_confirm && <StateWord state="attention">{i18n._({ id: "return.to-confirm", message: "To confirm" })}</StateWord>}>
        <Facts
          facts={[
            [i18n._({ id: "returns.sale", message: "Of sale" }), <Link key="sale" to={`/sales/${back.sale_id}`}>{back.sale_number}</Link>],
            [i18n._({ id: "filter.branch", message: "Branch" }), <BranchCell key="branch" id={back.branch} />],
            [i18n._({ id: "sales.till", message: "Till" }), back.till ?? "-"],
            [i18n._({ id: "sales.at", message: "Time" }), <MomentCell key="at" at={back.at} branch={back.branch} />],
            [i18n._({ id: "sales.operator", message: "Cashier" }), back.operator_name ?? "-"],
            [i18n._({ id: "sale.tax", message: "Tax within" }), sum(back.tax_minor)],
            [i18n._({ id: "sale.rounding", message: "Cash rounding" }), sum(back.rounding_minor)],
          ]}
        />
      </Panel>
      <Part title={i18n._({ id: "sale.lines", message: "Lines" })} columns={lineColumns(back.currency)} rows={back.lines} keyOf={(line) => String(line.position)} />
      <Part title={i18n._({ id: "return.refunds", message: "Money back" })} columns={paymentColumns(back.currency)} rows={back.payments} keyOf={(payment) => `${payment.form} ${payment.amount_minor}`} />
      <Part title={i18n._({ id: "sale.receipts", message: "Receipts" })} columns={receiptColumns(back.currency)} rows={back.receipts} keyOf={(receipt) => receipt.id} />
    </>
  );
}

const lineColumns = (currency: string): Column<ReturnLine>[] => [
  { id: "name", label: (i18n) => i18n._({ id: "products.name", message: "Product" }), cell: (line) => line.name, card: "title" },
  { id: "code", label: (i18n) => i18n._({ id: "products.code", message: "Article" }), cell: (line) => line.product_code, card: "line" },
  { id: "quantity", label: (i18n) => i18n._({ id: "sale.quantity", message: "Quantity" }), end: true, cell: (line) => <QuantityCell milli={line.quantity_milli} unit={line.unit} />, card: "line" },
  { id: "reason", label: (i18n) => i18n._({ id: "return.reason", message: "Reason" }), cell: (line) => line.reason, card: "line" },
  { id: "condition", label: (i18n) => i18n._({ id: "balances.condition", message: "Condition" }), cell: (line) => <Condition of={line} />, card: "line" },
  { id: "sum", label: (i18n) => i18n._({ id: "sales.total", message: "Sum" }), end: true, cell: (line) => <AmountCell minor={line.amount_minor} currency={currency} />, card: "end" },
];

function Condition({ of }: { of: ReturnLine }) {
  const { i18n } = useLingui();
  if (of.is_sellable) return <StateWord state="ok">{i18n._({ id: "balances.sellable", message: "For sale" })}</StateWord>;
  return <StateWord state="attention">{i18n._({ id: "balances.problem", message: "Put aside" })}</StateWord>;
}
