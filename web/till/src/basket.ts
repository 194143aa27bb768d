/** The basket as this page shows it: after "Next sale" the finished sale is out of sight, though the gateway still shows it. */
import type { Basket, View } from "./protocol";
import { useView } from "./till";
import { ui, useUi } from "./ui";

const emptied = new Map<string, Basket>();

/** One empty basket a currency, so that who subscribes sees the same one each time. */
function emptyBasket(currency: string): Basket {
  let basket = emptied.get(currency);
  if (!basket) {
    basket = {
      id: "",
      state: "open",
      lines: [],
      line_count: 0,
      age_question: null,
      next_quantity_text: null,
      subtotal_text: "0",
      discount_text: null,
      total_minor: 0,
      total_text: "0",
      currency,
      customer: null,
    };
    emptied.set(currency, basket);
  }
  return basket;
}

function shown(basket: Basket, leftSale: string | null): Basket {
  return basket.state === "done" && basket.id === leftSale ? emptyBasket(basket.currency) : basket;
}

export const basketOf = (view: View): Basket => shown(view.basket, ui.get().leftSale);

export function useBasket<S>(slice: (basket: Basket) => S): S {
  const leftSale = useUi((state) => state.leftSale);
  return useView((view) => slice(shown(view.basket, leftSale)));
}

/** Whether the sale can take lines: panels of the sale are of use only then. */
export const canTakeLines = (view: View): boolean =>
  view.shift.state === "open" && (view.basket.state === "open" || view.basket.state === "done");
