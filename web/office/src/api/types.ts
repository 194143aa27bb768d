/** Names for what the API says. The shapes are generated from openapi.json by `npm run types`. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Me = Schemas["Me"];
export type Right = Schemas["Right"];
export type Panel = Schemas["Panel"];
export type BranchFigures = Schemas["BranchFigures"];
export type MoneyFigures = Schemas["MoneyFigures"];
export type TotalFigures = Schemas["TotalFigures"];
export type HourFigures = Schemas["HourFigures"];
export type Product = Schemas["ProductShown"];
export type ProductDetail = Schemas["ProductDetail"];
export type Customer = Schemas["CustomerShown"];

/** One page of any list. */
export interface Page<Row> {
  items: Row[];
  next: string | null;
  total: number;
}

export type Parameters = Record<string, string | number>;

/** Shapes of the lists of sales, fleet and stock. Money in minor units of `currency`, quantities in thousandths. */
export interface Sale {
  id: string;
  number: string;
  branch: string;
  till: string | null;
  at: string;
  operator: string | null;
  operator_name?: string | null;
  currency: string;
  total_minor: number;
  line_count: number;
  customer_id: string | null;
  receipt_state?: ReceiptState | null;
}

export type ReceiptState = "fiscalised" | "refused" | "unknown";

export interface Return {
  id: string;
  number: string;
  sale_id: string;
  sale_number: string;
  branch: string;
  till: string | null;
  at: string;
  operator: string | null;
  operator_name?: string | null;
  currency: string;
  total_minor: number;
}

export interface Device {
  branch: string;
  node: string;
  id: string;
  category: string;
  health: "ok" | "attention" | "stopped";
  conditions: { code: string; maker_code?: string | null }[];
  model: string | null;
  firmware?: string | null;
  last_event_at: string;
  is_online?: boolean | null;
}

export interface Exception {
  id: string;
  code: string;
  branch: string;
  node: string | null;
  at: string;
  raised_at: string;
  subject: string;
  parameters: Parameters;
  settled_at: string | null;
  reason?: string | null;
}

export interface Receipt {
  id: string;
  part: number;
  parts: number;
  state: ReceiptState;
  register_serial: string;
  document_no: number | null;
  fiscal_memory_no: string | null;
  at: string;
  total_minor: number;
  code: string | null;
}

export interface SaleLine {
  line_no: number;
  product_code: string;
  name: string;
  unit: string;
  quantity_milli: number;
  unit_price: number;
  discount_minor: number;
  amount_minor: number;
}

export interface Payment {
  form: string;
  amount_minor: number;
  given_minor: number | null;
  change_minor: number | null;
}

/** One sale with what hangs on it. */
export interface SaleDetail extends Sale {
  subtotal_minor: number;
  discount_minor: number;
  tax_minor: number;
  rounding_minor: number;
  lines: SaleLine[];
  payments: Payment[];
  receipts: Receipt[];
  returns: Return[];
}

export interface Shift {
  id: string;
  branch: string;
  till: string | null;
  number: number;
  currency: string;
  opened_at: string | null;
  closed_at: string | null;
  sale_count: number | null;
  sold_minor: number | null;
  returned_minor: number | null;
  difference_minor: number | null;
}

export interface Balance {
  branch: string;
  warehouse: string;
  product: string;
  product_code: string;
  name: string;
  unit: string;
  condition: string;
  quantity_milli: number;
}

export interface Quarantined {
  id: string;
  branch: string;
  node: string;
  code: string;
  reason: string;
  received_at: string;
  settled_at: string | null;
}
