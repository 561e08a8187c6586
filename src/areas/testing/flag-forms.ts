import { input, modal, section, textInput } from '../../base/elements.ts';
import { escapeText } from '../../base/mrkdwn.ts';
import type { View } from '../../base/slack.ts';
import { askedFlags, type Said } from './flag-rules.ts';
import type { SpecCase } from './types.ts';

/** The field of the form, and where its faults go. */
export const FLAGS_FIELD = 'flags';

/** What comes back with the form: whose flags, and which it showed, so that what somebody else says meanwhile stays. */
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

/** The form that says with which feature flags a release is tested: one per line, those of now filled in. @param name `wallet v1.2.3` */
export function flagsForm(name: string, about: FlagsAbout, spec: readonly SpecCase[]): View {
  const behind = [...new Set(spec.flatMap((c) => c.flag ?? []))].sort();
  const hint = behind.length
    ? `Test cases are behind: ${behind.join(', ')}`.slice(0, 150)
    : 'No test case of this product is behind a flag.';
  const text = textInput(about.shown.join('\n').slice(0, 2500), { multiline: true, max_length: 2500 });
  return modal(
    'test_flags',
    'Flags to test',
    'Save',
    [
      section(`*${escapeText(name)}* is tested with these feature flags, and with production's else.`),
      input(FLAGS_FIELD, 'Feature flags, one per line', text, { optional: true, hint }),
    ],
    about,
  );
}
