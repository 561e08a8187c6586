import { expect } from 'vitest';

// Slack's published limits, in characters unless said otherwise.
const TEXT: Record<string, number> = { section: 3000, header: 150, context: 2000, button: 75, field: 2000, option: 75 };
type Json = Record<string, unknown>;

/** Fails when Slack would refuse these blocks. @param most 50 in a message, 100 in a view */
export function withinLimits(blocks: readonly Json[], most: 50 | 100): void {
  expect(blocks.length).toBeLessThanOrEqual(most);
  expect(JSON.stringify(blocks).length).toBeLessThan(most === 50 ? 60_000 : 120_000);
  for (const block of blocks) {
    const { type, text, fields = [], elements = [], accessory } = block as Json & { fields: Json[]; elements: Json[] };
    if (text) fits(text as Json, TEXT[type as string] as number);
    expect(fields.length).toBeLessThanOrEqual(10);
    for (const field of fields) fits(field, TEXT.field as number);
    expect(elements.length).toBeLessThanOrEqual(type === 'context' ? 10 : 25);
    for (const e of type === 'context' ? elements : []) fits(e, TEXT.context as number);
    for (const e of [...(type === 'actions' ? elements : []), ...(accessory ? [accessory as Json] : [])]) element(e);
    if (type === 'input') input(block);
  }
}

function fits(text: Json, most: number): void {
  const said = text.text as string;
  expect(said.length, said.slice(0, 60)).toBeGreaterThan(0);
  expect(said.length, said.slice(0, 60)).toBeLessThanOrEqual(most);
}

function element(e: Json): void {
  expect((e.action_id as string).length).toBeLessThanOrEqual(255);
  if (e.type === 'button') {
    fits(e.text as Json, TEXT.button as number);
    expect((e.value as string).length).toBeLessThanOrEqual(2000);
    const confirm = e.confirm as { title: Json; text: Json; confirm: Json; deny: Json } | undefined;
    if (confirm) {
      fits(confirm.title, 100);
      fits(confirm.text, 300);
      for (const word of [confirm.confirm, confirm.deny]) fits(word, 30);
    }
  }
  options(e, 5);
}

function options(e: Json, most: number): void {
  const all = (e.options as { text: Json; value: string }[] | undefined) ?? [];
  expect(all.length).toBeLessThanOrEqual(most);
  for (const option of all) {
    fits(option.text, TEXT.option as number);
    expect(option.value.length).toBeLessThanOrEqual(150);
  }
}

function input(block: Json): void {
  const { element: e, label, hint } = block as { element: Json; label: Json; hint?: Json };
  fits(label, 2000);
  if (hint) fits(hint, 2000);
  options(e, 100);
  const initial = e.initial_value as string | undefined;
  if (initial !== undefined) expect(initial.length).toBeLessThanOrEqual((e.max_length as number) ?? 3000);
  if (e.placeholder) fits(e.placeholder as Json, 150);
}

/** Fails when a modal or Home would be refused. */
export function viewWithinLimits(view: Json & { blocks: Json[] }): void {
  withinLimits(view.blocks, 100);
  for (const word of [view.title, view.submit, view.close]) if (word) fits(word as Json, 24);
  if (view.private_metadata) expect((view.private_metadata as string).length).toBeLessThanOrEqual(3000);
  if (view.callback_id) expect((view.callback_id as string).length).toBeLessThanOrEqual(255);
}

/** Fails when mrkdwn in here would call somebody: typed text always carries `evil`, so its brackets must be escaped. */
export function callsNobody(drawn: unknown): void {
  const mrkdwn: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (value && typeof value === 'object') {
      const { type, text } = value as Json;
      if (type === 'mrkdwn' && typeof text === 'string') {
        mrkdwn.push(text);
        // Else Slack makes mentions of plain words such as @ann.
        expect((value as Json).verbatim, text.slice(0, 60)).toBe(true);
      }
      Object.values(value).forEach(walk);
    }
  };
  walk(drawn);
  const { text } = drawn as Json;
  if (typeof text === 'string') mrkdwn.push(text);
  for (const said of mrkdwn) expect(said).not.toMatch(/<!(?!date\^)|<@UEVIL|<#CEVIL|<https:\/\/evil[^>]*\|/);
}
