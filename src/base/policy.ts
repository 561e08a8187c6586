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
    /** The folder of test specs, relative to the policy file. */
    specs: string;
    /** Whether failed automated tests hold a release up. */
    ciGates: boolean;
  };
  issues: {
    /** What must be true before an issue is closed: at most 10, each at most 75 characters (Slack's limits of checkboxes). */
    definitionOfDone: string[];
  };
};

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
