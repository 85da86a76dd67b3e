"""The rules, each a module; `pages` holds what `--explain` prints of them."""
