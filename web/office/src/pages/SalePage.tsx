/** One sale: what was sold, how it was paid, which fiscal documents it has, what came back of it. */
import { useLingui } from "@lingui/react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { Return, SaleDetail, SaleLine } from "../api/types";
import { money, price } from "../format";
import type { Column } from "../list/columns";
import { Action } from "../parts/Action";
import { Back } from "../parts/Back";
import { Explanation } from "../parts/Explanation";
import { Facts } from "../parts/Facts";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { Waiting } from "../parts/Waiting";
import { AmountCell, BranchCell, MomentCell, QuantityCell } from "../parts/cells";
import { useSurrounding } from "../surrounding";
import { Part, paymentColumns, receiptColumns } from "./documentParts";

export function SalePage() {
  const { i18n } = useLingui();
  const { api } = useSurrounding();
  const { id } = useParams({ strict: false });
  const { data, error, refetch } = useQuery({
    queryKey: ["/sales", id],
    queryFn: ({ signal }) => api.ask<SaleDetail>(`/sales/${id}`, { signal }),
  });
  return (
    <Page
      title={data ? i18n._({ id: "sale.title", message: "Sale {number}", values: { number: data.number } }) : i18n._({ id: "sale.one", message: "Sale" })}
      help={i18n._({
        id: "sale.help",
        message: "The sale as the till took it. A receipt is printed, refused, or unknown while the register is being asked; its document number is the register's own. A sale above the register's limit has several receipts.",
      })}
      back={<Back to="/sales" label={i18n._({ id: "nav.sales", message: "Sales" })} />}
    >
      {error && (
        <Explanation problem={error}>
          <Action onClick={() => void refetch()}>{i18n._({ id: "action.again", message: "Try again" })}</Action>
        </Explanation>
      )}
      {!data && !error && <Waiting what={i18n._({ id: "sale.loading", message: "Fetching the sale" })} />}
      {data && <Content sale={data} />}
    </Page>
  );
}

function Content({ sale }: { sale: SaleDetail }) {
  const { i18n } = useLingui();
  const sum = (minor: number) => money(minor, sale.currency, i18n.locale);
  return (
    <>
      <Panel title={sum(sale.total_minor)}>
        <Facts
          facts={[
            [i18n._({ id: "filter.branch", message: "Branch" }), <BranchCell key="branch" id={sale.branch} />],
            [i18n._({ id: "sales.till", message: "Till" }), sale.till ?? "-"],
            [i18n._({ id: "sales.at", message: "Time" }), <MomentCell key="at" at={sale.at} branch={sale.branch} />],
            [i18n._({ id: "sales.operator", message: "Cashier" }), sale.operator_name ?? "-"],
            [i18n._({ id: "sale.customer", message: "Customer" }), sale.customer_id === null ? "-" : <Link key="customer" to={`/customers/${sale.customer_id}`}>{i18n._({ id: "sale.customer-open", message: "Open the card" })}</Link>],
            [i18n._({ id: "sale.subtotal", message: "Subtotal" }), sum(sale.subtotal_minor)],
            [i18n._({ id: "sale.discount", message: "Discount" }), sum(sale.discount_minor)],
            [i18n._({ id: "sale.tax", message: "Tax within" }), sum(sale.tax_minor)],
            [i18n._({ id: "sale.rounding", message: "Cash rounding" }), sum(sale.rounding_minor)],
          ]}
        />
      </Panel>
      <Part title={i18n._({ id: "sale.lines", message: "Lines" })} columns={lineColumns(sale.currency)} rows={sale.lines} keyOf={(line) => String(line.line_no)} />
      <Part title={i18n._({ id: "sale.payments", message: "Payments" })} columns={paymentColumns(sale.currency)} rows={sale.payments} keyOf={(payment) => `${payment.form} ${payment.amount_minor}`} />
      <Part title={i18n._({ id: "sale.receipts", message: "Receipts" })} columns={receiptColumns(sale.currency)} rows={sale.receipts} keyOf={(receipt) => receipt.id} />
      {sale.returns.length > 0 && <Part title={i18n._({ id: "nav.returns", message: "Returns" })} columns={returnColumns} rows={sale.returns} keyOf={(one) => one.id} />}
    </>
  );
}

const lineColumns = (currency: string): Column<SaleLine>[] => [
  { id: "no", label: (i18n) => i18n._({ id: "sale.line-no", message: "No." }), cell: (line) => line.line_no },
  { id: "name", label: (i18n) => i18n._({ id: "products.name", message: "Product" }), cell: (line) => line.name, card: "title" },
  { id: "code", label: (i18n) => i18n._({ id: "products.code", message: "Article" }), cell: (line) => line.product_code, card: "line" },
  { id: "quantity", label: (i18n) => i18n._({ id: "sale.quantity", message: "Quantity" }), end: true, cell: (line) => <QuantityCell milli={line.quantity_milli} unit={line.unit} />, card: "line" },
  { id: "price", label: (i18n) => i18n._({ id: "products.price", message: "Price" }), end: true, cell: (line) => <PriceCell value={line.unit_price} currency={currency} /> },
  { id: "discount", label: (i18n) => i18n._({ id: "sale.discount", message: "Discount" }), end: true, cell: (line) => <AmountCell minor={line.discount_minor} currency={currency} /> },
  { id: "sum", label: (i18n) => i18n._({ id: "sales.total", message: "Sum" }), end: true, cell: (line) => <AmountCell minor={line.amount_minor} currency={currency} />, card: "end" },
];

const returnColumns: Column<Return>[] = [
  { id: "number", label: (i18n) => i18n._({ id: "sales.number", message: "Number" }), cell: (one) => <Link to={`/returns/${one.id}`}>{one.number}</Link>, card: "title" },
  { id: "at", label: (i18n) => i18n._({ id: "sales.at", message: "Time" }), cell: (one) => <MomentCell at={one.at} branch={one.branch} />, card: "line" },
  { id: "sum", label: (i18n) => i18n._({ id: "sales.total", message: "Sum" }), end: true, cell: (one) => <AmountCell minor={one.total_minor} currency={one.currency} />, card: "end" },
];

function PriceCell({ value, currency }: { value: number; currency: string }) {
  const { i18n } = useLingui();
  return price(value, currency, i18n.locale);
}
