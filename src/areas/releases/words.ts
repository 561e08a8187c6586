/** What a thread message says about signing off: it is an LGTM, it merely mentions one, or neither. */
export type Said = 'lgtm' | 'mentions' | 'nothing';

/** Quotation and code marks: the word is somebody else's, or is talked about. */
const QUOTED = /^[^\S\n]*(?:>|&gt;)|["'`~“”„«»‹›‘’「」『』＂＇｀～]/mu;
/**
 * Question marks of the scripts people write in; 037E is the Greek one, 2047-2049 and 203D are ??, ?!, !? and ‽. Most keyboards write the Greek one
 * as a semicolon; one that ends an entity, or winks, is none.
 */
const ASKED = /[?？﹖¿؟՞፧⸮\u037e\u2047-\u2049\u203d]|(?<!&(?:amp|lt|gt));(?!-?\))/u;
/** Signs that turn the word round, or leave it open: `!LGTM`, `¬LGTM`, `≠ LGTM`, an empty box. */
const NEGATED = /[!¬≠∉]\s*lgtm|\[\s*\]|☐/iu;
/** Faces made of signs that are no smile: `:(`, `:-/`, `:|`, `>:(`, `):`. */
const FROWN = /[:=]-?[([{/\\|@<]|:&lt;|[)\]}]-?:(?!\w)/u;
/** Accents (a strike-through can be made of them) and bidirectional overrides: what is seen is not what is sent. */
const DISGUISED = /(?![\ufe0e\ufe0f\u20e3])\p{M}|[\u202d\u202e]/u;

/** Emoji that turn an LGTM into a doubt or a no; with one of them the message is no sign-off (R7: never by mistake). */
const DOUBT_EMOJI =
  /[👎❌❎✖✘✗☒☓⛔🚫🛑⚠❓❔⁉🤔🤨😕🙃🚧🙅🤷🤦⏸⏪⏮⏳⌛✋🚨🐛🆖🔙🔜🔴☹🙁😞😟😔😣😖😫😩😢😥😭😠😡😤😨😰😱😓😬😐😑😒🙄🤐🧐🫤🤢🤮💀☠🤡🙈]/u;
const DOUBT_NAMES = new RegExp(
  `:(?:${[
    "(?:no|not|non|nope|never|don'?t|stop|wait|hold|block|fail|broken|thinking|hmm|hourglass)[\\w+'-]*",
    "[\\w+'-]*(?:-no|question|shrug\\w*|facepalm\\w*|thumbs_?down|cross_mark|eyebrow)",
    '-1|x|heavy_multiplication_x|octagonal_sign|warning|interrobang|confused|upside_down_face|construction',
    'double_vertical_bar|raised_hand|hand|rotating_light|bug|ng|rewind|back|soon|black_left_pointing_double_triangle[\\w+-]*',
    '(?:disappointed|worried|(?:slightly_|white_)?frowning|pensive|persevere|confounded|tired|weary|cry|crying|sob|angry|rage|fearful|cold_sweat)[\\w+-]*',
    "(?:scream|sweat|grimacing|neutral|expressionless|unamused|(?:face_with_)?(?:rolling_eyes|roll_eyes|monocle|diagonal_mouth)|zipper_mouth)[\\w+'-]*",
    'nauseated_face|face_vomiting|skull[\\w+-]*|clown_face|see_no_evil|red_circle|leftwards_arrow_with_hook|[\\w+-]*(?:sad|cross)',
  ].join('|')}):`,
  'iu',
);

const DOUBTS = [QUOTED, ASKED, NEGATED, FROWN, DISGUISED, DOUBT_EMOJI, DOUBT_NAMES];
/** Letters and signs as East Asian keyboards write them. */
const FULL_WIDTH = /[\uff01-\uff5e]/g;

const THE_WORD = /lgtm/i;
/** What may stand beside the word: emoji, the entities Slack writes, and whatever is neither letter nor number. */
const ASIDE = [/:[\w+'-]+:/gu, /&(?:amp|lt|gt);/g, /[^\p{Alphabetic}\p{N}]+/gu];

/** What the reading goes by, as one text: where it is another one, messages may have been read otherwise. */
export const READ_BY = [...DOUBTS, FULL_WIDTH, THE_WORD, ...ASIDE].join(' ');

/**
 * R7: reads a message's text as Slack sends it (mrkdwn, `&gt;` for >). `lgtm` only when it says LGTM and nothing else: case,
 * punctuation and emoji aside; not a question, not a quote, not struck through, no doubting emoji, no second word.
 * A message that merely contains the word is a mention: the person is offered a button, nothing counts. When in doubt it is
 * a mention: asking once more is cheap. Whether the message carries a file or an edit is the caller's to know.
 */
export function readWord(sent: string): Said {
  const text = sent.replace(FULL_WIDTH, (letter) => letter.normalize('NFKC'));
  if (!THE_WORD.test(text)) return 'nothing';
  if (DOUBTS.some((doubt) => doubt.test(text))) return 'mentions';
  const bare = ASIDE.reduce((left, aside) => left.replace(aside, ' '), text).trim();
  return bare.toLowerCase() === 'lgtm' ? 'lgtm' : 'mentions';
}
