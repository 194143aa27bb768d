import type { FoundProduct } from "../protocol";

/** Four cells of an option: name and price, code and stock. */
export function ProductRow({ product }: { product: FoundProduct }) {
  return (
    <>
      <span>{product.name}</span>
      <span>{product.price_text}</span>
      <span className="second">{product.barcodes[0] ?? product.code}</span>
      <span className="second">{product.stock_text}</span>
    </>
  );
}
