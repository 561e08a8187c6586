/** The team's policy, as read from shipshape.yml. Slack things are ids, never names. */
export type Policy = {
  workspace: {
    teamId: string;
    channels: { releases: string; triage?: string; prodIssues?: string; testFunds?: string; admins: string };
  };
  team: {
    /** IANA zone, such as Europe/Berlin. */
    zone: string;
    /** Working hours in minutes after local midnight; start < end. */
    hours: { start: number; end: number };
    /** Local days nobody works, as YYYY-MM-DD. */
    holidays: string[];
  };
  roles: { operators: Members; engineers: Members; product: Members; treasurers: Members; admins: Members };
  /** At least one; keys are unique. */
  products: Product[];
  review: {
    /** R4: when true the release manager and the authors of the changes may not sign off. */
    separationOfDuties: boolean;
    /** R2: how long a person's presence lasts without an act of theirs. */
    eyesExpireAfterMinutes: number;
    /** R9: whether an emergency may ship on one sign-off. */
    emergencyShipOnOne: boolean;
  };
  /** Emoji names without colons; no name is in two lists. An empty list closes that road. */
  reactions: Record<Road, string[]>;
  /** Slack user ids by GitHub login; logins in lower case. */
  github: { people: ReadonlyMap<string, string> };
  testing: {
    /** The folder of test specs, relative to the policy file. Absent: ./specs, which need not be there. */
    specs?: string;
    /** Whether failed automated tests hold a release up. */
    ciGates: boolean;
  };
  issues: {
    /** What must be true before an issue is closed: at most 10, each at most 75 characters (Slack's limits of checkboxes). */
    definitionOfDone: string[];
  };
  /** R9. Absent: no slots; a scheduled release may then ship at any time outside freezes. */
  cadence?: Cadence;
  /** Absent: nobody is on duty. */
  duty?: Duty;
  /** R21. Absent: no regression calendar. */
  regression?: Regression;
  /** R23. Absent: with the defaults. */
  reminders?: Reminders;
  /** R17-R19. Absent: with the defaults; read it by `fundsOf`. */
  funds?: Funds;
  /** R20. Spreadsheets of single tabs, by id; the others are in the one the environment names. */
  sheets?: Partial<Record<SheetKey, string>>;
};

/** The tabs the bot keeps in Google Sheets. */
export type SheetKey = 'releases' | 'funds' | 'ledger';

export type Road = 'eyes' | 'lgtm' | 'hold' | 'bug' | 'rocket';

export type Role = 'operator' | 'engineer' | 'product' | 'treasurer' | 'admin';

/** Who holds a role: the users listed here, and the members of a Slack user group. */
export type Members = { users: string[]; usergroup?: string };

export type Product = {
  /** What people type: [a-z0-9-], at most 30 characters. */
  key: string;
  name: string;
  /** owner/name on GitHub. */
  repo?: string;
  branches: { develop: string; production: string };
  /** Links to what is tested, and to what users see. */
  environments: { candidate?: string; production?: string };
  keyFeatures: string[];
  /** How labels of pull requests begin that ask for a feature flag (R10), or for a test of their own. In lower case. */
  labels: { flag: string; test: string };
};

/** When scheduled releases ship (R9), in the team's zone; holidays have no slots. */
export type Cadence = {
  /** Minutes after local midnight, ascending; at least one. */
  slots: number[];
  /** 1 (Monday) to 7 (Sunday), ascending; at least one. */
  days: number[];
  /** How long after its time a slot is open: the push begins until then. */
  graceMinutes: number;
  /** How long before its time a slot is proposed in the releases' channel. */
  proposeMinutesBefore: number;
};

/** Who is on. A roster takes turns, `size` of them at a time; of a user group everybody is on. One of the two is there. */
export type Duty = { roster: string[]; usergroup?: string; size: number; turn: 'day' | 'week' };

/** What is tested every month, and by whom (R21). */
export type Regression = {
  /** Key of the product whose bugs and test specs these are. */
  product: string;
  /** The regression areas in the policy's order, at least one; key areas have more `times` than all others. */
  areas: RegressionArea[];
  /** Who takes turns; empty: the operators. */
  testers: string[];
  /** When tests begin, in minutes after local midnight, ascending; as many as one tester has on a day at most. */
  starts: number[];
  /** Who answers for the calendar: a person's id, or the admins' channel when nobody is named. */
  owner: string;
};

/** A wallet x feature pair, and how often it is tested in a month. */
export type RegressionArea = { wallet: string; feature: string; key: boolean; times: number };

/** How humane reminders are (R23). */
export type Reminders = {
  /** Messages with reminders that one person gets on one of their days at most; 0: none at all. */
  maxPerDay: number;
};

export const DEFAULT_REMINDERS: Reminders = { maxPerDay: 5 };

/** The test funds: what is counted, where, and how much may be given without a second treasurer (R17-R19). */
export type Funds = {
  /** At least one; keys are unique. */
  assets: Asset[];
  /** Keys are unique; may be empty. */
  chains: Chain[];
  /** Wallets in the treasurer's custody, the usual one first; at least one. */
  accounts: { key: string; name: string; chain?: string }[];
  /** By asset, in base units; an asset that is not there has no limit. */
  limits: { perRequest: ReadonlyMap<string, bigint>; perPersonMonth: ReadonlyMap<string, bigint> };
};

/** What is counted: `key` in capitals as people type it, and how many decimals one has at most. */
export type Asset = { key: string; decimals: number };

export type Chain = {
  /** [a-z0-9-]. */
  key: string;
  name: string;
  kind: 'evm' | 'bitcoin' | 'cosmos';
  /** How its addresses begin: of a Cosmos chain (cosmos, thor), or bc, tb or bcrt of Bitcoin. */
  prefix?: string;
  /** The asset fees are paid in. */
  feeAsset: string;
  /** What is moved on it, the fee asset included. An asset on no chain (USD) is moved by other means. */
  assets: string[];
  /** Where a transaction is looked at; `{hash}` stands for its hash. */
  explorer?: string;
};

export const DEFAULT_FUNDS: Funds = {
  assets: [
    { key: 'ETH', decimals: 18 },
    { key: 'USDC', decimals: 6 },
    { key: 'BTC', decimals: 8 },
    { key: 'FOX', decimals: 18 },
    { key: 'USD', decimals: 2 },
  ],
  chains: [
    { key: 'ethereum', name: 'Ethereum', kind: 'evm', feeAsset: 'ETH', assets: ['ETH', 'USDC', 'FOX'] },
    { key: 'bitcoin', name: 'Bitcoin', kind: 'bitcoin', feeAsset: 'BTC', assets: ['BTC'] },
  ],
  accounts: [{ key: 'custody', name: 'Custody' }],
  limits: { perRequest: new Map(), perPersonMonth: new Map() },
};

/** The policy of test funds, or the defaults. */
export function fundsOf(policy: Pick<Policy, 'funds'>): Funds {
  return policy.funds ?? DEFAULT_FUNDS;
}
