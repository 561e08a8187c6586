/** Where a run looks: the candidate under test, later production. */
export type Stage = 'candidate' | 'production';

/** Derived from a case's results (R16); passed and skipped are finished. */
export type CaseState = 'open' | 'passed' | 'failed' | 'blocked' | 'skip_asked' | 'skipped';

/** What one person said of one case. */
export type Result = 'pass' | 'fail' | 'blocked' | 'skip' | 'skip_agreed' | 'skip_refused';

/** One case of a product's test spec. */
export interface SpecCase {
  id: string;
  title: string;
  steps: string[];
  expected: string;
  area: { wallet: string; feature: string };
  environments: Stage[];
  /** R10: part of a run only when the release asks for this flag. */
  flag?: string;
  needsFunds: boolean;
  required: boolean;
  /** How many different operators must pass it. */
  passesRequired: number;
}

export interface Spec {
  product: string;
  /** In the order of the files, by name, and of the cases in them. */
  cases: SpecCase[];
  /** Of the files' contents. */
  hash: string;
}

/** The specs by product. */
export type Specs = ReadonlyMap<string, Spec>;

/** What a run keeps of a case beside its columns. */
export interface CaseText {
  steps: string[];
  expected: string;
  flag?: string;
  needsFunds: boolean;
}

export interface Given {
  person: string;
  result: Result;
  note: string | null;
  at: Date;
}

/** One case of a run, with everything said of it, oldest first. */
export interface RunCase {
  runId: number;
  caseId: string;
  title: string;
  area: string;
  spec: CaseText;
  required: boolean;
  passesRequired: number;
  state: CaseState;
  takenBy: string | null;
  takenAt: Date | null;
  results: Given[];
}

/** The run, and what of its release decides who may test now. */
export interface Run {
  id: number;
  releaseId: number;
  candidateId: number;
  stage: Stage;
  startedAt: Date;
  /** The commit it tests. */
  commit: string;
  /** False once a newer candidate was named: that one has a run of its own. */
  current: boolean;
  /** The commit with the same verified tree whose results count here too (R3). */
  carriedFrom: string | null;
  release: {
    product: string;
    version: string;
    state: string;
    manager: string;
    authors: string[];
    threadId: number;
    channel: string;
  };
}

/** How far a run, or one area of it, is. `left` are the required cases unfinished, of `required`. */
export interface Counts {
  total: number;
  passed: number;
  failed: number;
  blocked: number;
  skipped: number;
  skipAsked: number;
  open: number;
  required: number;
  left: number;
}

/** One area (wallet x feature) of a run. `index` counts the areas in the order of the spec. */
export interface Area extends Counts {
  index: number;
  name: string;
}

/** What an operator asks of one case. */
export type CaseAct =
  | { kind: 'pass' | 'fail' | 'blocked'; note: string | null }
  | { kind: 'skip'; note: string | null }
  /** `askedAt` in ms: the question the button was drawn for. */
  | { kind: 'agree' | 'refuse'; askedAt?: number }
  /** `over`: also when somebody else is on it. */
  | { kind: 'take'; over: boolean }
  | { kind: 'drop' };
