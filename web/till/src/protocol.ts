/**
 * What the page and the gateway say to each other: one WebSocket both ways, three HTTP calls. Types only.
 * The gateway owns basket and price. Every text of money, quantity and time arrives ready in the language of the connection
 * (`lang` in the socket's address, `Accept-Language` on HTTP); raw integers stand beside the texts for handing back, never for sums.
 */

/** Integer minor units of the branch's currency. */
export type Minor = number;

/** Integer thousandths of a piece, kilogram, metre or litre. */
export type Milli = number;

/** AREA-nnn with the facts for its message's places; `maker_code` is the device's own. */
export interface ErrorBody {
  code: string;
  parameters: Record<string, string | number>;
  maker_code?: string;
}

// ---------------------------------------------------------------------------------------------------------------- HTTP

/**
 * `GET /api/till/session` and the answer to `POST /api/till/login {"pin"} | {"badge"}`, both with `till` where a branch has several. The
 * session lives in an HttpOnly cookie. The page's own address names the till as `?till=`.
 */
export interface Session {
  operator: { id: string; name: string };
  rights: string[];
}

/** One row of `GET /api/till/search?q=`. */
export interface FoundProduct {
  product_id: string;
  name: string;
  code: string;
  barcodes: string[];
  /** Null: it has no price and cannot be sold. */
  price_minor: Minor | null;
  price_text: string;
  stock_text: string;
}

/** One row of `GET /api/till/customers?q=`: any fragment of phone, name or card. The phone comes masked. */
export interface FoundCustomer {
  customer_id: string;
  name: string;
  phone_text: string;
  level_text: string | null;
  last_text: string | null;
}

/**
 * `POST /api/till/approve {"pin" | "badge", "request"}`: the refused operation is sent again with `approval`. `request` is in the parameters
 * of USR-250, beside `right` and, where the act has them, `item`, `amount` and `reason`.
 */
export interface Approval {
  approval: string;
  approved_by: string;
}

// ------------------------------------------------------------------------------------------------------- page to gateway

export type TenderForm = "cash" | "card" | "transfer";
/** What the cashier reads on the stand-alone terminal. */
export type CardOutcome = "approved" | "declined" | "unknown" | "reversed" | "not_reversed";
export type ReturnReason = "damaged" | "wrong" | "unsuitable" | "expired" | "other";
export type ReturnCondition = "good" | "problem";

/** [value of the note or coin, how many of it] */
export type Pieces = (readonly [Minor, number])[];

export interface ReturnLine {
  line_no: number;
  quantity_milli: Milli;
  reason: ReturnReason;
  condition: ReturnCondition;
}

/** Every operation and its arguments. `approval` may stand beside the arguments of one that asked for it. */
export interface Operations {
  /** `add_to` answers SAL-230: it belongs to the sale that is being paid. */
  scan: { raw: string; source: "keyboard" | "typed"; add_to?: "this" };
  add: { product_id: string; quantity_milli?: Milli };
  /** SAL-210: what somebody has seen on the customer's document. */
  age: { answer: "yes" | "no" };
  quantity: { line_id: string; quantity_milli: Milli };
  void_line: { line_id: string };
  undo: Record<never, never>;
  next_quantity: { quantity_milli: Milli };
  price: { line_id: string; unit_price_minor: Minor; reason: string };
  /** `rate` in 1/10,000; one of the two is 0. */
  discount: { line_id: string; rate: number; amount_minor: Minor; reason: string };
  customer: { customer_id: string | null };
  /** A phone that is somebody's already is refused with CUS-411, which names the `customer_id`. */
  enrol_customer: { phone: string; name: string; consent: boolean; language: string };
  cancel_sale: { reason: string };
  park: { name: string };
  retrieve: { basket_id: string };
  price_check: { on: boolean };
  pay: Record<never, never>;
  tender: { form: TenderForm; amount_minor: Minor | null };
  take_back: { tender_id: string };
  confirm_card: { tender_id: string; outcome: CardOutcome };
  back_to_sale: Record<never, never>;
  /** Without paper of the receipt printer where the customer wants none. */
  take: { receipt?: "none" };
  /** What a person has read on the paper, once the register has been silent for long enough. */
  settle_unknown: { receipt_id: string; answer: "printed" | "not_printed"; document_no?: number };
  open_shift: { float_minor: Minor };
  /** What so many notes and coins make, and which there are: [value, how many]. The gateway adds up. */
  count_cash: { pieces: Pieces };
  count_shift: { slips_minor: Minor } & ({ counted_minor: Minor } | { pieces: Pieces });
  close_shift: Record<never, never>;
  x_report: Record<never, never>;
  /** FIS-411: the strange paid document in the register is completed. */
  close_stray: Record<never, never>;
  cash_movement: { amount_minor: Minor; reason: string };
  open_drawer: { reason: string };
  /** Nobody waits any more for what USR-250 asked for. */
  drop_approval: { request: string };
  find_sale: { number: string } | { barcode: string };
  quote_return: { sale_id: string; lines: ReturnLine[] };
  return_lines: { sale_id: string; lines: ReturnLine[] };
  /** A refused fiscal receipt is printed at last; else a copy. */
  reprint: { sale_id: string } | { return_id: string };
  claim: Record<never, never>;
  lock: Record<never, never>;
  ping: Record<never, never>;
}

export type OperationName = keyof Operations;

/** As it goes over the wire: `{"op", "id", …arguments}`. The id is a UUIDv7 and the same on every repeat. */
export interface OperationMessage {
  op: OperationName;
  id: string;
  [argument: string]: unknown;
}

// ------------------------------------------------------------------------------------------------------- gateway to page

/** What an operation hands back beside the new state. The others hand back nothing. */
export interface Results {
  find_sale: { sale: FoundSale };
  quote_return: ReturnQuote;
  return_lines: { return_id: string; number: string };
  x_report: { text: string };
  count_cash: { sum_text: string; denominations: Denomination[] };
}

/** A note or a coin of the branch's currency. */
export interface Denomination {
  value_minor: Minor;
  value_text: string;
}

export interface FoundSale {
  sale_id: string;
  number: string;
  date_text: string;
  till_text: string;
  operator: string;
  total_text: string;
  lines: {
    line_no: number;
    name: string;
    /** What can still be returned of it; 0 when all came back. */
    left_milli: Milli;
    left_text: string;
    sold_text: string;
    sum_text: string;
  }[];
}

/** What goes back and by which forms: card first, cash last. */
export interface ReturnQuote {
  refund_text: string;
  forms: { form: TenderForm; text: string }[];
}

/** `rev`: the first view in which the operation shows. A scan that found nothing is refused and in `last_scan` under the same id. */
export type Answer =
  | { re: string; ok: true; rev: number; result?: unknown }
  | { re: string; ok: false; rev: number; error: ErrorBody };

export interface Push {
  rev: number;
  state: View;
}

export type DeviceState = "ok" | "attention" | "stopped" | "unknown" | "offline";

export interface Device {
  state: DeviceState;
  code?: string;
}

export type BasketState = "open" | "paying" | "completing" | "done" | "unresolved";

export interface Line {
  id: string;
  no: number;
  name: string;
  quantity_milli: Milli;
  quantity_text: string;
  price_text: string;
  sum_text: string;
  discounts: { text: string; sum_text: string }[];
  voided: boolean;
  newest: boolean;
}

export interface Customer {
  customer_id: string;
  number: string;
  name: string;
  /** These three only where the gateway knows them. */
  level_text?: string | null;
  points_text?: string | null;
  /** A warning for whoever serves: shown, never popped up. */
  note?: string | null;
}

export interface Basket {
  id: string;
  state: BasketState;
  /** The last 60 at most; `line_count` counts all. */
  lines: Line[];
  line_count: number;
  /** Goods that wait beside the basket until somebody has looked how old the customer is. */
  age_question: { items: string[]; age: number; born_by: string } | null;
  /** "3 ×" while the next item counts more than one. */
  next_quantity_text: string | null;
  subtotal_text: string;
  discount_text: string | null;
  total_minor: Minor;
  total_text: string;
  currency: string;
  customer: Customer | null;
}

export interface Tender {
  id: string;
  form: TenderForm;
  /** Without a sign. */
  amount_text: string;
  /** `waiting`, `reversing`: the cashier is to say what the card terminal answered. `unknown` is PAY-501. */
  state: "waiting" | "unknown" | "accepted" | "reversing" | "declined" | "taken_back";
}

export interface Payment {
  due_minor: Minor;
  due_text: string;
  left_minor: Minor;
  left_text: string;
  /** The rounding of the cash part and what is left after it, shown before money is taken. */
  rounding_text: string | null;
  left_in_cash_text: string | null;
  tenders: Tender[];
  /** What to take in cash with one tap; the first is exact. */
  suggestions: { minor: Minor; text: string }[];
  change_text: string | null;
}

/** The result of the last scan. A new `id` for each one, or the same code twice would look like once. */
export interface LastScan {
  id: string;
  code?: string;
  text: string;
  raw?: string;
  kind: "accepted" | "look" | "refused" | "alarm";
  /** SCN-202: what it may be. Choosing is `add`. */
  choices?: FoundProduct[];
  /** It was a receipt: the page opens Return with this sale. */
  sale_number?: string;
}

/**
 * A lasting condition. FIS-502 has `receipt_id` and `stage` in its parameters: "asking" the register, or "silent" for so long that a
 * person may say what the paper shows. PAY-501 has `tender_id`.
 */
export interface Problem {
  code: string;
  parameters: Record<string, string | number>;
  maker_code?: string;
  /** ISO 8601, UTC. */
  since: string | null;
}

/** One fiscal receipt of a sale or return; a large sale has several. */
export interface FiscalReceipt {
  receipt_id: string;
  state: "pending" | "sending" | "unknown" | "cancelling" | "done" | "refused";
  document_no: number | string | null;
  /** Why it was refused. */
  code: string | null;
  part: number;
  parts: number;
}

/** The last paper of this till. */
export interface Receipt {
  kind: "sale" | "return";
  number: string;
  of_id: string;
  sale_id: string;
  return_id: string | null;
  total_text: string;
  fiscal: FiscalReceipt[];
  /** As printed, in columns; empty where nothing can lay it out. */
  text: string;
}

/** After the count was submitted. The expected sum is nowhere before. */
export interface ZReport {
  stage: "compare" | "closed";
  number: string;
  sales: number;
  returns: number;
  sold_text: string;
  returned_text: string;
  /** The register's number of its closing report. */
  closure_no: number | string | null;
  counted_text: string;
  expected_text: string;
  difference_text: string;
  /** 0 agrees, below 0 is short. */
  difference_minor: Minor;
  slips_text: string;
  slips_expected_text: string;
  /** The Z report as printed; empty before it is. */
  text: string;
}

/** Everything the page draws. */
export interface View {
  /** `idle_lock_s`: 0 is never. */
  till: { branch: string; till: string; number: string; name: string; idle_lock_s: number; volume_percent: number };
  operator: { id: string; name: string; rights: string[] } | null;
  /** `counted`: the count is stated and nothing is sold any more; `closing`: the register prints its Z. */
  shift: { number: string | null; state: "open" | "counted" | "closing" | "closed"; operator: string | null };
  lease: { mine: boolean; holder: string | null };
  link: { online: boolean; since: string | null; to_send: number };
  /** Null: this till has none. */
  printer: Device | null;
  register: (Device & { last_document?: string }) | null;
  basket: Basket;
  payment: Payment | null;
  last_scan: LastScan | null;
  price_check: { item: FoundProduct | null } | null;
  parked: { id: string; name: string; total_text: string; lines: number }[];
  receipt: Receipt | null;
  /** The newest act that waits for a second person; a badge under the till's scanner may have allowed it. */
  approval: { request: string; approved_by: string | null } | null;
  problems: Problem[];
  z: ZReport | null;
}
