/**
 * Flags for a Node process or thread that runs a module of this package: none from a build; from sources the condition by
 * which packages find each other's sources, which nobody else sets.
 */
export function sourceFlags(): string[] {
  return import.meta.url.endsWith('.ts') ? ['--conditions=smmf-source', '--disable-warning=ExperimentalWarning'] : [];
}
