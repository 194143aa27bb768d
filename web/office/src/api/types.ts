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
