/** One product: its bar codes and its dated prices. Prices are planned from a date, never overwritten. */
import { useLingui } from "@lingui/react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ProductDetail } from "../api/types";
import { price } from "../format";
import { DataTable } from "../list/DataTable";
import type { Column } from "../list/columns";
import { Action } from "../parts/Action";
import { Back } from "../parts/Back";
import { Explanation } from "../parts/Explanation";
import { Facts } from "../parts/Facts";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { Waiting } from "../parts/Waiting";
import { DayCell, MomentCell, QuantityCell } from "../parts/cells";
import { useSurrounding } from "../surrounding";

type Price = ProductDetail["prices"][number];
type Barcode = ProductDetail["barcodes"][number];

export function ProductPage() {
  const { i18n } = useLingui();
  const { api } = useSurrounding();
  const { id } = useParams({ strict: false });
  const { data, error, refetch } = useQuery({
    queryKey: ["/products", id],
    queryFn: ({ signal }) => api.ask<ProductDetail>(`/products/${id}`, { signal }),
  });
  return (
    <Page
      title={data?.name ?? i18n._({ id: "products.name", message: "Product" })}
      help={i18n._({ id: "product.help", message: "The product with its bar codes and prices. A price holds from its date until the next one; a till uses the price of the day." })}
      back={<Back to="/products" label={i18n._({ id: "nav.products", message: "Products" })} />}
    >
      {error && (
        <Explanation problem={error}>
          <Action onClick={() => void refetch()}>{i18n._({ id: "action.again", message: "Try again" })}</Action>
        </Explanation>
      )}
      {!data && !error && <Waiting what={i18n._({ id: "product.loading", message: "Fetching the product" })} />}
      {data && <Content product={data} />}
    </Page>
  );
}

function Content({ product }: { product: ProductDetail }) {
  const { i18n } = useLingui();
  const pricesTitle = i18n._({ id: "product.prices", message: "Prices" });
  const barcodesTitle = i18n._({ id: "products.barcodes", message: "Bar codes" });
  return (
    <>
      <Panel title={i18n._({ id: "product.facts", message: "Product card" })}>
        <Facts
          facts={[
            [i18n._({ id: "products.code", message: "Article" }), product.code],
            [i18n._({ id: "products.unit", message: "Unit" }), product.unit],
            [i18n._({ id: "products.tax", message: "Tax" }), product.tax_code],
            [i18n._({ id: "products.changed", message: "Changed" }), <MomentCell key="changed" at={product.changed_at} />],
          ]}
        />
      </Panel>
      <Panel title={pricesTitle} bare>
        <DataTable label={pricesTitle} columns={priceColumns} rows={product.prices} keyOf={(one) => `${one.list} ${one.currency} ${one.valid_from}`} />
      </Panel>
      <Panel title={barcodesTitle} bare>
        <DataTable label={barcodesTitle} columns={barcodeColumns(product.unit)} rows={product.barcodes} keyOf={(one) => one.barcode} />
      </Panel>
    </>
  );
}

const priceColumns: Column<Price>[] = [
  { id: "from", label: (i18n) => i18n._({ id: "product.from", message: "From" }), cell: (one) => <DayCell day={one.valid_from} />, card: "title" },
  { id: "list", label: (i18n) => i18n._({ id: "product.list", message: "Price list" }), cell: (one) => one.list, card: "line" },
  { id: "price", label: (i18n) => i18n._({ id: "products.price", message: "Price" }), end: true, cell: (one) => <PriceCell of={one} />, card: "end" },
];

const barcodeColumns = (unit: string): Column<Barcode>[] => [
  { id: "barcode", label: (i18n) => i18n._({ id: "product.barcode", message: "Bar code" }), cell: (one) => one.barcode, card: "title" },
  { id: "sells", label: (i18n) => i18n._({ id: "product.sells", message: "One scan sells" }), end: true, cell: (one) => <QuantityCell milli={one.quantity_milli} unit={unit} />, card: "end" },
];

function PriceCell({ of }: { of: Price }) {
  const { i18n } = useLingui();
  return `${price(of.unit_price, of.currency, i18n.locale)} ${of.currency}`;
}
