/** Addresses of head office. Pages other than Home are fetched when first opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Home } from "../home/Home";
import { Frame } from "./Frame";
import { Lost } from "./Lost";

const root = createRootRoute({ component: Frame, notFoundComponent: Lost });

const page = <Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => root, path, component });

const pages = [
  createRoute({ getParentRoute: () => root, path: "/", component: Home }),
  page("/branches", lazyRouteComponent(() => import("../pages/Branches"), "BranchesPage")),
  page("/sales", lazyRouteComponent(() => import("../pages/Sales"), "SalesPage")),
  page("/sales/$id", lazyRouteComponent(() => import("../pages/SalePage"), "SalePage")),
  page("/returns", lazyRouteComponent(() => import("../pages/Returns"), "ReturnsPage")),
  page("/returns/$id", lazyRouteComponent(() => import("../pages/ReturnPage"), "ReturnPage")),
  page("/shifts", lazyRouteComponent(() => import("../pages/Shifts"), "ShiftsPage")),
  page("/devices", lazyRouteComponent(() => import("../pages/Devices"), "DevicesPage")),
  page("/exceptions", lazyRouteComponent(() => import("../pages/Exceptions"), "ExceptionsPage")),
  page("/stock", lazyRouteComponent(() => import("../pages/Balances"), "BalancesPage")),
  page("/stock/matrix", lazyRouteComponent(() => import("../pages/Matrix"), "MatrixPage")),
  page("/customers/$id", lazyRouteComponent(() => import("../pages/CustomerPage"), "CustomerPage")),
  page("/customers", lazyRouteComponent(() => import("../pages/Customers"), "CustomersPage")),
  page("/quarantine", lazyRouteComponent(() => import("../pages/Quarantine"), "QuarantinePage")),
  page("/quarantine/$id", lazyRouteComponent(() => import("../pages/WithheldPage"), "WithheldPage")),
  page("/products/$id", lazyRouteComponent(() => import("../pages/ProductPage"), "ProductPage")),
  page("/products", lazyRouteComponent(() => import("../pages/Products"), "ProductsPage")),
];

/** The address is read as text: a number like 0412 must not lose its zero. */
const parseSearch = (search: string): Record<string, string> => Object.fromEntries(new URLSearchParams(search));

function stringifySearch(search: Record<string, unknown>): string {
  const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}

export function makeRouter() {
  return createRouter({ routeTree: root.addChildren(pages), parseSearch, stringifySearch, defaultPreload: "intent", scrollRestoration: true });
}
