import { knownSecrets } from './known-secrets.ts';

const SHOWN = '[secret]';

/** Words that follow "token:" or "bearer" in a sentence and are no credential. */
const WORDS = [
  'a an and are auth authentication authorization basic bearer check credential credentials denied digest',
  'empty error expected expired failed for format from given has header incorrect invalid is key keys limit',
  'missing must no none not null of or please provide provided realm rejected required revoked scheme see',
  'set should string the token tokens true false undefined unknown use was with wrong \\d{1,7}',
].join(' ');
const PROSE = `(?!(?:${WORDS.replaceAll(' ', '|')})(?![\\w-]))`;
const VALUE = `(?:"[^"]{1,512}"?|'[^']{1,512}'?|[^\\s"',;&<>)\\]}]+)`;
/** No word of a sentence: long, or with a digit or a sign in it. */
const CRYPTIC = `[^\\s"',;<>]{16}|[^\\s"',;<>]{0,15}[\\d_~+/=]`;
const NAMES =
  '(?:api[-_ ]?key|access[-_ ]?key|auth[-_ ]?key|account[-_ ]?key|private[-_ ]?key|subscription[-_ ]?key|secret|passw(?:or)?d|pwd|authorization|credential|signature|token)';

/** Shapes of credentials in foreign texts. Each takes linear time: bounded repeats, none inside or beside another. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[^-]{0,8192}(?:-----END [A-Z ]{0,32}PRIVATE KEY-----)?/g, SHOWN],
  [/:\/\/[^\s/?#"'<>]{1,512}@/g, `://${SHOWN}@`],
  [/([?&](?:key|code|sig|pass|pwd|auth|jwt)=)[^&\s"'<>#]+/gi, `$1${SHOWN}`],
  [new RegExp(`(${NAMES}(?!s\\b)[\\w-]{0,30}["']?\\s{0,3}[:=]\\s{0,3})${PROSE}${VALUE}`, 'gi'), `$1${SHOWN}`],
  [/(authorization["']?\s{0,3}[:=]\s{0,3}(?:bearer|basic|digest|token)\s{1,3})[^\s"',;<>]+/gi, `$1${SHOWN}`],
  [new RegExp(`\\b(bearer|basic)\\s{1,8}${PROSE}(?=${CRYPTIC})[^\\s"',;<>]{6,}`, 'gi'), `$1 ${SHOWN}`],
  // Prefixes that vendors give their keys.
  [
    /(?<![A-Za-z0-9])(?:sk|rk|xai|gsk|csk|pplx|nvapi|glpat|github_pat|gh[opsur]|xox[a-z]|dapi|tgp|fw|r8)[-_][\w-]{10,}/g,
    SHOWN,
  ],
  [/(?<![A-Za-z0-9])(?:sk|pk|hf|key|tok)[-_](?=[A-Za-z_-]{0,64}\d)[\w-]{8,}/gi, SHOWN],
  [/(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{12,}/g, SHOWN],
  [/(?<![A-Za-z0-9])(?:AIza|ya29\.|hf_)[\w-]{20,}/g, SHOWN],
  [/(?<![A-Za-z0-9])eyJ[\w-]{8,}(?:\.[\w-]{1,4096}){0,4}/g, SHOWN],
  // Keys without a shape of their own, told by the words before them.
  [
    /((?:key|token|secret|credential|password)s?\b[^\n]{0,24}?\s["'`]?)(?=[A-Za-z]{0,64}\d)[A-Za-z0-9]{24,}/gi,
    `$1${SHOWN}`,
  ],
];

/**
 * A text without the secrets of this process: each {@link Secret} of 8 characters and more that is alive, as it stands and as
 * it looks in JSON, in a URL and in base64. For texts of our own, whose words are to stay.
 */
export function redactKnown(text: string): string {
  const { any, each } = knownSecrets();
  return any.test(text) ? text.replace(each, SHOWN) : text;
}

/**
 * A foreign text (an engine's, a vendor's, a process's) without credentials: what {@link redactKnown} takes out, and whatever
 * looks like a key. For clients and for the log alike.
 */
export function redact(text: string): string {
  return SHAPES.reduce((shown, [shape, replacement]) => shown.replace(shape, replacement), redactKnown(text));
}
