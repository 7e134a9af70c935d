import { lazy, Suspense } from "react";
import { Notices } from "../lib/ui/Notices";
import { Loading } from "../lib/ui/States";
import { useSession } from "./session";
import { SignIn } from "./SignIn";
import { useTheme } from "./theme";

const SignedIn = lazy(() => import("./SignedIn"));

/** The page: signed out, or signed in. */
export function App() {
  const signedIn = useSession();
  const [theme, setTheme] = useTheme();
  return (
    <>
      {signedIn.state === "looking" && <Loading what="The page" rows={3} />}
      {signedIn.state === "out" && <SignIn lost={signedIn.lost} />}
      {signedIn.state === "in" && (
        <Suspense fallback={<Loading what="The page" rows={3} />}>
          <SignedIn user={signedIn.session.user} theme={theme} onTheme={setTheme} />
        </Suspense>
      )}
      <Notices />
    </>
  );
}
