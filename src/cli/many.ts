/** A number with its noun: `1 row`, `2 rows`. */
export const many = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
