/** The frame of one page: its title in the tab, its one h1, what stands beside it, and its help. */
import { type ReactNode, useEffect } from "react";
import css from "./Page.module.css";
import { useHelp } from "./help";

interface PageProps {
  title: string;
  help: string;
  /** Before the title: the way back. */
  back?: ReactNode;
  /** Beside the title. */
  aside?: ReactNode;
  children: ReactNode;
}

export function Page({ title, help, back, aside, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} - Tradepost`;
  }, [title]);
  useHelp(title, help);
  return (
    <div className={css.page}>
      <div className={css.head}>
        {back}
        <h1 className={css.title}>{title}</h1>
        {aside && <div className={css.aside}>{aside}</div>}
      </div>
      {children}
    </div>
  );
}
