/** Where a subscription stands: `connecting` until messages flow, `open`, `waiting` for the next try, `closed` by `close()`. */
export type State = "connecting" | "open" | "waiting" | "closed";

/** What opens one subscription, as `ChannelTokens.issue` gives it. */
export interface Ticket {
  channel: string;
  token: string;
}

/** To what is subscribed, and who is told. Times are in milliseconds. */
export interface Options<Message> {
  /** Where the Event API is subscribed to, `wss://.../event/realtime`. */
  url: string;
  /** The host name of the API for HTTP; by default the one that AppSync gives it beside that of `url`. */
  host?: string;
  /** Asked for before each connection: a token is good for one subscription. */
  ticket: () => Ticket | Promise<Ticket>;
  /** Takes what is broadcast to the topic. */
  onmessage?: (message: Message) => void;
  /** Takes each state that follows `connecting`, in which a subscription begins; at each `open`, fetch what was missed. */
  onstatechange?: (state: State) => void;
  /** Takes what `ticket` throws, and what AppSync refuses; it is tried again. */
  onerror?: (error: unknown) => void;
  /** How long a connection may take until the line counts as dead, before AppSync says how often it is heard of; 30,000. */
  answerWithin?: number;
  /** The longest pause between two tries, which begin at 500 and double; each pause is a random part of that; 30,000. */
  maxDelay?: number;
}

/** A subscription that is kept, however often its line falls. */
export interface Subscription {
  readonly state: State;
  /** Ends it. */
  close(): void;
}

/** Subscribes at once, and again until `close()`. */
export declare function subscribe<Message = unknown>(options: Options<Message>): Subscription;
