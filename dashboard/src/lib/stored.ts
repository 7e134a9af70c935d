/** Values kept in the browser, so that a reload or a closed tab loses nothing. */

const PREFIX = "planner.";

/** Read a kept value; null when there is none or storage is not to be had. */
export function stored(key: string): unknown {
  try {
    const text = localStorage.getItem(PREFIX + key);
    return text === null ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

/** Keep a value, or forget it with null. */
export function store(key: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // A full or forbidden storage must not stop anyone from working.
  }
}
