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
export type Branch = Schemas["BranchShown"];
export type Product = Schemas["ProductShown"];
export type ProductDetail = Schemas["ProductDetail"];
export type Customer = Schemas["CustomerShown"];

/** One page of any list. */
export interface Page<Row> {
  items: Row[];
  next: string | null;
  total: number;
}

export type Sale = Schemas["SaleShown"];
export type SaleDetail = Schemas["SaleDetail"];
export type SaleLine = Schemas["SaleLineShown"];
export type Payment = Schemas["PaymentShown"];
export type Receipt = Schemas["ReceiptShown"];
export type Return = Schemas["ReturnShown"];
export type Shift = Schemas["ShiftShown"];
export type Device = Schemas["DeviceShown"];
/** parameters: the facts of its code, for the places in its words. */
export type Exception = Omit<Schemas["ExceptionShown"], "parameters"> & { parameters: Record<string, string | number> };
export type Quarantined = Schemas["QuarantinedShown"];
export type Balance = Schemas["BalanceShown"];
export type Withheld = Schemas["WithheldFact"];
export type Decided = Schemas["Decided"];
export type ReturnDetail = Schemas["ReturnDetail"];
export type ReturnLine = Schemas["ReturnLineShown"];
export type CustomerDetail = Schemas["CustomerDetail"];
export type CustomerFigures = Schemas["CustomerFigures"];
export type HistoryEntry = Schemas["HistoryEntry"];
export type View = Schemas["ViewShown"];
export type Matrix = Schemas["Matrix"];
export type MatrixRow = Schemas["MatrixRow"];
export type MatrixColumn = Schemas["MatrixColumn"];
