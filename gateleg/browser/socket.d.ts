/** Where a client stands: `connecting` until messages flow, `open`, `waiting` for the next try, `closed` by `close()`. */
export type State = "connecting" | "open" | "waiting" | "closed";

/** Why a call failed. */
export declare class SocketError extends Error {
  /** The API's own, such as `websocket.invalid_payload`; `client.unanswered` where it may have been done, `client.closed`; `client.ill_formed` and `client.too_large` of what is not sent. */
  readonly code: string;
  /** What is wrong with which value. */
  readonly details: readonly { readonly loc: (string | number)[]; msg: string; type: string }[];
}

/** How a client connects, and whom it tells. Times are in milliseconds. */
export interface Options {
  /** The address, asked for before each connection: a token in it may be good for one. */
  url: () => string | URL | Promise<string | URL>;
  /** What is offered as `Sec-WebSocket-Protocol`, the best first. */
  protocols?: Protocol[];
  /** Runs on each connection before anything else is sent, to subscribe and to fetch what was missed since `lastId`; `call` goes at once, over this connection. */
  resume?: (lastId: string | undefined, call: Call) => Promise<readonly Message[] | void>;
  /** By what a message is known, for one that comes twice and for `lastId`; `undefined` for one that has nothing. */
  id?: (message: Message) => string | undefined;
  /** Takes what the API sends without having been asked. */
  onmessage?: (message: Message) => void;
  /** Takes each state that follows `connecting`, in which a client begins. */
  onstatechange?: (state: State) => void;
  /** Takes what no call is told of: what `url` and `resume` throw, errors of what was sent with `send`, and frames that are not JSON. */
  onerror?: (error: unknown) => void;
  /** How long a connection or an answer may take until the line counts as dead; 30,000, as API Gateway gives up after 29 seconds. */
  answerWithin?: number;
  /** How long nothing may have been sent until `ping` is; 300,000, as API Gateway closes after ten idle minutes. */
  pingEvery?: number;
  /** How old a connection becomes at most: it is renewed after three quarters of that, or up to a quarter later; 6,900,000, as API Gateway closes after two hours. */
  renewAfter?: number;
  /** The longest pause between two tries, which begin at 500 and double; each pause is a random part of that; 30,000. */
  maxDelay?: number;
  /** How often a call is sent at most; 10. */
  tries?: number;
}

type Arguments<Action extends keyof Calls> = {} extends Calls[Action]["payload"] ? [payload?: Calls[Action]["payload"]] : [payload: Calls[Action]["payload"]];

/** Sends a message, and gives what it is answered. */
export type Call = <Action extends keyof Calls>(action: Action, ...payload: Arguments<Action>) => Promise<Calls[Action]["reply"]>;

/** A connection that is kept, however often it falls. */
export interface Client {
  readonly state: State;
  /** Sends messages one after the other, each when the one before is answered, as soon as there is a connection; fails with a `SocketError`. */
  readonly call: Call;
  /** Sends a message now or never, and waits for nothing; says whether there was a connection. Throws a `SocketError` for what cannot be sent. */
  send<Action extends keyof Calls>(action: Action, ...payload: Arguments<Action>): boolean;
  /** Ends it; calls that are not answered fail. */
  close(): void;
}

/** Connects at once, and again until `close()`. */
export declare function connect(options: Options): Client;
