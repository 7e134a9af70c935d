import type { User } from "@supabase/supabase-js";
import { useQuery } from "@tanstack/react-query";
import { go, hashOf, usePlace } from "../lib/route";
import { Button } from "../lib/ui/Button";
import { Select } from "../lib/ui/Select";
import { Badge, Empty, Failure, Loading, type Tone } from "../lib/ui/States";
import { date } from "../lib/calendar";
import { type Organisation, organisationsQuery, roundsQuery } from "./places";
import { PlannerDashboard } from "./PlannerDashboard";
import { signOut } from "./session";
import type { Theme } from "./theme";

export interface SignedInProps {
  readonly user: User;
  readonly theme: Theme;
  readonly onTheme: (theme: Theme) => void;
}

const THEMES = [
  { id: "system", label: "System" },
  { id: "light", label: "Light" },
  { id: "dark", label: "Dark" },
];

/** Everything behind the sign-in: choose an organisation and an allocation run, then plan. */
export default function SignedIn({ user, theme, onTheme }: SignedInProps) {
  const place = usePlace();
  const organisations = useQuery(organisationsQuery(user.id));
  const found = organisations.data;
  const only = found?.length === 1 && place.org === null ? found[0] : undefined;
  const org = found?.find((one) => one.id === place.org) ?? only;
  const choosing = found !== undefined && found.length > 1 && place.org === null;
  return (
    <div className="app">
      <header className="top">
        <a className="brand" href="#/">
          <span className="logo" aria-hidden="true" />
          Planner
        </a>
        {org && <Crumbs org={org} round={place.round} />}
        <span className="spacer" />
        <Select label="Colours" hideLabel choices={THEMES} value={theme} onChange={(id) => onTheme(id as Theme)} />
        <span className="who">{user.email}</span>
        <Button small onPress={() => void signOut()}>
          Sign out
        </Button>
      </header>
      <main className="main">
        {(place.round !== null || !org) && !choosing && <h1 className="visually-hidden">Planner: job lines</h1>}
        {organisations.isError && <Failure what="Your organisations" error={organisations.error} onRetry={() => void organisations.refetch()} />}
        {organisations.isPending && <Loading what="Your organisations" />}
        {found?.length === 0 && (
          <Empty title="You belong to no organisation yet">
            You are signed in as {user.email}. Ask your workforce unit’s administrator to add you to its organisation, then reload this page.
          </Empty>
        )}
        {found && found.length > 0 && place.org !== null && !org && (
          <Empty title="This page is not yours to see" action={<Button kind="primary" onPress={() => go({ org: null, round: null })}>Choose an organisation</Button>}>
            It belongs to an organisation you are no member of.
          </Empty>
        )}
        {choosing && <Organisations found={found} />}
        {org && place.round === null && <Rounds org={org} />}
        {org && place.round !== null && <PlannerDashboard key={place.round} round={place.round} tab={place.tab} user={user.id} org={org} />}
      </main>
    </div>
  );
}

function Crumbs({ org, round }: { org: Organisation; round: string | null }) {
  const rounds = useQuery(roundsQuery(org.id));
  const name = rounds.data?.find((one) => one.id === round)?.name;
  return (
    <nav aria-label="Where you are" className="crumbs">
      <a href={hashOf({ org: org.id, round: null, tab: "generate" })}>{org.name}</a>
      {name !== undefined && <span aria-current="page">{name}</span>}
    </nav>
  );
}

function Organisations({ found }: { found: readonly Organisation[] }) {
  return (
    <section className="choose" aria-labelledby="choose-title">
      <h1 id="choose-title">Choose an organisation</h1>
      <ul className="choices">
        {found.map((org) => (
          <li key={org.id}>
            <a href={hashOf({ org: org.id, round: null, tab: "generate" })}>
              <strong>{org.name}</strong>
              <span className="quiet">{ROLE[org.role] ?? org.role}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

const ROLE: Readonly<Record<string, string>> = {
  viewer: "You may look at lines and runs",
  planner: "You may generate lines",
  admin: "You may generate lines",
};

const STATUS: Readonly<Record<string, readonly [Tone, string]>> = {
  draft: ["good", "Draft"],
  open: ["info", "Open for preferences"],
  closed: ["plain", "Closed"],
};

function Rounds({ org }: { org: Organisation }) {
  const rounds = useQuery(roundsQuery(org.id));
  if (rounds.isError) return <Failure what="The allocation runs" error={rounds.error} onRetry={() => void rounds.refetch()} />;
  if (!rounds.data) return <Loading what="The allocation runs" />;
  if (rounds.data.length === 0) {
    return (
      <Empty title={`${org.name} has no allocation run yet`}>
        Lines belong to a yearly round. Add one, with its terms, positions and posts, where your organisation keeps them; it then appears here.
      </Empty>
    );
  }
  return (
    <section className="choose" aria-labelledby="choose-title">
      <h1 id="choose-title">Choose an allocation run</h1>
      <ul className="choices">
        {rounds.data.map((round) => {
          const [tone, words] = STATUS[round.status] ?? ["plain", round.status];
          return (
            <li key={round.id}>
              <a href={hashOf({ org: org.id, round: round.id, tab: "generate" })}>
                <strong>{round.name}</strong>
                <span className="row">
                  <Badge tone={tone}>{words}</Badge>
                  <span className="quiet">added on {date(round.created_at)}</span>
                </span>
              </a>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
