import type { Command } from 'commander';

/** What a shell completes after one of our commands. */
interface Place {
  /** Words from `smmf` on: ``, `instance`, `instance drain`. */
  readonly path: string;
  readonly commands: readonly string[];
  readonly options: readonly string[];
  /** What its argument names: `models`, `instances`, `hosts`, `pulled`, `files`; empty where it takes none that is known. */
  readonly names: string;
}

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** A shell that completion is written for. */
export type Shell = (typeof SHELLS)[number];

/** Is completion written for this shell. */
export const isShell = (text: string): text is Shell => SHELLS.some((shell) => shell === text);

/** What arguments are called in our commands, and what they name. */
const NAMES: Readonly<Record<string, string>> = {
  model: 'models',
  id: 'instances',
  host: 'hosts',
  name: 'pulled',
  source: 'files',
  file: 'files',
};

function placesOf(command: Command, path = ''): Place[] {
  const commands = command.commands.filter((one) => !one.name().startsWith('_'));
  const own = {
    path,
    commands: commands.flatMap((one) => [one.name(), ...one.aliases()]),
    options: [...command.options.flatMap(({ long, hidden }) => (long && !hidden ? [long] : [])), '--help'],
    names: NAMES[command.registeredArguments[0]?.name() ?? ''] ?? '',
  };
  return [own, ...commands.flatMap((one) => placesOf(one, `${path} ${one.name()}`.trim()))];
}

/** A function of the shell that prints one thing of each place. */
function table(name: string, places: readonly Place[], of: (place: Place) => string): string {
  const rows = places.filter((place) => of(place) !== '').map((place) => `    '${place.path}') echo '${of(place)}' ;;`);
  return `${name}() {\n  case "$1" in\n${rows.join('\n')}\n  esac\n}`;
}

const BASH = `_smmf_complete() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} path= index word words names
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case " $(_smmf_commands "$path") " in *" $word "*) path="$path\${path:+ }$word" ;; esac
  done
  case "$before" in -c | --config | -o | --output) COMPREPLY=($(compgen -f -- "$current")); return ;; esac
  names=$(_smmf_names "$path")
  case "$current" in
    -*) words=$(_smmf_options "$path") ;;
    *)
      words=$(_smmf_commands "$path")
      case "$names" in
        '') ;;
        files) COMPREPLY=($(compgen -f -- "$current")) ;;
        *) words="$words $(smmf completion --names "$names" 2>/dev/null)" ;;
      esac
      ;;
  esac
  COMPREPLY+=($(compgen -W "$words" -- "$current"))
}`;

function bash(places: readonly Place[]): string {
  return [
    '# Completion of smmf for bash: source <(smmf completion bash)',
    table('_smmf_commands', places, ({ commands }) => commands.join(' ')),
    table('_smmf_options', places, ({ options }) => options.join(' ')),
    table('_smmf_names', places, ({ names }) => names),
    BASH,
    'complete -o filenames -o bashdefault -F _smmf_complete smmf',
  ].join('\n');
}

function zsh(places: readonly Place[]): string {
  const own = bash(places).split('\n').slice(1);
  const head = '#compdef smmf\n# Completion of smmf for zsh: source <(smmf completion zsh)';
  return [head, 'autoload -Uz +X bashcompinit && bashcompinit', ...own].join('\n');
}

const FISH = `function __smmf_path
  set -l place ''
  for word in (commandline -opc)[2..]
    if contains -- $word (string split ' ' -- (__smmf_commands $place))
      set place (string trim -- "$place $word")
    end
  end
  echo $place
end
function __smmf_words
  set -l place (__smmf_path)
  string split -n ' ' -- (__smmf_commands $place)
  string split -n ' ' -- (__smmf_options $place)
  set -l names (__smmf_names $place)
  switch "$names"
    case ''
    case files
      __fish_complete_path (commandline -ct)
    case '*'
      smmf completion --names $names 2>/dev/null
  end
end`;

function fish(places: readonly Place[]): string {
  const fishTable = (name: string, of: (place: Place) => string): string => {
    const rows = places
      .filter((place) => of(place) !== '')
      .map((place) => `    case '${place.path}'\n      echo '${of(place)}'`);
    return `function ${name}\n  switch "$argv[1]"\n${rows.join('\n')}\n  end\nend`;
  };
  return [
    '# Completion of smmf for fish: smmf completion fish | source',
    fishTable('__smmf_commands', ({ commands }) => commands.join(' ')),
    fishTable('__smmf_options', ({ options }) => options.join(' ')),
    fishTable('__smmf_names', ({ names }) => names),
    FISH,
    "complete -c smmf -f -a '(__smmf_words)'",
  ].join('\n');
}

/** A script that makes a shell complete the commands, options and names of `program`. */
export function completionScript(shell: Shell, program: Command): string {
  const writers = { bash, zsh, fish };
  return writers[shell](placesOf(program));
}
