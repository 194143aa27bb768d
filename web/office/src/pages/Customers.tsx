/** One base of customers for all branches. */
import type { Customer } from "../api/types";
import { ListPage, type ListSpec } from "../list/ListPage";
import { MomentCell } from "../parts/cells";

const spec: ListSpec<Customer> = {
  path: "/customers",
  right: "see_customers",
  title: (i18n) => i18n._({ id: "nav.customers", message: "Customers" }),
  help: (i18n) =>
    i18n._({ id: "customers.help", message: "Everybody with a card or a number, whichever branch enrolled them. Search takes any fragment of a name, a number, a telephone or a card." }),
  searches: (i18n) => i18n._({ id: "customers.search", message: "Name, number, telephone or card" }),
  empty: (i18n) => i18n._({ id: "customers.empty", message: "No customers yet. Tills enrol them in under a minute, and a list can be imported." }),
  filters: [],
  order: { sort: "name", order: "asc" },
  keyOf: (row) => row.id,
  open: (row) => `/customers/${row.id}`,
  columns: [
    { id: "name", label: (i18n) => i18n._({ id: "customers.name", message: "Name" }), sort: "name", cell: (row) => row.name, card: "title" },
    { id: "number", label: (i18n) => i18n._({ id: "customers.number", message: "Number" }), sort: "number", cell: (row) => row.number, card: "end" },
    { id: "phone", label: (i18n) => i18n._({ id: "customers.phone", message: "Telephone" }), cell: (row) => row.phones[0] ?? "-", card: "line" },
    { id: "cards", label: (i18n) => i18n._({ id: "customers.cards", message: "Cards" }), cell: (row) => row.cards.join(", ") || "-", card: "line" },
    { id: "created", label: (i18n) => i18n._({ id: "customers.since", message: "Since" }), sort: "created_at", end: true, cell: (row) => <MomentCell at={row.created_at} /> },
    { id: "changed", label: (i18n) => i18n._({ id: "customers.changed", message: "Changed" }), sort: "changed_at", end: true, cell: (row) => <MomentCell at={row.changed_at} /> },
  ],
};

export const CustomersPage = () => <ListPage spec={spec} />;
