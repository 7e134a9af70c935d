/** Stand-in for Supabase Realtime: postgres_changes over websockets; no broadcast, no presence. */

import { said, say } from "../say.ts";
import type { Claims, Tokens } from "../tokens.ts";
import { type Change, codec, type Message, wanted, type Wish } from "./protocol.ts";
import type { Rights } from "./rights.ts";

interface Channel {
  topic: string;
  joinRef: string | null;
  wishes: (Wish & { id: number })[];
  claims: Claims;
  expiry: ReturnType<typeof setTimeout> | undefined;
}

/** Who listens on one websocket. */
class Listener {
  readonly channels = new Map<string, Channel>();
  readonly #codec: ReturnType<typeof codec>;

  constructor(readonly socket: WebSocket, version: string, readonly role: "anon" | "service_role") {
    this.#codec = codec(version);
  }

  send(message: Partial<Message> & Pick<Message, "topic" | "event" | "payload">): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send(this.#codec.encode({ join_ref: null, ref: null, ...message }));
  }

  read(text: string): Message {
    return this.#codec.decode(text);
  }

  leave(topic: string): void {
    const channel = this.channels.get(topic);
    clearTimeout(channel?.expiry);
    this.channels.delete(topic);
  }
}

export class Realtime {
  readonly #listeners = new Set<Listener>();
  #nextId = 1;

  constructor(readonly tokens: Tokens, readonly rights: Rights) {}

  /** Take a websocket of a caller whose API key has this role. */
  connect(request: Request, role: "anon" | "service_role"): Response {
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 60 });
    const version = new URL(request.url).searchParams.get("vsn") ?? "1.0.0";
    const listener = new Listener(socket, version, role);
    socket.onopen = () => this.#listeners.add(listener);
    socket.onclose = () => {
      this.#listeners.delete(listener);
      for (const topic of [...listener.channels.keys()]) listener.leave(topic);
    };
    socket.onerror = () => {};
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string") return;
      this.#hear(listener, data).catch((error) => say("realtime", said(error)));
    };
    return response;
  }

  /** Tell a change to everybody who wished for it and may see it. */
  async tell(change: Change): Promise<void> {
    const seen = new Map<string, Promise<Change | null>>();
    const work = [...this.#listeners].flatMap((listener) =>
      [...listener.channels.values()].map(async (channel) => {
        const ids = channel.wishes.filter((wish) => wanted(wish, change)).map(({ id }) => id);
        if (ids.length === 0) return;
        const who = JSON.stringify(channel.claims);
        if (!seen.has(who)) seen.set(who, this.rights.seen(change, channel.claims));
        const data = await seen.get(who)!;
        if (data === null || !listener.channels.has(channel.topic)) return;
        const { keys: _keys, transaction: _transaction, ...told } = data;
        const payload = { ids, data: { ...told, errors: null } };
        listener.send({ topic: channel.topic, event: "postgres_changes", payload });
      })
    );
    await Promise.all(work);
  }

  async #hear(listener: Listener, text: string): Promise<void> {
    const message = listener.read(text);
    switch (message.event) {
      case "heartbeat":
        return reply(listener, message, "ok", {});
      case "phx_join":
        return await this.#join(listener, message);
      case "phx_leave":
        listener.leave(message.topic);
        reply(listener, message, "ok", {});
        return listener.send({ topic: message.topic, event: "phx_close", payload: {} });
      case "access_token":
        return await this.#refresh(listener, message);
      default:
        return reply(listener, message, "error", {
          reason: "The realtime stand-in does postgres_changes only.",
        });
    }
  }

  async #join(listener: Listener, message: Message): Promise<void> {
    const { topic, payload } = message;
    const token = payload?.access_token;
    let claims: Claims;
    try {
      claims = typeof token === "string" && token.split(".").length === 3
        ? await this.tokens.verify(token)
        : { role: listener.role };
    } catch (error) {
      return reply(listener, message, "error", { reason: `Token: ${said(error)}` });
    }
    const wished: Wish[] = payload?.config?.postgres_changes ?? [];
    const wishes = wished.map((wish) => ({ ...wish, id: this.#nextId++ }));
    listener.leave(topic);
    const channel: Channel = {
      topic,
      joinRef: message.join_ref,
      wishes,
      claims,
      expiry: undefined,
    };
    listener.channels.set(topic, channel);
    this.#closeOnExpiry(listener, channel);
    reply(listener, message, "ok", { postgres_changes: wishes });
    if (wishes.length > 0) system(listener, topic, "ok", "Subscribed to PostgreSQL");
  }

  async #refresh(listener: Listener, message: Message): Promise<void> {
    const channel = listener.channels.get(message.topic);
    const token = message.payload?.access_token;
    if (channel === undefined || typeof token !== "string" || token.split(".").length !== 3) return;
    try {
      channel.claims = await this.tokens.verify(token);
      this.#closeOnExpiry(listener, channel);
    } catch (error) {
      close(listener, channel, said(error));
    }
  }

  #closeOnExpiry(listener: Listener, channel: Channel): void {
    clearTimeout(channel.expiry);
    if (channel.claims.exp === undefined) return;
    const milliseconds = Math.min(channel.claims.exp * 1_000 - Date.now(), 2 ** 31 - 1);
    channel.expiry = setTimeout(() => close(listener, channel, "Token has expired"), milliseconds);
  }
}

function close(listener: Listener, channel: Channel, reason: string): void {
  system(listener, channel.topic, "error", reason);
  const { topic, joinRef } = channel;
  listener.send({ topic, event: "phx_close", payload: {}, ref: joinRef, join_ref: joinRef });
  listener.leave(topic);
}

function system(listener: Listener, topic: string, status: string, message: string): void {
  const channel = topic.replace(/^realtime:/, "");
  const payload = { status, message, channel, extension: "postgres_changes" };
  listener.send({ topic, event: "system", payload });
}

function reply(listener: Listener, to: Message, status: string, response: unknown): void {
  const { join_ref, ref, topic } = to;
  listener.send({ join_ref, ref, topic, event: "phx_reply", payload: { status, response } });
}
