/** What pages of sales and returns share: a titled table, payments, fiscal receipts. */
import { useLingui } from "@lingui/react";
import type { Payment, Receipt } from "../api/types";
import { DataTable } from "../list/DataTable";
import type { Column } from "../list/columns";
import { Panel } from "../parts/Panel";
import { AmountCell } from "../parts/cells";
import { paymentWord } from "../parts/payments";
import { ReceiptWord } from "./Sales";

export function Part<Row>({ title, columns, rows, keyOf }: { title: string; columns: Column<Row>[]; rows: Row[]; keyOf: (row: Row) => string }) {
  const { i18n } = useLingui();
  return (
    <Panel title={title} bare>
      {rows.length === 0 ? <p>{i18n._({ id: "sale.none", message: "None yet" })}</p> : <DataTable label={title} columns={columns} rows={rows} keyOf={keyOf} />}
    </Panel>
  );
}

export const paymentColumns = (currency: string): Column<Payment>[] => [
  { id: "form", label: (i18n) => i18n._({ id: "sale.form", message: "Payment form" }), cell: (payment) => <FormWord form={payment.form} />, card: "title" },
  { id: "amount", label: (i18n) => i18n._({ id: "sales.total", message: "Sum" }), end: true, cell: (payment) => <AmountCell minor={payment.amount_minor} currency={currency} />, card: "end" },
  { id: "given", label: (i18n) => i18n._({ id: "sale.given", message: "Given" }), end: true, cell: (payment) => <AmountCell minor={payment.given_minor} currency={currency} /> },
  { id: "change", label: (i18n) => i18n._({ id: "sale.change", message: "Change" }), end: true, cell: (payment) => <AmountCell minor={payment.change_minor} currency={currency} /> },
];

export const receiptColumns = (currency: string): Column<Receipt>[] => [
  { id: "document", label: (i18n) => i18n._({ id: "receipt.document", message: "Fiscal document" }), cell: (receipt) => receipt.document_no ?? "-", card: "title" },
  { id: "state", label: (i18n) => i18n._({ id: "sales.receipt", message: "Receipt" }), cell: (receipt) => <ReceiptWord state={receipt.state} />, card: "line" },
  { id: "register", label: (i18n) => i18n._({ id: "category.register", message: "Register" }), cell: (receipt) => receipt.register_serial, card: "line" },
  { id: "memory", label: (i18n) => i18n._({ id: "receipt.memory", message: "Fiscal memory" }), cell: (receipt) => receipt.fiscal_memory_no ?? "-" },
  { id: "part", label: (i18n) => i18n._({ id: "receipts.part", message: "Part" }), end: true, cell: (receipt) => <PartCell of={receipt} /> },
  { id: "sum", label: (i18n) => i18n._({ id: "sales.total", message: "Sum" }), end: true, cell: (receipt) => <AmountCell minor={receipt.total_minor} currency={currency} />, card: "end" },
];

function FormWord({ form }: { form: string }) {
  const { i18n } = useLingui();
  return paymentWord(i18n, form);
}

function PartCell({ of }: { of: Receipt }) {
  const { i18n } = useLingui();
  return i18n._({ id: "branches.share", message: "{have} of {of}", values: { have: of.part, of: of.parts } });
}
