/** The state of a list in its address. */
import { expect, test } from "vitest";
import { asked, isNarrowed, onwards, orderOf, pageOf, questionOf, searchOfView, viewOf, withOrder } from "./address";
import { columnsIn, nextOrder, withColumns } from "./columns";

test("a new question begins on its first page and drops what is empty", () => {
  expect(asked({ q: "milk", cursor: "abc", page: "3", branch: "gyumri" }, { q: "" })).toEqual({ branch: "gyumri" });
});

test("a new order keeps the filters and begins again", () => {
  expect(withOrder({ branch: "gyumri", cursor: "abc", page: "2" }, { sort: "at", order: "desc" })).toEqual({ branch: "gyumri", sort: "at", order: "desc" });
});

test("the next page keeps the question", () => {
  expect(onwards({ q: "milk" }, "abc")).toEqual({ q: "milk", cursor: "abc", page: "2" });
});

test.each([
  [{}, 1],
  [{ page: "4" }, 4],
  [{ page: "-1" }, 1],
  [{ page: "many" }, 1],
  [{ page: "1e99" }, 1],
])("the page of %o is %i", (search, page) => {
  expect(pageOf(search as Record<string, string>)).toBe(page);
});

test("order and place do not narrow; search and filters do", () => {
  expect(isNarrowed({ sort: "at", order: "asc", cursor: "x", page: "2" })).toBe(false);
  expect(isNarrowed({ q: "x" })).toBe(true);
  expect(isNarrowed({ branch: "x" })).toBe(true);
});

test("the API hears what this list knows and nothing else; the address overrides the default", () => {
  expect(questionOf({ health: "all", stray: "1", sort: "id", page: "2" }, ["health"], { health: "not_well" })).toEqual({ health: "all", sort: "id" });
  expect(questionOf({}, ["health"], { health: "not_well" })).toEqual({ health: "not_well" });
});

test("a head sorts up, then down, and another head up again", () => {
  expect(nextOrder(null, "at")).toEqual({ sort: "at", order: "asc" });
  expect(nextOrder({ sort: "at", order: "asc" }, "at")).toEqual({ sort: "at", order: "desc" });
  expect(nextOrder({ sort: "at", order: "desc" }, "number")).toEqual({ sort: "number", order: "asc" });
  expect(orderOf({ sort: "at", order: "sideways" })).toEqual({ sort: "at", order: "asc" });
});

test("a view keeps question, order and columns, and not the place", () => {
  const search = { sort: "at", branch: "gyumri", columns: "number,at", cursor: "x", page: "3", view: "Mine", q: "" };
  expect(viewOf(search)).toBe("branch=gyumri&columns=number%2Cat&sort=at");
  expect(searchOfView("Mine", viewOf(search))).toEqual({ branch: "gyumri", columns: "number,at", sort: "at", view: "Mine" });
  expect(viewOf(searchOfView("Mine", viewOf(search)))).toBe(viewOf(search));
});

test("columns are chosen by name, the first always stays, and all of them need no word in the address", () => {
  const columns = ["number", "at", "total"].map((id) => ({ id, label: () => id, cell: () => null }));
  const ids = (chosen: string | undefined) => columnsIn(columns, chosen).map(({ id }) => id);
  expect(ids(undefined)).toEqual(["number", "at", "total"]);
  expect(ids("total")).toEqual(["number", "total"]);
  expect(ids("gone,total")).toEqual(["number", "total"]);
  expect(withColumns(columns, undefined, "at")).toBe("number,total");
  expect(withColumns(columns, "number,total", "at")).toBeUndefined();
});
