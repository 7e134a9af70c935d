/** What the edge runtime of a Supabase project adds to Deno, as far as our functions use it. */

const pending = new Set<Promise<unknown>>();

Object.assign(globalThis, {
  EdgeRuntime: {
    waitUntil(work: Promise<unknown>): void {
      pending.add(work);
      work.finally(() => pending.delete(work)).catch(() => {});
    },
  },
});
