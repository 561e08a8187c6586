// Amounts of money: whole numbers of base units (wei, satoshi, cents) as BigInt. No floating point anywhere.

/** A kind of money: its key as people see it, and how many decimals one of it has. */
export type Unit = { key: string; decimals: number };

/** What `parseAmount` makes of a typed text: base units, or a sentence that says what is wrong and what to type. */
export type Parsed = { amount: bigint } | { fault: string };

/** The ledger's columns hold 78 digits; sums of amounts must fit too. */
const DIGITS_MAX = 60;

/**
 * Reads a typed amount exactly. A point begins the decimals; commas may group thousands where that cannot be mistaken (`1,000.5`, `1,000,000`).
 * Nothing is rounded and nothing is guessed: negative numbers, zero, exponents, more decimals than the asset has, and separators
 * that mean different things in different countries are refused.
 * @param opts.zero whether 0 is an amount too (a fee may be)
 */
export function parseAmount(typed: string, unit: Unit, opts: { zero?: boolean } = {}): Parsed {
  const text = typed.trim();
  const wrong = formFault(text, unit);
  if (wrong) return { fault: wrong };
  const [whole = '', decimals = ''] = text.replaceAll(',', '').split('.');
  const kept = decimals.replace(/0+$/, '');
  if (kept.length > unit.decimals) return { fault: tooFine(kept.length, unit) };
  const digits = `${whole}${kept.padEnd(unit.decimals, '0')}`.replace(/^0+/, '');
  if (digits.length > DIGITS_MAX) return { fault: `That is more ${unit.key} than there can be: check the number.` };
  const amount = BigInt(digits || '0');
  if (amount === 0n && !opts.zero)
    return { fault: `Zero is no amount: type how much ${unit.key}, such as ${eg(unit)}.` };
  return { amount };
}

/** What is wrong with the form of a number, as a sentence; undefined when it is digits, perhaps grouped, perhaps with decimals. */
function formFault(text: string, unit: Unit): string | undefined {
  const right = `Type it as digits with a point before the decimals, such as ${eg(unit)}.`;
  if (text === '') return `The amount is missing. ${right}`;
  if (/^[-−–—(]/.test(text)) return `An amount cannot be negative. ${right}`;
  if (/\p{Cf}|\p{Cc}/u.test(text)) return `There are invisible characters in the amount. ${right}`;
  if (/^\+?[\d.,]+e[-+]?\d+$/i.test(text))
    return `Numbers with an exponent are not read: write all the digits. ${right}`;
  if (!/^[\d.,]+$/.test(text)) return `The amount has characters that are no digits. ${right}`;
  if (/^\d+(\.\d+)?$/.test(text)) return undefined;
  const [start = '', end = ''] = text.split(',');
  // One comma and three digits: a thousand to some, decimals to others.
  if (/^\d{1,3},\d{3}$/.test(text))
    return `The comma could mean thousands or decimals: write ${start}${end} or ${start}.${end}.`;
  if (/^[1-9]\d{0,2}(,\d{3})+\.\d+$/.test(text) || /^[1-9]\d{0,2}(,\d{3}){2,}$/.test(text)) return undefined;
  if (/^\d+,\d+$/.test(text)) return `Decimals are written with a point: ${start}.${end}.`;
  if (/^\.\d+$/.test(text)) return `Write the zero before the point: 0${text}.`;
  return `It is not clear what the points and commas mean. ${right}`;
}

function tooFine(has: number, { key, decimals }: Unit): string {
  if (decimals === 0) return `${key} has no decimals: type a whole number.`;
  const some = decimals === 1 ? '1 decimal' : `${decimals} decimals`;
  return `${key} has ${some} at most, and this has ${has}.`;
}

const eg = ({ decimals }: Unit) => (decimals === 0 ? '25' : '25.5');

/** The unit people mean, whatever case they type it in. */
export function findUnit<U extends Unit>(typed: string, units: readonly U[]): U | undefined {
  const key = typed.trim().toUpperCase();
  return units.find((u) => u.key.toUpperCase() === key);
}

/** An amount with all its digits and no more: `0.1`, `1000.5`, `-3`. `parseAmount` reads it back as the same. */
export function formatAmount(amount: bigint, decimals: number): string {
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const rest = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${sign}${whole}${rest ? `.${rest}` : ''}`;
}

/** `0.1 ETH`. An asset that has left the policy is shown in base units. */
export function showMoney(amount: bigint, asset: string, units: readonly Unit[]): string {
  const unit = units.find((u) => u.key === asset);
  return unit ? `${formatAmount(amount, unit.decimals)} ${asset}` : `${amount} base units of ${asset}`;
}
