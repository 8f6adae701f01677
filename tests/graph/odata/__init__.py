"""Query options: text in, values or our one error out.

Owns: writing a value back as text (`rendering`), and made-up values (`made_up`), for round trips.
"""
