import type { Session } from "@supabase/supabase-js";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { supabase } from "../lib/supabase";

/** Who is signed in. `lost`: somebody was, and did not sign out. */
export type SignedIn =
  | { readonly state: "looking" }
  | { readonly state: "out"; readonly lost: boolean }
  | { readonly state: "in"; readonly session: Session };

let leaving = false;

/** Sign out by one's own wish. */
export async function signOut(): Promise<void> {
  leaving = true;
  await supabase().auth.signOut({ scope: "local" });
}

/** The session, as it comes, is renewed and goes. */
export function useSession(): SignedIn {
  const client = useQueryClient();
  const [signedIn, setSignedIn] = useState<SignedIn>({ state: "looking" });
  useEffect(() => {
    const { data } = supabase().auth.onAuthStateChange((event, session) => {
      if (session) {
        setSignedIn((before) =>
          before.state === "in" && before.session.user.id === session.user.id && event !== "USER_UPDATED"
            ? before
            : { state: "in", session },
        );
        return;
      }
      setSignedIn((before) => ({ state: "out", lost: before.state === "in" ? !leaving : before.state === "out" && before.lost }));
      leaving = false;
      // What one person saw is not kept for the next.
      client.clear();
    });
    return () => data.subscription.unsubscribe();
  }, [client]);
  return signedIn;
}
