/** The first level of head office and the pages in each: at most eight (UX T22). What needs a right names it. */
import type { I18n } from "@lingui/core";
import type { Right } from "../api/types";
import type { NavIconName } from "../parts/NavIcon";

export interface PageEntry {
  to: string;
  label: (i18n: I18n) => string;
  /** Any of these opens it; none: everybody's. */
  rights: Right[];
}

export interface Section {
  icon: NavIconName;
  label: (i18n: I18n) => string;
  pages: [PageEntry, ...PageEntry[]];
}

export const sections: Section[] = [
  {
    icon: "home",
    label: (i18n) => i18n._({ id: "nav.home", message: "Home" }),
    pages: [{ to: "/", label: (i18n) => i18n._({ id: "nav.home", message: "Home" }), rights: ["see_sales", "see_devices", "see_exceptions"] }],
  },
  {
    icon: "sales",
    label: (i18n) => i18n._({ id: "nav.sales", message: "Sales" }),
    pages: [
      { to: "/sales", label: (i18n) => i18n._({ id: "nav.sales", message: "Sales" }), rights: ["see_sales"] },
      { to: "/returns", label: (i18n) => i18n._({ id: "nav.returns", message: "Returns" }), rights: ["see_sales"] },
      { to: "/shifts", label: (i18n) => i18n._({ id: "nav.shifts", message: "Shifts" }), rights: ["see_sales"] },
    ],
  },
  {
    icon: "customers",
    label: (i18n) => i18n._({ id: "nav.customers", message: "Customers" }),
    pages: [{ to: "/customers", label: (i18n) => i18n._({ id: "nav.customers", message: "Customers" }), rights: ["see_customers"] }],
  },
  {
    icon: "stock",
    label: (i18n) => i18n._({ id: "nav.stock", message: "Stock" }),
    pages: [
      { to: "/stock/matrix", label: (i18n) => i18n._({ id: "nav.matrix", message: "Matrix" }), rights: ["see_stock"] },
      { to: "/stock", label: (i18n) => i18n._({ id: "nav.balances", message: "Balances" }), rights: ["see_stock"] },
      { to: "/products", label: (i18n) => i18n._({ id: "nav.products", message: "Products" }), rights: ["see_catalogue"] },
    ],
  },
  {
    icon: "branches",
    label: (i18n) => i18n._({ id: "nav.branches", message: "Branches" }),
    pages: [
      { to: "/branches", label: (i18n) => i18n._({ id: "nav.branches", message: "Branches" }), rights: ["see_sales", "see_devices", "see_exceptions"] },
      { to: "/exceptions", label: (i18n) => i18n._({ id: "nav.exceptions", message: "Exceptions" }), rights: ["see_exceptions"] },
      { to: "/devices", label: (i18n) => i18n._({ id: "nav.devices", message: "Devices" }), rights: ["see_devices"] },
      { to: "/quarantine", label: (i18n) => i18n._({ id: "nav.quarantine", message: "Quarantine" }), rights: ["see_exceptions"] },
    ],
  },
];

/** Sections that stay in the bottom bar of a phone; the others are behind More. */
export const inBottomBar = 4;

const leads = (page: PageEntry, path: string) => (page.to === "/" ? path === "/" : path === page.to || path.startsWith(`${page.to}/`));

export function placeOf(path: string): { section: Section; page: PageEntry } | null {
  for (const section of sections) {
    const page = section.pages.find((candidate) => leads(candidate, path));
    if (page) return { section, page };
  }
  return null;
}
