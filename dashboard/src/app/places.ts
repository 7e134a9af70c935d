/** Organisations and allocation runs that the signed-in person may see. */

import { queryOptions } from "@tanstack/react-query";
import { dataOf, supabase } from "../lib/supabase";

export interface Organisation {
  readonly id: string;
  readonly name: string;
  readonly role: string;
}

/** The organisations of a person, with their role in each. */
export const organisationsQuery = (user: string) =>
  queryOptions({
    queryKey: ["organisations", user] as const,
    queryFn: async (): Promise<Organisation[]> => {
      const rows = dataOf(
        await supabase().from("org_members").select("role, orgs(id, name)").eq("user_id", user).limit(500),
      );
      return rows
        .map(({ role, orgs }) => ({ id: orgs.id, name: orgs.name, role }))
        .toSorted((a, b) => a.name.localeCompare(b.name));
    },
  });

export interface RoundChoice {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly created_at: string;
}

/** The allocation runs of an organisation, newest first. */
export const roundsQuery = (org: string) =>
  queryOptions({
    queryKey: ["rounds", org] as const,
    queryFn: async (): Promise<RoundChoice[]> =>
      dataOf(
        await supabase()
          .from("allocation_runs")
          .select("id, name, status, created_at")
          .eq("org", org)
          .order("created_at", { ascending: false })
          .limit(500),
      ),
  });
