/** Ways to write where a request goes, as a vendor's quirk, a record or an attacker may write them: all of these mean loopback. */
export const LOOPBACK: readonly string[] = [
  // Parts left out, and one number.
  ...['127.0.0.1', '127.0.0.1.', '127.0.1', '127.1', '127.1.', '2130706433', '2130706433.'],
  // Hexadecimal and octal, whole and in parts, mixed, with zeros before them.
  ...['0x7f000001', '0X7F000001', '0x0000007f000001', '017700000001', '0000017700000001'],
  ...['0x7f.0.0.1', '0x7f.0x0.0x0.0x1', '0x7f.1', '0X7F.0.1', '0177.0.0.1', '0177.00.00.01', '0177.1'],
  ...['0177.0x0.0.01', '127.0x1', '127.0.0.0x1', '127.0x0.1', '127.0.0.01', '127.00.0x0.1'],
  // Percent signs, full-width and enclosed digits, full stops of other scripts.
  ...['%31%32%37.0.0.1', '127.0.0.%31', '127%2E0%2E0%2E1', '１２７.0.0.1', '①②⑦.⓪.⓪.①', '𝟏𝟐𝟕.0.0.1'],
  ...['127。0。0。1', '127．0．0．1', '127｡0｡0｡1', '０ｘ７ｆ.1'],
  // Other addresses of this machine.
  ...['127.0.0.2', '127.127.127.127', '127.255.255.254', '0x7f.255.255.254'],
  // IPv6, and IPv4 within it: mapped, compatible, translated, NAT64, 6to4.
  ...['[::1]', '[0:0:0:0:0:0:0:1]', '[0000:0000:0000:0000:0000:0000:0000:0001]', '[::0:1]', '[0::1]', '[::0.0.0.1]'],
  ...[
    '[::ffff:127.0.0.1]',
    '[::FFFF:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:7f00:0001]',
    '[::ffff:127.1.2.3]',
  ],
  ...['[::127.0.0.1]', '[::7f00:1]', '[::ffff:0:127.0.0.1]', '[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]'],
  ...['[2002:7f00:1::]', '[2002:7f00:0001::1]'],
  // Credentials before the host, which look like a host.
  ...['api.vendor.test@127.0.0.1', 'api.vendor.test:pw@2130706433', '@127.0.0.1', '127.0.0.9:1@0x7f.1'],
  ...['api.vendor.test%2f@127.0.0.1', 'a%40b@[::ffff:7f00:1]'],
  // Names, in any case and script, with soft hyphens and a dot at the end.
  ...['localhost', 'LocalHost', 'localhost.', 'LOCALHOST.', 'loc%61lhost', 'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ', 'ｌｏｃａｌｈｏｓｔ'],
  ...['lo\u00adcalhost', 'u:p@localhost', 'api.localhost'],
  // Names that DNS sends there.
  ...[
    'canary.test',
    'CANARY.test.',
    'mapped.test',
    'six.test',
    'zoned.test',
    'both.test',
    'bücher.test',
    'xn--bcher-kva.test',
  ],
];

/** These lead nowhere in any zone: metadata of clouds, link-local addresses, and what no server has. */
export const NEVER: readonly string[] = [
  ...['169.254.169.254', '169.254.169.254.', '169.254.43518', '2852039166', '0xa9fea9fe', '025177524776'],
  ...['0xa9.0xfe.0xa9.0xfe', '0251.0376.0251.0376', '①⑥⑨.②⑤④.①⑥⑨.②⑤④', '169。254。169。254', 'u:p@169.254.169.254'],
  ...[
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[::a9fe:a9fe]',
    '[::ffff:0:a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
  ],
  ...['[2002:a9fe:a9fe::]', '[fd00:ec2::254]', '[FD00:0EC2:0:0:0:0:0:0254]', '[fd20:ce::254]'],
  ...['169.254.170.2', '169.254.170.23', '100.100.100.200', '168.63.129.16', '192.0.0.192'],
  ...['metadata.google.internal', 'Metadata.Google.Internal.', 'metadata.goog', 'instance-data.ec2.internal'],
  ...['169.254.0.1', '169.254.255.255', '[fe80::1]', '[FE80:0:0:0::1]', '[febf::1]', 'link.test', 'cloud.test'],
  ...['0.0.0.0', '0', '0x0', '00', '0.1', '[::]', '[::ffff:0.0.0.0]', '0.255.255.255', 'zero.test'],
  ...['224.0.0.1', '239.255.255.255', '255.255.255.255', '0xffffffff', '240.0.0.1', '[ff02::1]', 'many.test'],
];

/** These are of private networks. */
export const PRIVATE: readonly string[] = [
  ...['10.0.0.1', '012.1', '0x0a000001', '167772161', '172.16.0.1', '172.31.255.255', '192.168.1.1', '0300.0250.1.1'],
  ...[
    '100.64.0.1',
    '[fc00::1]',
    '[fdff::1]',
    '[::ffff:10.0.0.1]',
    '[64:ff9b::10.0.0.1]',
    '[2002:a00:1::]',
    'inner.test',
  ],
];

/** Not even an address: no URL, or none of HTTP. */
export const NO_ADDRESS: readonly string[] = [
  ...[
    'http://[fe80::1%25eth0]/v1',
    'http://[::1%lo]/v1',
    'http://127.0.0.256/v1',
    'http://0x7g.1.2.3.4/v1',
    'http://1.2.3.4.5/v1',
  ],
  ...[
    'file:///etc/passwd',
    'unix:/run/engine.sock',
    'ftp://127.0.0.1/',
    'gopher://127.0.0.1/',
    '//127.0.0.1/v1',
    '127.0.0.1/v1',
    '',
  ],
];

/** What a resolver says of the names above. */
export const NAMES: Readonly<Record<string, readonly string[]>> = {
  localhost: ['127.0.0.1'],
  'api.localhost': ['127.0.0.1'],
  'canary.test': ['127.0.0.1'],
  'xn--bcher-kva.test': ['127.0.0.1'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'six.test': ['::1'],
  'zoned.test': ['::1%lo'],
  'both.test': ['127.0.0.1', '::1'],
  'link.test': ['fe80::1%eth0'],
  'cloud.test': ['169.254.169.254'],
  'zero.test': ['0.0.0.0'],
  'many.test': ['224.0.0.1'],
  'inner.test': ['10.0.0.1'],
};
