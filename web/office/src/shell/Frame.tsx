/** What stands around every page: sections, top bar, tabs of a section, help beside the work, strip when the link is lost. */
import { useLingui } from "@lingui/react";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { Mark } from "../parts/Mark";
import { NavIcon } from "../parts/NavIcon";
import { HelpContext } from "../parts/help";
import { useSurrounding } from "../surrounding";
import { AccountMenu } from "./AccountMenu";
import css from "./Frame.module.css";
import { HelpPanel } from "./HelpPanel";
import { LiveMark, LostStrip } from "./LiveMark";
import { type PageEntry, type Section, inBottomBar, placeOf, sections } from "./sections";

export function Frame() {
  const { i18n } = useLingui();
  const path = useLocation({ select: (location) => location.pathname });
  const place = placeOf(path);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [topic, setTopic] = useState<{ title: string; text: string } | null>(null);
  const help = useMemo(() => ({ setTopic }), []);
  const main = useRef<HTMLElement>(null);
  useKeys(() => setHelpOpen((isOpen) => !isOpen));

  return (
    <div className={css.frame}>
      <a className={css.skip} href="#main">
        {i18n._({ id: "frame.skip", message: "Skip to the page" })}
      </a>
      <header className={css.top}>
        <Link to="/" className={css.brand} aria-label={i18n._({ id: "frame.brand", message: "Tradepost, Home" })}>
          <Mark />
          <span>Tradepost</span>
        </Link>
        <div className={css.tools}>
          <LiveMark />
          <button type="button" className={css.tool} aria-label={i18n._({ id: "frame.help", message: "Help" })} aria-expanded={isHelpOpen} aria-controls="help" aria-keyshortcuts="F1 ?" onClick={() => setHelpOpen(!isHelpOpen)}>
            <NavIcon name="help" />
            <span className={css.toolWord}>{i18n._({ id: "frame.help", message: "Help" })}</span>
          </button>
          <AccountMenu />
        </div>
      </header>
      <nav className={css.nav} aria-label={i18n._({ id: "frame.sections", message: "Sections" })}>
        {sections.map((section, index) => (
          <SectionLink key={section.icon} section={section} isHere={place?.section === section} isFolded={index >= inBottomBar} />
        ))}
        <MoreMenu here={place?.section ?? null} />
      </nav>
      <div className={css.body} data-help={isHelpOpen}>
        <main id="main" className={css.main} ref={main} tabIndex={-1}>
          <LostStrip />
          {place && place.section.pages.length > 1 && <Tabs section={place.section} here={place.page} />}
          <HelpContext value={help}>
            <Outlet />
          </HelpContext>
        </main>
        {isHelpOpen && <HelpPanel topic={topic} onClose={() => setHelpOpen(false)} />}
      </div>
    </div>
  );
}

/** F1 and `?` show help; `/` goes to this page's search. Single letters act only where no field has focus (2.1.4). */
function useKeys(toggleHelp: () => void): void {
  const toggle = useRef(toggleHelp);
  useEffect(() => {
    toggle.current = toggleHelp;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "F1") {
        event.preventDefault();
        toggle.current();
        return;
      }
      const isTyping = event.target instanceof HTMLElement && event.target.closest("input, select, textarea, [contenteditable]") !== null;
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "?") toggle.current();
      if (event.key !== "/") return;
      const search = document.querySelector<HTMLInputElement>("[data-search]");
      if (search === null) return;
      event.preventDefault();
      search.focus();
      search.select();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

function useHolds(): (page: PageEntry) => boolean {
  const { me } = useSurrounding();
  return (page) => page.rights.length === 0 || page.rights.some((right) => me.rights[right] !== undefined);
}

function SectionLink({ section, isHere, isFolded }: { section: Section; isHere: boolean; isFolded: boolean }) {
  const { i18n } = useLingui();
  const holds = useHolds();
  const first = section.pages.find(holds) ?? section.pages[0];
  const isLocked = !section.pages.some(holds);
  return (
    <Link to={first.to} className={css.entry} data-here={isHere} data-folded={isFolded} aria-current={isHere ? "page" : undefined}>
      <NavIcon name={isLocked ? "lock" : section.icon} />
      <span>{section.label(i18n)}</span>
    </Link>
  );
}

const closeMore = () => document.getElementById("more")?.hidePopover();

/** On a phone: the sections that have no room in the bar. */
function MoreMenu({ here }: { here: Section | null }) {
  const { i18n } = useLingui();
  const folded = sections.slice(inBottomBar);
  return (
    <>
      <button type="button" className={css.entry} data-more data-here={here !== null && folded.includes(here)} popoverTarget="more">
        <NavIcon name="more" />
        <span>{i18n._({ id: "nav.more", message: "More" })}</span>
      </button>
      <div id="more" popover="auto" className={css.sheet}>
        {folded.map((section) => (
          <section key={section.icon}>
            <h2>{section.label(i18n)}</h2>
            {section.pages.map((page) => (
              <Link key={page.to} to={page.to} className={css.sheetEntry} onClick={closeMore}>
                {page.label(i18n)}
              </Link>
            ))}
          </section>
        ))}
      </div>
    </>
  );
}

function Tabs({ section, here }: { section: Section; here: PageEntry }) {
  const { i18n } = useLingui();
  const holds = useHolds();
  return (
    <nav className={css.tabs} aria-label={section.label(i18n)}>
      {section.pages.map((page) => (
        <Link key={page.to} to={page.to} className={css.tab} data-here={page === here} aria-current={page === here ? "page" : undefined}>
          {!holds(page) && <NavIcon name="lock" />}
          {page.label(i18n)}
        </Link>
      ))}
    </nav>
  );
}
