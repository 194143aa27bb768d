/** The state of this page: what the gateway pushed, and how we stand with the gateway. */
import type { ErrorBody, OperationName, Operations, Session, View } from "./protocol";
import { createStore, useSlice } from "./store";

/** `lost` from the moment the socket closed until it opens again. */
export type Link = "connecting" | "open" | "lost";

/** A refused operation, shown in the strip until the next scan or the next thing done. `at` tells two alike apart. */
export interface Refusal {
  error: ErrorBody;
  at: number;
}

/** An operation that waits for a second person. */
export interface WaitingForApproval {
  name: OperationName;
  args: Operations[OperationName];
  error: ErrorBody;
}

export interface TillState {
  /** `null` while nobody is signed in; `undefined` before we have asked. */
  session: Session | null | undefined;
  /** Nobody stands at the till any more, but its line is open: a badge under its scanner opens it again. */
  isLocked: boolean;
  link: Link;
  lostAt: number | null;
  view: View | null;
  rev: number;
  /** Operations the gateway has not answered. */
  unanswered: number;
  refusal: Refusal | null;
  approvalFor: WaitingForApproval | null;
}

export const initialTill: TillState = {
  session: undefined,
  isLocked: false,
  link: "connecting",
  lostAt: null,
  view: null,
  rev: 0,
  unanswered: 0,
  refusal: null,
  approvalFor: null,
};

export const till = createStore<TillState>(initialTill);

export const useTill = <S>(slice: (state: TillState) => S): S => useSlice(till, slice);

/** For what is drawn only when a view is there. */
export function useView<S>(slice: (view: View) => S): S {
  return useTill((state) => {
    if (state.view === null) throw new Error("drawn before the gateway's first push");
    return slice(state.view);
  });
}
