/** What the help panel says about the page that is open. */
import { createContext, useContext, useEffect } from "react";

export interface HelpTopic {
  title: string;
  text: string;
}

export const HelpContext = createContext<{ setTopic: (topic: HelpTopic | null) => void }>({ setTopic: () => undefined });

export function useHelp(title: string, text: string): void {
  const { setTopic } = useContext(HelpContext);
  useEffect(() => {
    setTopic({ title, text });
    return () => setTopic(null);
  }, [setTopic, title, text]);
}
