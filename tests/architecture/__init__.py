"""The house rules that a machine keeps: who imports whom, budgets, clock reads, catch-alls, a page at every door.

`modules` reads the sources, `rooms`, `budgets` and `effects` find what breaks a rule, `allowances` takes off what `allowed.toml`
excuses. Every finder is also fed code that breaks its rule, so that it cannot fall silent.
The code that is read is never imported.
"""
