import { useEffect, useState } from "react";
import { store, stored } from "../lib/stored";

export type Theme = "system" | "light" | "dark";

/** Light, dark, or as the system says; kept in this browser. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(() => (stored("theme") as Theme | null) ?? "system");
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    store("theme", theme);
  }, [theme]);
  return [theme, setTheme];
}
