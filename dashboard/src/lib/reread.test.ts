import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { reread } from "./reread";

/** A query whose answers are given by hand: each is what the row was when it was asked for. */
function watched() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const row = { value: "old" };
  const waiting: (() => void)[] = [];
  const read = () => {
    const { value } = row;
    return new Promise<string>((resolve) => waiting.push(() => resolve(value)));
  };
  const observer = new QueryObserver(client, { queryKey: ["row"], queryFn: read });
  const stop = observer.subscribe(() => undefined);
  const answer = async () => {
    waiting.shift()?.();
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { client, row, waiting, observer, answer, stop };
}

test("news that come during the first reading are read after it", async () => {
  const { client, row, observer, answer, stop } = watched();
  row.value = "new";
  const done = reread(client, ["row"]);
  await answer();
  expect(observer.getCurrentResult().data).toBe("old");
  await answer();
  await done;
  expect(observer.getCurrentResult().data).toBe("new");
  stop();
});

test("many news during one reading cost one more reading", async () => {
  const { client, row, waiting, observer, answer, stop } = watched();
  const done = Promise.all([1, 2, 3].map(() => reread(client, ["row"])));
  row.value = "new";
  await answer();
  expect(waiting).toHaveLength(1);
  await answer();
  await done;
  expect(waiting).toHaveLength(0);
  expect(observer.getCurrentResult().data).toBe("new");
  stop();
});

test("with no reading under way the news are read once", async () => {
  const { client, waiting, answer, stop } = watched();
  await answer();
  const done = reread(client, ["row"]);
  expect(waiting).toHaveLength(1);
  await answer();
  await done;
  expect(waiting).toHaveLength(0);
  stop();
});
