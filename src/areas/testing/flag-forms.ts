import { input, modal, section, textInput } from '../../base/elements.ts';
import { escapeText } from '../../base/mrkdwn.ts';
import type { View } from '../../base/slack.ts';
import { askedFlags, type Said } from './flag-rules.ts';
import type { SpecCase } from './types.ts';

/** The field of the form, and where its faults go. */
export const FLAGS_FIELD = 'flags';

/** What comes back with the form: whose flags, and which it showed, so that others, and what somebody else says meanwhile, stay as they are. */
export interface FlagsAbout {
  releaseId: number;
  shown: string[];
}

/** R10: the flags that a release is tested with, as far as they are known by name: asked for since it was opened, or of its form and its spec. */
export function knownFlags(form: string | null, said: readonly Said[], spec: readonly SpecCase[]): string[] {
  const specs = new Set(spec.map((c) => c.flag));
  const asked = askedFlags({ form, said: [...said] });
  return [...asked].filter((flag) => specs.has(flag) || said.some((s) => s.asked && s.flag === flag)).sort();
}

/** Slack's limits are 3,000 characters for the text and for what comes back with the form; there is room left to add some. */
const TEXT_MAX = 3000;
const SHOWN_MAX = 2000;
const META_MAX = 2800;

/** As many as the form has room for. */
function fitting(releaseId: number, flags: readonly string[]): string[] {
  const fits = (n: number) => {
    const shown = flags.slice(0, n);
    return shown.join('\n').length <= SHOWN_MAX && JSON.stringify({ releaseId, shown }).length <= META_MAX;
  };
  let n = flags.length;
  while (!fits(n)) n -= 1;
  return flags.slice(0, n);
}

/**
 * The form that says with which feature flags a release is tested: one per line, those of now filled in. Of very many the first are shown, and it
 * changes nothing of the others. @param name `wallet v1.2.3` @param flags those of now
 */
export function flagsForm(name: string, releaseId: number, flags: readonly string[], spec: readonly SpecCase[]): View {
  const shown = fitting(releaseId, flags);
  const about: FlagsAbout = { releaseId, shown };
  const more = flags.length - shown.length;
  const others = `${more} more ${more === 1 ? 'is' : 'are'} not shown here: saving changes nothing about that; \`/release unflag\` takes flags back.`;
  const behind = [...new Set(spec.flatMap((c) => c.flag ?? []))].sort();
  const hint = behind.length
    ? `Test cases are behind: ${behind.join(', ')}`.slice(0, 150)
    : 'No test case of this product is behind a flag.';
  const text = textInput(shown.join('\n'), { multiline: true, max_length: TEXT_MAX });
  return modal(
    'test_flags',
    'Flags to test',
    'Save',
    [
      section(
        `*${escapeText(name)}* is tested with these feature flags, and with production's else.${more ? ` ${others}` : ''}`,
      ),
      input(FLAGS_FIELD, 'Feature flags, one per line', text, { optional: true, hint }),
    ],
    about,
  );
}
