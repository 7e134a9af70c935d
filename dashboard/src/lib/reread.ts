import type { QueryClient, QueryKey } from "@tanstack/react-query";

/**
 * Read queries again, since something is known to have changed. A reading under way may be older
 * than the news: it is let come to its end, and another follows it.
 */
export async function reread(client: QueryClient, queryKey: QueryKey): Promise<void> {
  const underWay = client.isFetching({ queryKey }) > 0;
  await client.invalidateQueries({ queryKey }, { cancelRefetch: false });
  if (underWay) await client.invalidateQueries({ queryKey }, { cancelRefetch: false });
}
